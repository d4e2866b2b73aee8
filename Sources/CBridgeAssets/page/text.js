// Words, numbers and dates as the reader knows them.

import { words as english } from "./words-en.js";
import { words as portuguese } from "./words-pt-br.js";

const key = "botstats.language";
const languages = { en: english, "pt-BR": portuguese };
const unknown = "–";
let language = "en";
let locale = "en";

/** The language in use: what was chosen here before, else the browser's, else English. */
export function preferredLanguage() {
  const chosen = localStorage.getItem(key);
  if (chosen in languages) return chosen;
  const spoken = navigator.languages.map((name) => name.slice(0, 2));
  const known = spoken.find((name) => name === "en" || name === "pt");
  return known === "pt" ? "pt-BR" : "en";
}

/** Speaks a language from here on. */
export function setLanguage(name) {
  language = name;
  // English has its numbers and dates the way of the reader's own country.
  locale = navigator.languages.find((tag) => tag.startsWith(name)) ?? name;
  formats.clear();
  document.documentElement.lang = name;
  for (const node of document.querySelectorAll("[data-text]")) {
    node.textContent = text(node.dataset.text);
  }
}

/** Speaks a language from here on, in later visits too. */
export function chooseLanguage(name) {
  localStorage.setItem(key, name);
  setLanguage(name);
}

/** Words by name, with values in the places of {0}, {1} … */
export function text(name, ...values) {
  return languages[language][name].replace(/\{(\d)\}/g, (_, index) => values[Number(index)]);
}

/** What a refusal says, in the reader's language as far as it is known what it is. */
export function reason({ code, message }) {
  return code in languages[language] ? text(code) : text("refused", message);
}

const formats = new Map();

/** A formatter; making one takes longer than using it. */
function formatter(Kind, options) {
  const name = Kind.name + JSON.stringify(options);
  if (!formats.has(name)) formats.set(name, new Kind(locale, options));
  return formats.get(name);
}

const numberFormat = (options) => formatter(Intl.NumberFormat, options);
/** An answer's dates are local already; they are written as they are, in whatever zone. */
const dateFormat = (options) => formatter(Intl.DateTimeFormat, { ...options, timeZone: "UTC" });

const known = (format) => (value) => (value ?? null) === null ? unknown : format(value);

/** A count or a mean. */
export const number = known((value) =>
  numberFormat({ maximumFractionDigits: value < 100 ? 2 : 0 }).format(value));

/** A fraction as per cent. */
export const percent = known((value) =>
  numberFormat({ style: "percent", maximumFractionDigits: 1 }).format(value));

/** A change against an earlier period, with its sign. */
export const change = known((value) => numberFormat({
  style: "percent", maximumFractionDigits: Math.abs(value) < 1 ? 1 : 0, signDisplay: "exceptZero",
}).format(value));

/** Seconds in the units that fit. */
export const duration = known((seconds) => {
  const unit = (value, name, digits = 0) => numberFormat({
    style: "unit", unit: name, unitDisplay: "narrow", maximumFractionDigits: digits,
  }).format(value);
  if (seconds < 1) return unit(seconds, "second", 2);
  if (seconds < 60) return unit(seconds, "second", seconds < 10 ? 1 : 0);
  const whole = Math.round(seconds);
  const pair = (size, name, smaller, smallerName) => {
    const rest = Math.floor(whole % size / smaller);
    const most = unit(Math.floor(whole / size), name);
    return rest > 0 ? `${most} ${unit(rest, smallerName)}` : most;
  };
  if (whole < 3600) return pair(60, "minute", 1, "second");
  if (whole < 86_400) return pair(3600, "hour", 60, "minute");
  return unit(Math.floor(whole / 86_400), "day");
});

/** A date, such as 2025-01-06. */
export const date = (label) =>
  dateFormat({ dateStyle: "medium" }).format(new Date(`${label}T00:00Z`));

/** The local time of day of an instant with offset. */
export const timeOfDay = (instant) =>
  dateFormat({ timeStyle: "medium" }).format(new Date(`${instant.slice(0, 19)}Z`));

/**
 * The label of a bucket in full, and short for an axis; `isLong` says whether the axis has more
 * days than a reader could tell apart by the hour.
 */
export function bucketNames(label, group, isLong) {
  const day = { day: "numeric", month: "short" };
  const hour = { hour: "numeric", minute: "2-digit" };
  const [long, short] = {
    hour: [{ ...day, ...hour, year: "numeric" }, isLong ? { ...day, hour: "numeric" } : hour],
    day: [{ ...day, weekday: "short", year: "numeric" }, day],
    week: [{ ...day, year: "numeric" }, day],
    month: [{ month: "long", year: "numeric" }, { month: "short", year: "numeric" }],
  }[group];
  // Of a month the first day, of a day the first hour.
  const moment = new Date(`${label}${{ hour: "", month: "-01T00:00" }[group] ?? "T00:00"}Z`);
  return { long: dateFormat(long).format(moment), short: dateFormat(short).format(moment) };
}
