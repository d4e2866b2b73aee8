// What is shown of a view's figures: the overview and the panels below it.

import { chart } from "./chart.js";
import { element } from "./dom.js";
import { bars, comparison, facts, figure, heatMap, highestRate, stack, table, tiles } from "./tables.js";
import { bucketNames, date, duration, number, percent, text } from "./text.js";
import { datesOf, previousRange } from "./view.js";

/** The range that is shown, and the one it is compared with. */
export function rangeText(view, meta) {
  const { first, last } = datesOf(meta);
  const shown = text("rangeOf", date(first), date(last), meta.timezone);
  const before = previousRange(view, meta);
  if (before === null) return shown;
  return `${shown} · ${text("comparedWith", date(before.start_date), date(before.end_date.slice(0, 10)))}`;
}

/** The key figures, each with its change. */
export async function overview(figures) {
  const [usage, conversations] = await Promise.all([figures.totals("/usage"), figures.totals("/conversations")]);
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
  const shown = await rowsChart(figures, path, title, [["conversations", "conversations"]], "conversations");
  const { peak } = await figures.rows(path);
  return [shown, peak && element("p", { class: "quiet" }, text("peakAt", bucketNames(peak.start.slice(0, 16), "hour").long, number(peak.conversations)))];
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
  const labels = answer.histogram.map(({ from_seconds: from, to_seconds: to }) => {
    const long = to === null
      ? text("durationBeyond", duration(from)) : text("durationRange", duration(from), duration(to));
    return { long, short: `≥ ${duration(from)}` };
  });
  const values = answer.histogram.map((row) => row.conversations);
  const shown = chart({
    title: text("conversationsByDuration"), head: title, labels, isWhole: true,
    series: [{ name: text("conversations"), kind: "bar", values }],
  });
  const { percentiles: all, first_response_seconds: first, response_seconds: each } = answer;
  const row = (name, of, mean) =>
    [name, ...[mean, of.p50, of.p75, of.p90, of.p95, of.p99].map((one) => (one === undefined ? "" : figure(one, duration)))];
  return [
    shown,
    stack(
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": text("percentiles") },
        table(text("percentiles"), ["", text("mean"), "p50", "p75", "p90", "p95", "p99"], [
          row(text("ofConversations"), all, answer.avg_duration_seconds),
          row(text("ofFirstResponse"), first, first.avg), row(text("ofResponse"), each, each.avg),
        ])),
      element("p", { class: "quiet" },
        text("measured", number(answer.measured_conversations), percent(answer.relative_error)))),
  ];
}

async function outcomes(figures, title) {
  const answer = await figures.rows("/conversations/resolution");
  const entries = Object.entries(answer.outcomes);
  if (entries.every(([, count]) => count === 0)) return [element("p", { class: "empty" }, text("nothing"))];
  return [
    bars(title, [text("outcome"), text("conversations")], entries.map(([name, count]) => [text(name), count])),
    facts([
      ["resolutionRate", answer.resolution_rate], ["escalationRate", answer.escalation_rate],
      ["containmentRate", answer.containment_rate], ["abandonmentRate", answer.abandonment_rate],
      ["reopenRate", answer.reopen_rate], ["outcomeCoverage", answer.outcome_coverage],
    ].map(([name, rate]) => [text(name), figure(rate, percent)])),
  ];
}

async function satisfaction(figures, title) {
  const answer = await figures.rows("/engagement/satisfaction");
  if (answer.responses === 0) return [element("p", { class: "empty" }, text("nothing"))];
  const ratings = [5, 4, 3, 2, 1].map((stars) => ["★".repeat(stars), answer.distribution[stars]]);
  return [
    stack(
      facts([
        [text("csat"), figure(answer.csat_score, percent)], [text("averageRating"), figure(answer.average_rating)],
        [text("responses"), figure(answer.responses)], [text("responseRate"), figure(answer.response_rate, percent)],
      ]),
      bars(title, [text("rating"), text("responses")], [
        ...ratings, [text("thumbsUp"), answer.thumbs.up], [text("thumbsDown"), answer.thumbs.down],
      ])),
    chart({
      title: text("satisfactionOverTime"), labels: labelsOf(answer), format: percent, top: 1,
      series: [{ name: text("csat"), kind: "line", values: answer.data.map((row) => row.csat_score) }],
    }),
  ];
}

async function channels(figures, title) {
  const { by_channel, by_bot } = await figures.rows("/conversations/volume");
  if (by_channel.length === 0) return [element("p", { class: "empty" }, text("nothing"))];
  const columns = [text("conversations"), text("messages")];
  const ranking = (caption, name, rows) => bars(caption, [name, ...columns],
    rows.map((row) => [row.channel ?? row.bot_id, row.conversations, row.messages]));
  return [
    ranking(title, text("channel"), by_channel),
    by_bot.length > 1 ? ranking(text("bots"), text("bot"), by_bot.slice(0, 10)) : null,
  ];
}

async function retention(figures, title) {
  const answer = await figures.retention();
  const { group_by } = answer.meta;
  const cohorts = answer.data.filter((row) => row.users > 0);
  if (cohorts.length === 0) return [element("p", { class: "empty" }, text("nothing"))];
  const hint = { day: "retentionOfDay", week: "retentionOfWeek", month: "retentionOfMonth" }[group_by];
  const notes = [
    answer.partial.length > 0 ? `* ${text("incomplete")}.` : "",
    cohorts.length < answer.data.length ? text("emptyCohorts") : "",
  ];
  return [
    element("p", { class: "quiet" }, text(hint, percent(highestRate(cohorts)))),
    heatMap(title, { ...answer, data: cohorts }, (label) => bucketNames(label, group_by).long),
    element("p", { class: "quiet" }, notes.join(" ")),
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
