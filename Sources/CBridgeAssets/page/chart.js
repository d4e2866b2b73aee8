// A chart over buckets: stacked bars, lines, or both, in a little SVG. It is drawn at the size it
// is shown at, so that its text stays readable on a phone; its values are told under the pointer,
// by the arrow keys, and in a table.

import { element, shape } from "./dom.js";
import { figure, table } from "./tables.js";
import { number, text } from "./text.js";

const margin = { right: 8, top: 12, bottom: 24 };
const characterWidth = 6.7;
/** Room between labels of the x axis. */
const labelGap = 18;

/**
 * Makes a chart.
 *
 * A model has a `title`, `labels` ({ long, short, isPartial }) and `series` ({ name, kind, values,
 * notes }). `kind` is "bar" (stacked), "line", or "previous", a dashed line whose `notes` say what
 * each value belongs to; a value may be null or missing. `format` writes a value; where all are
 * whole, `isWhole` says so; `top` is the end of the y axis, else one that fits; `height` is in
 * pixels; `empty` says that there is nothing to see; `head` names the labels in the table.
 *
 * Returns a figure; `figure.update(model)` shows other values in it.
 */
export function chart(model) {
  const plot = element("div", { class: "plot", role: "slider", tabindex: "0" });
  const values = element("div", { class: "scroll", tabindex: "0", role: "region" });
  const details = element("details", null, element("summary", null, text("table")), values);
  const holder = element("figure", { class: "chart" });
  const state = { model, plot, index: null };

  // Of thousands of buckets a table is made only for who looks at it.
  const drawTable = () => {
    if (details.open) values.replaceChildren(tableOf(state.model));
  };
  details.addEventListener("toggle", drawTable);
  holder.update = (next) => {
    state.model = { format: number, height: 208, empty: text("nothing"), ...next };
    if (state.index !== null) state.index = Math.min(state.index, next.labels.length - 1);
    if (isEmpty(next)) {
      holder.replaceChildren(element("p", { class: "empty" }, state.model.empty));
      return;
    }
    values.setAttribute("aria-label", next.title);
    // What is in its place already stays there, with the focus and the pointer on it.
    if (plot.parentNode === holder) holder.firstChild.replaceWith(legend(state.model));
    else holder.replaceChildren(legend(state.model), plot, details);
    // Said before it is drawn: that waits for a width.
    read(state, state.index);
    draw(state);
    drawTable();
  };
  addReading(state);
  new ResizeObserver(() => draw(state)).observe(plot);
  holder.update(model);
  return holder;
}

/** Whether there is nothing to see. A rate of 0 is something, a count of 0 is not. */
const isEmpty = ({ series, top }) => series.every(({ values }) =>
  values.every((value) => (top === undefined ? !value : value === null)));

function legend({ series, labels }) {
  const entries = series.map(({ name, kind }, index) => [name, className(kind, index)]);
  if (series.some(({ kind }) => kind === "bar") && labels.some(({ isPartial }) => isPartial)) {
    entries.push([text("incomplete"), "key partial"]);
  }
  return element("ul", { class: "legend" }, ...entries.map(([name, kind]) =>
    element("li", null, element("span", { class: `key ${kind}` }), name)));
}

const className = (kind, index) => (kind === "previous" ? "previous" : `series-${index}`);

const nameOf = ({ long, isPartial }) => (isPartial ? text("running", long) : long);

function tableOf({ title, labels, series, format, head }) {
  const columns = [head ?? text("date"), ...series.map(({ name }) => name)];
  return table(title, columns, labels.map((label, index) =>
    [nameOf(label), ...series.map(({ values }) => figure(values[index], format))]));
}

// Drawing.

