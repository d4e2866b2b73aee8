// What is shown of a view's figures: the overview and the panels below it.

import { chart } from "./chart.js";
import { element } from "./dom.js";
import {
  bars, comparison, facts, figure, heatMap, highestRate, scrolling, stack, table, tiles,
} from "./tables.js";
import { bucketNames, date, duration, number, percent, text } from "./text.js";
import { datesOf, previousRange } from "./view.js";

/** How many bots are ranked. */
const botMaximum = 10;
const quiet = (sentence) => element("p", { class: "quiet" }, sentence);
const nothing = () => element("p", { class: "empty" }, text("nothing"));

/** The range that is shown, and the one it is compared with. */
export function rangeText(view, meta) {
  const { first, last } = datesOf(meta);
  const shown = text("rangeOf", date(first), date(last), meta.timezone);
  const before = previousRange(view, meta);
  if (before === null) return shown;
  const [from, to] = [before.start_date, before.end_date].map((one) => date(one.slice(0, 10)));
  return `${shown} · ${text("comparedWith", from, to)}`;
}

/** The key figures, each with its change. */
export async function overview(figures) {
  const [usage, conversations] = await Promise.all(
    ["/usage", "/conversations"].map((path) => figures.totals(path)));
  const tile = (answer, name, label, format) =>
    [text(label), figure(answer[name], format), comparison(answer, name, format)];
  const shown = tiles([
    tile(usage, "total_conversations", "conversations"),
    tile(usage, "total_messages", "messages"),
    tile(usage, "active_users", "activeUsers"),
    tile(usage, "new_users", "newUsers"),
    tile(conversations, "resolution_rate", "resolutionRate", percent),
    tile(conversations, "csat_score", "csat", percent),
    tile(conversations, "median_duration_seconds", "medianDuration", duration),
    tile(conversations, "avg_first_response_seconds", "firstResponse", duration),
  ]);
  if (usage.total_messages > 0) return [shown];
  return [element("p", { class: "notice" }, text("nothingAtAll")), shown];
}

/** The labels of an answer's rows. */
function labelsOf({ data, meta }) {
  const isLong = data.length > 49;
  return data.map((row) => ({
    ...bucketNames(row.date, meta.group_by, isLong), isPartial: !row.complete,
  }));
}

/** A chart of rows' members, stacked, and of one member in the period before. */
async function rowsChart(figures, path, title, members, total) {
  const [answer, before] = await Promise.all([figures.rows(path), figures.rowsBefore(path)]);
  const series = members.map(([name, label]) => ({
    name: text(label), kind: "bar", values: answer.data.map((row) => row[name]),
  }));
  const rows = before?.data.slice(0, answer.data.length) ?? [];
  // A line along the axis would say no more than the overview.
  if (rows.some((row) => row[total] > 0)) {
    series.push({
      name: text("previousPeriod"), kind: "previous", values: rows.map((row) => row[total]),
      notes: labelsOf({ data: rows, meta: before.meta }).map(({ long }) => long),
    });
  }
  return chart({ title, labels: labelsOf(answer), series, isWhole: true });
}

async function conversations(figures, title) {
  const path = "/conversations/volume";
  const members = [["conversations", "conversations"]];
  const shown = await rowsChart(figures, path, title, members, "conversations");
  const { peak } = await figures.rows(path);
  if (peak === null) return [shown];
  const hour = bucketNames(peak.start.slice(0, 16), "hour").long;
  return [shown, quiet(text("peakAt", hour, number(peak.conversations)))];
}

async function messages(figures, title) {
  const members = [["incoming_messages", "incoming"], ["outgoing_messages", "outgoing"]];
  return [await rowsChart(figures, "/conversations/volume", title, members, "messages")];
}

async function users(figures, title) {
  const members = [["returning_users", "returningUsers"], ["new_users", "newUsers"]];
  const shown = await rowsChart(figures, "/engagement", title, members, "active_users");
  const answer = await figures.rows("/engagement");
  return [shown, facts([
    [text("dau"), figure(answer.dau)], [text("wau"), figure(answer.wau)],
    [text("mau"), figure(answer.mau)], [text("stickiness"), figure(answer.stickiness, percent)],
  ])];
}

