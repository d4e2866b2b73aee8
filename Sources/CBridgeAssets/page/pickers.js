// The pickers: what can be picked, what is.

import { byID, element } from "./dom.js";
import { text } from "./text.js";
import { datesOf } from "./view.js";

const presets = [
  ...["today", "week", "month", "year"].map((name) => `period=${name}`),
  ...[7, 30, 90, 365].map((count) => `days=${count}`),
];
const standard = "days=30";
const other = "other";
/** Dates are picked when nobody has typed for so many milliseconds. */
const typingPause = 800;
const form = byID("pickers");
const fields = form.elements;
/** The bots and channels that can be picked. */
let offered = { bots: [], channels: [] };
const groups = [
  ["hour", "groupHour"], ["day", "groupDay"], ["week", "groupWeek"], ["month", "groupMonth"],
];

/** Offers entries, [value, label]; a value that is none of them is one of its own. */
function setOptions(select, entries, value = "") {
  const all = entries.some(([known]) => known === value) ? entries : [...entries, [value, value]];
  // One that is open stays open where nothing is new.
  const names = JSON.stringify(all);
  if (names !== select.dataset.entries) {
    select.replaceChildren(...all.map(([key, label]) => element("option", { value: key }, label)));
    select.dataset.entries = names;
  }
  select.value = value;
}

const named = (names) => names.map((name) => [name, name]);

function rangeOf({ days, period, start_date, end_date }) {
  if (start_date || end_date) return "custom";
  if (period) return `period=${period}`;
  return days ? `days=${days}` : standard;
}

function rangeName(range) {
  const [kind, value] = range.split("=");
  if (kind === "custom") return text("custom");
  if (kind === "days") return text("days", value);
  // The API refuses another one.
  return presets.includes(range) ? text(value) : value;
}

/** Shows a view. What there is to choose from in it comes later: see `offer`. */
export function showPickers(view) {
  showOffer(view);
  const range = rangeOf(view);
  const ranges = [...new Set([...presets, "custom", range])];
  setOptions(fields.range, ranges.map((name) => [name, rangeName(name)]), range);
  showGroups(view, text("automatic"));
  showZones(view, text("daemonZone"));
  showDates(view);
}

function showGroups(view, automatic) {
  const names = groups.map(([name, label]) => [name, text(label)]);
  setOptions(fields.group_by, [["", automatic], ...names], view.group_by);
}

function showZones(view, standard) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [...new Set([own, "UTC", ...Intl.supportedValuesOf("timeZone")])];
  setOptions(fields.timezone, [["", standard], ...named(zones)], view.timezone);
}

function showDates({ start_date, end_date }) {
  const isCustom = fields.range.value === "custom";
  for (const label of form.querySelectorAll(".date")) label.hidden = !isCustom;
  fields.start_date.disabled = fields.end_date.disabled = !isCustom;
  setDate(fields.start_date, start_date);
  setDate(fields.end_date, end_date);
}

/** Shows a date. A field that shows it already keeps what is half typed. */
function setDate(field, value) {
  if (value && field.value !== value) field.value = value;
}

/** Offers the bots and channels that there are, and says what an answer's `meta` has resolved. */
export function offer(view, bots, channels, meta) {
  offered = { bots, channels };
  showOffer(view);
  const { first, last } = datesOf(meta);
  // Where other dates are picked, these are what the reader starts from.
  if (!view.start_date) {
    setDate(fields.start_date, first);
    setDate(fields.end_date, last);
  }
  if (!view.timezone) showZones(view, `${text("daemonZone")} (${meta.timezone})`);
  const [, group] = groups.find(([name]) => name === meta.group_by);
  if (!view.group_by) showGroups(view, `${text("automatic")} (${text(group)})`);
}

/** Forgets what was offered: another credential may see others. */
export function forgetOffer() {
  offered = { bots: [], channels: [] };
}

function showOffer(view) {
  const known = offered.bots.filter((bot) => bot !== view.bot_id);
  const bots = named(view.bot_id ? [view.bot_id, ...known] : known);
  const last = [other, text("otherBot")];
  setOptions(fields.bot_id, [["", text("allBots")], ...bots, last], view.bot_id);
  byID("other-bot").hidden = fields.other_bot.disabled = true;
  const channels = named(offered.channels);
  setOptions(fields.channel, [["", text("allChannels")], ...channels], view.channel);
}

/** The view that the pickers show; null while it is not finished. */
function pickedView() {
  if (!form.checkValidity()) return null;
  const values = Object.fromEntries(new FormData(form));
  const { range, other_bot, bot_id, ...view } = values;
  view.bot_id = bot_id === other ? other_bot : bot_id;
  if (range !== "custom" && range !== standard) {
    const [name, value] = range.split("=");
    view[name] = value;
  }
  return view;
}

/** Calls back with each view that is picked. */
export function onPick(picked) {
  form.addEventListener("submit", (event) => event.preventDefault());
  const pick = () => {
    const view = pickedView();
    if (view !== null) picked(view);
  };
  let typing = 0;
  form.addEventListener("change", ({ target }) => {
    clearTimeout(typing);
    if (target === fields.bot_id && fields.bot_id.value === other) {
      byID("other-bot").hidden = fields.other_bot.disabled = false;
      fields.other_bot.required = true;
      fields.other_bot.focus();
      return;
    }
    if (target === fields.range) showDates({});
    // A date changes with each part of it that is typed.
    if (target.type === "date") typing = setTimeout(pick, typingPause);
    else if (target.reportValidity()) pick();
  });
}