/** Round numbers from 0 to at least a maximum: the marks of an axis. */
function marks(maximum, isWhole) {
  const rough = maximum / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  if (isWhole) step = Math.max(1, Math.ceil(step));
  const count = Math.ceil(maximum / step) || 1;
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** Sums of the bars below each one and with it, per bucket. */
function stack(bars, count) {
  const sums = new Array(count).fill(0);
  return bars.map(({ values }) => Array.from({ length: count }, (_, index) => {
    const from = sums[index];
    sums[index] += values[index] ?? 0;
    return [from, sums[index]];
  }));
}

function scale({ plot, model }) {
  const { labels, series, format, height, top, isWhole } = model;
  const count = labels.length;
  const stacks = stack(series.filter(({ kind }) => kind === "bar"), count);
  const lines = series.filter(({ kind }) => kind !== "bar");
  const values = [...stacks.flat().map(([, to]) => to), ...lines.flatMap((one) => one.values)];
  const maximum = values.reduce((most, value) => Math.max(most, value ?? 0), 0);
  const ticks = marks(top ?? maximum, isWhole);
  const left = Math.max(...ticks.map((tick) => format(tick).length)) * characterWidth + 12;
  const width = plot.clientWidth;
  const step = (width - left - margin.right) / count;
  const bottom = height - margin.bottom;
  return {
    count, stacks, ticks, left, width, step, bottom,
    x: (index) => left + step * index,
    middle: (index) => left + step * (index + 0.5),
    y: (value) => bottom - (bottom - margin.top) * value / ticks.at(-1),
  };
}

function draw(state) {
  const { plot, model } = state;
  if (plot.clientWidth === 0) return;
  state.scale = scale(state);
  const { width } = state.scale;
  const { height } = model;
  const viewBox = `0 0 ${width} ${height}`;
  const svg = shape("svg", { viewBox, width, height, "aria-hidden": "true" });
  drawAxes(svg, state.scale, model);
  let bar = 0;
  model.series.forEach(({ kind, values }, index) => {
    if (kind === "bar") drawBars(svg, state.scale, model.labels, state.scale.stacks[bar++], index);
    else drawLine(svg, state.scale, values, className(kind, index));
  });
  state.cursor = shape("line", { class: "cursor", y1: margin.top, y2: state.scale.bottom });
  state.tip = element("div", { class: "tip", "aria-hidden": "true" });
  svg.append(state.cursor);
  plot.replaceChildren(svg, state.tip);
  read(state, state.index);
}

function drawAxes(svg, { ticks, left, width, count, step, bottom, y, middle }, { labels, format }) {
  for (const tick of ticks) {
    const at = y(tick);
    svg.append(
      shape("line", { class: "grid", x1: left, x2: width - margin.right, y1: at, y2: at }),
      shape("text", { x: left - 8, y: at + 4, "text-anchor": "end" }, format(tick)));
  }
  const widest = Math.max(...labels.map(({ short }) => short.length)) * characterWidth;
  const every = Math.max(1, Math.ceil((widest + labelGap) / step));
  for (let index = Math.floor((every - 1) / 2); index < count; index += every) {
    const half = labels[index].short.length * characterWidth / 2;
    const x = Math.min(Math.max(middle(index), left + half), width - half);
    const place = { x, y: bottom + 17, "text-anchor": "middle" };
    svg.append(shape("text", place, labels[index].short));
  }
}

/** All bars of a series are one path: there may be thousands. */
function drawBars(svg, { step, x, y }, labels, spans, index) {
  const gap = step > 4 ? Math.min(step * 0.2, 8) : 0;
  const paths = { whole: "", partial: "" };
  spans.forEach(([from, to], place) => {
    if (to === from) return;
    const [left, right, above, below] =
      [x(place) + gap / 2, x(place + 1) - gap / 2, y(to), y(from)].map((one) => one.toFixed(1));
    paths[labels[place].isPartial ? "partial" : "whole"] +=
      `M${left} ${above}H${right}V${below}H${left}z`;
  });
  for (const [name, d] of Object.entries(paths)) {
    if (d) svg.append(shape("path", { class: `bars ${name} series-${index}`, d }));
  }
}

function drawLine(svg, { count, middle, y }, values, kind) {
  let d = "";
  let isDown = false;
  for (let index = 0; index < count; index += 1) {
    const value = values[index];
    if (value === null || value === undefined) {
      isDown = false;
      continue;
    }
    const point = `${middle(index).toFixed(1)} ${y(value).toFixed(1)}`;
    // One without neighbours is a point: a line of no length with round ends.
    d += isDown ? `L${point}` : `M${point}L${point}`;
    isDown = true;
  }
  svg.append(shape("path", { class: `line ${kind}`, d }));
}

// Reading values.

/** Shows the values of a bucket; null hides them. */
function read(state, index) {
  const { plot, model, cursor, tip } = state;
  const { labels, series, format, title } = model;
  const place = index ?? labels.length - 1;
  const name = nameOf(labels[place]);
  const said = series.map((one) => {
    const note = one.notes?.[place];
    const label = note ? `${one.name}, ${note}` : one.name;
    return { kind: one.kind, label, value: format(one.values[place]) };
  });
  plot.setAttribute("aria-label", title);
  plot.setAttribute("aria-valuemin", "0");
  plot.setAttribute("aria-valuemax", labels.length - 1);
  plot.setAttribute("aria-valuenow", place);
  const sentence = said.map(({ label, value }) => `${label} ${value}`).join("; ");
  plot.setAttribute("aria-valuetext", `${name}: ${sentence}`);
  plot.classList.toggle("read", index !== null);
  if (index === null || !cursor) return;
  const x = state.scale.middle(place);
  cursor.setAttribute("x1", x);
  cursor.setAttribute("x2", x);
  tip.replaceChildren(element("strong", null, name), ...said.map(({ kind, label, value }, order) =>
    element("span", null,
      element("span", { class: `key ${className(kind, order)}` }),
      element("span", null, label), element("b", null, value))));
  const isLeft = x > state.scale.width / 2;
  tip.style.left = isLeft ? "auto" : `${x + 10}px`;
  tip.style.right = isLeft ? `${state.scale.width - x + 10}px` : "auto";
}

function addReading(state) {
  const { plot } = state;
  const show = (index) => {
    const end = state.model.labels.length - 1;
    state.index = index === null ? null : Math.min(Math.max(index, 0), end);
    read(state, state.index);
  };
  const point = (event) => {
    const { left, step } = state.scale;
    show(Math.floor((event.clientX - plot.getBoundingClientRect().left - left) / step));
  };
  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", point);
  plot.addEventListener("pointerleave", () => show(null));
  plot.addEventListener("focus", () => show(state.index ?? state.model.labels.length - 1));
  plot.addEventListener("blur", () => show(null));
  plot.addEventListener("keydown", (event) => {
    const end = state.model.labels.length - 1;
    const index = state.index ?? end;
    const next = {
      ArrowLeft: index - 1, ArrowRight: index + 1, ArrowDown: index - 1, ArrowUp: index + 1,
      PageUp: index + 10, PageDown: index - 10, Home: 0, End: end, Escape: null,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(next);
  });
}