async function durations(figures, title) {
  const answer = await figures.rows("/conversations/duration");
  const labels = answer.histogram.map((row) => {
    const [from, to] = [row.from_seconds, row.to_seconds].map(duration);
    const isLast = row.to_seconds === null;
    const long = isLast ? text("durationBeyond", from) : text("durationRange", from, to);
    return { long, short: `≥ ${from}` };
  });
  const values = answer.histogram.map((row) => row.conversations);
  const shown = chart({
    title: text("conversationsByDuration"), head: title, labels, isWhole: true,
    series: [{ name: text("conversations"), kind: "bar", values }],
  });
  const { percentiles: all, first_response_seconds: first, response_seconds: each } = answer;
  const parts = ["p50", "p75", "p90", "p95", "p99"];
  // Not all parts are known of all durations.
  const row = (name, of, mean) => [name, figure(mean, duration),
    ...parts.map((part) => (part in of ? figure(of[part], duration) : ""))];
  const percentiles = table(text("percentiles"), ["", text("mean"), ...parts], [
    row(text("ofConversations"), all, answer.avg_duration_seconds),
    row(text("ofFirstResponse"), first, first.avg),
    row(text("ofResponse"), each, each.avg),
  ]);
  const { measured_conversations: count, relative_error: bound } = answer;
  const note = quiet(text("measured", number(count), percent(bound)));
  return [shown, stack(scrolling(text("percentiles"), "", percentiles), note)];
}

async function outcomes(figures, title) {
  const answer = await figures.rows("/conversations/resolution");
  const entries = Object.entries(answer.outcomes);
  if (entries.every(([, count]) => count === 0)) return [nothing()];
  return [
    bars(title, [text("outcome"), text("conversations")],
      entries.map(([name, count]) => [text(name), count])),
    facts([
      ["resolutionRate", answer.resolution_rate], ["escalationRate", answer.escalation_rate],
      ["containmentRate", answer.containment_rate], ["abandonmentRate", answer.abandonment_rate],
      ["reopenRate", answer.reopen_rate], ["outcomeCoverage", answer.outcome_coverage],
    ].map(([name, rate]) => [text(name), figure(rate, percent)])),
  ];
}

async function satisfaction(figures, title) {
  const answer = await figures.rows("/engagement/satisfaction");
  if (answer.responses === 0) return [nothing()];
  const ratings = [5, 4, 3, 2, 1].map((stars) => ["★".repeat(stars), answer.distribution[stars]]);
  return [
    stack(
      facts([
        [text("csat"), figure(answer.csat_score, percent)],
        [text("averageRating"), figure(answer.average_rating)],
        [text("responses"), figure(answer.responses)],
        [text("responseRate"), figure(answer.response_rate, percent)],
      ]),
      bars(title, [text("rating"), text("responses")], [
        ...ratings, [text("thumbsUp"), answer.thumbs.up], [text("thumbsDown"), answer.thumbs.down],
      ])),
    chart({
      title: text("satisfactionOverTime"), labels: labelsOf(answer), format: percent, top: 1,
      series: [
        { name: text("csat"), kind: "line", values: answer.data.map((row) => row.csat_score) },
      ],
    }),
  ];
}

async function channels(figures, title) {
  const { by_channel, by_bot } = await figures.rows("/conversations/volume");
  if (by_channel.length === 0) return [nothing()];
  const columns = [text("conversations"), text("messages")];
  const ranking = (caption, name, rows) => bars(caption, [name, ...columns],
    rows.map((row) => [row.channel ?? row.bot_id, row.conversations, row.messages]));
  return [
    ranking(title, text("channel"), by_channel),
    by_bot.length > 1 ? ranking(text("bots"), text("bot"), by_bot.slice(0, botMaximum)) : null,
  ];
}

async function retention(figures, title) {
  const answer = await figures.retention();
  const { group_by } = answer.meta;
  const cohorts = answer.data.filter((row) => row.users > 0);
  if (cohorts.length === 0) return [nothing()];
  const hints = { day: "retentionOfDay", week: "retentionOfWeek", month: "retentionOfMonth" };
  const notes = [
    answer.partial.length > 0 ? `* ${text("incomplete")}.` : "",
    cohorts.length < answer.data.length ? text("emptyCohorts") : "",
  ];
  return [
    quiet(text(hints[group_by], percent(highestRate(cohorts)))),
    heatMap(title, { ...answer, data: cohorts }, (label) => bucketNames(label, group_by).long),
    quiet(notes.join(" ")),
  ];
}

/** The panels: each with a function from figures to what it holds, and the classes it has. */
export const panels = [
  { name: "conversations", shape: "wide", load: conversations },
  { name: "messages", shape: "", load: messages },
  { name: "users", shape: "", load: users },
  { name: "durations", shape: "wide split", load: durations },
  { name: "outcomes", shape: "", load: outcomes },
  { name: "channels", shape: "", load: channels },
  { name: "satisfaction", shape: "wide split", load: satisfaction },
  { name: "retention", shape: "wide", load: retention },
];
