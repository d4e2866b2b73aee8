// What is picked: a view. It stands in the page's address under the API's own names, so that it can
// be kept, passed on, and gone back to.

const names = [
  "bot_id", "channel", "days", "period", "start_date", "end_date", "group_by", "timezone",
];
const day = 86_400_000;

/** The view of the page's address. */
export function readView() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries([...query].filter(([name, value]) => names.includes(name) && value));
}

/** Makes a view the page's address, a step forward in the browser's history. */
export function writeView(view) {
  const query = new URLSearchParams();
  for (const name of names) if (view[name]) query.set(name, view[name]);
  const text = query.toString();
  history.pushState(null, "", location.pathname + (text ? `?${text}` : ""));
}

/** The API's parameters of a view, but for `group_by`. */
export function parametersOf({ group_by: _, ...rest }) {
  return rest;
}

/** The parameters that live figures have. */
export const liveParametersOf = ({ bot_id, channel }) => ({ bot_id, channel });

/** The first and the last date of an answer's range. */
export function datesOf(meta) {
  return { first: meta.start.slice(0, 10), last: addDays(meta.end.slice(0, 10), -1) };
}

/** Whether an answer's range is still running. */
export function isRunning(meta) {
  const [start, now, end] = [meta.start, meta.generated_at, meta.end].map(Date.parse);
  return start < now && now < end;
}

/**
 * The range that the API's `compare=previous_period` sets beside an answer's, as parameters; null
 * where it is empty.
 *
 * `compare` gives totals only. With these parameters rows can be asked for, too.
 */
export function previousRange(view, meta) {
  const { first, last } = datesOf(meta);
  const count = (Date.parse(last) - Date.parse(first)) / day + 1;
  const move = (date) => {
    if (view.period === "month") return addMonths(date, -1);
    if (view.period === "year") return addMonths(date, -12);
    return addDays(date, -count);
  };
  const start_date = move(first);
  if (!isRunning(meta)) return { start_date, end_date: move(last) };
  // Half a day is compared with half a day.
  const [date, hour, minute] = meta.generated_at.split(/[T:]/);
  const quarter = String(Math.floor(Number(minute) / 15) * 15).padStart(2, "0");
  const end_date = `${move(date)}T${hour}:${quarter}`;
  return end_date > `${start_date}T00:00` ? { start_date, end_date } : null;
}

function addDays(date, count) {
  return new Date(Date.parse(date) + count * day).toISOString().slice(0, 10);
}

/** The same day of another month, or its last where it has fewer. */
function addMonths(date, count) {
  const [year, month, dayOfMonth] = date.split("-").map(Number);
  const lastDay = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  const moved = Date.UTC(year, month - 1 + count, Math.min(dayOfMonth, lastDay));
  return new Date(moved).toISOString().slice(0, 10);
}

/** The buckets of cohorts that go with a view's rows. */
export function cohortGroup(view, meta) {
  if (view.group_by) return view.group_by === "hour" ? "day" : view.group_by;
  return { hour: "day", day: "week", week: "week", month: "month" }[meta.group_by];
}
