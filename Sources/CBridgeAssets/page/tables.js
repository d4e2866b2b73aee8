// Tables, tiles, bars in tables, and the heat map of retention.

import { element } from "./dom.js";
import { change, number, percent, text } from "./text.js";

/** A figure: written for people, with the API's own value beside it. */
export const figure = (value, format = number) =>
  element("data", { value: String(value ?? "") }, format(value));

/** A list of figures: [name, value, note], each part text or an element; a note may be null. */
export function tiles(entries) {
  return element("dl", { class: "tiles" }, ...entries.map(([name, value, note]) =>
    element("div", null,
      element("dt", null, name),
      element("dd", { class: "value" }, value),
      note && element("dd", { class: "note" }, note))));
}

/** What a figure was in the period before: a note for a tile. */
export function comparison(answer, name, format = number) {
  const before = answer.previous?.[name];
  if (before === null || before === undefined) return text("noChange");
  const by = answer.change[name];
  return element("span", null,
    by === null ? null : element("span", { class: "change" }, figure(by, change)),
    element("span", null, text("before", format(before))));
}

const header = (columns) => element("thead", null,
  element("tr", null, ...columns.map((name) => element("th", { scope: "col" }, name))));

/** A table; the first cell of a row names it. */
export function table(caption, columns, rows) {
  return element("table", null,
    element("caption", { class: "unseen" }, caption),
    header(columns),
    element("tbody", null, ...rows.map(([first, ...rest]) => element("tr", null,
      element("th", { scope: "row" }, first),
      ...rest.map((cell) => element("td", null, cell))))));
}

/** A place that scrolls where what is in it is larger, by keys, too. */
export const scrolling = (title, kind, content) => element("div",
  { class: `scroll ${kind}`, tabindex: "0", role: "region", "aria-label": title }, content);

/** A table with a bar for each row: [name, value, further figures …]. */
export function bars(caption, columns, rows, format = number) {
  const most = Math.max(...rows.map(([, value]) => value ?? 0));
  const made = table(caption, columns, rows.map(([name, value, ...rest]) => [
    name, figure(value, format), ...rest.map((one) => figure(one)),
  ]));
  made.classList.add("barred");
  made.querySelectorAll("tbody tr").forEach((row, index) => {
    const bar = element("span", { class: "bar", "aria-hidden": "true" });
    bar.style.setProperty("--share", most > 0 ? (rows[index][1] ?? 0) / most : 0);
    row.firstChild.append(bar);
  });
  return made;
}

/** Several things below each other. */
export const stack = (...parts) => element("div", { class: "stack" }, ...parts);

/** A list of figures without much room: [name, value element]. */
export const facts = (entries) => element("dl", { class: "facts" },
  ...entries.map(([name, value]) =>
    element("div", null, element("dt", null, name), element("dd", null, value))));

/** The highest rate of cohorts after their own bucket, where it is 1. */
export const highestRate = (cohorts) =>
  Math.max(...cohorts.flatMap(({ rates }) => rates.slice(1)));

/** The heat map of retention: a row for each cohort, a column for each period after it. */
export function heatMap(title, { data, partial, average }, name) {
  const most = highestRate(data);
  const running = new Set(partial.map(({ cohort, period }) => `${cohort} ${period}`));
  const cell = (rate, isRunning) => {
    if (rate === null) return element("td", null);
    const level = most > 0 ? Math.ceil(rate / most * 10) : 0;
    return element("td", { class: `heat-${level}` }, figure(rate, percent),
      isRunning ? element("span", { class: "unseen" }, ` (${text("incomplete")})`) : null,
      isRunning ? element("span", { "aria-hidden": "true" }, "*") : null);
  };
  const row = (kind, first, users, cells) => element("tr", { class: kind },
    element("th", { scope: "row" }, first), element("td", null, users), ...cells);
  const columns = average.slice(1).map((_, index) => text("periodAfter", index + 1));
  const averages = average.slice(1).map((rate) =>
    element("td", null, rate === null ? null : figure(rate, percent)));
  const rows = data.map(({ cohort, users, rates }) => row("", name(cohort), figure(users),
    rates.slice(1).map((rate, index) => cell(rate, running.has(`${cohort} ${index + 1}`)))));
  return scrolling(title, "tall", element("table", { class: "heat" },
    element("caption", { class: "unseen" }, title),
    header([text("cohort"), text("users"), ...columns]),
    element("tbody", null, row("average", text("average"), "", averages), ...rows)));
}
