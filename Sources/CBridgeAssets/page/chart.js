// A chart over buckets: stacked bars, lines, or both, in a little SVG. It is drawn at the size it is
// shown at, so that its text stays readable on a phone; its values are told under the pointer, by the
// arrow keys, and in a table.

import { element, shape } from "./dom.js";
import { number, text } from "./text.js";

const margin = { right: 8, top: 12, bottom: 24 };
const characterWidth = 6.7;
/** Room between labels of the x axis. */
const labelGap = 18;

/**
 * Makes a chart.
 *
 * A model has a `title`, `labels` ({ long, short, isPartial }) and `series` ({ name, kind, values,
 * notes }). `kind` is "bar" (stacked), "line", or "previous", a dashed line whose `notes` say what each
 * value belongs to; a value may be null or missing. `format` writes a value; `top` is the end of the
 * y axis, else one that fits; `height` is in pixels; `empty` says that there is nothing to see.
 *
 * Returns a figure; `figure.update(model)` shows other values in it.
 */
export function chart(model) {
  const plot = element("div", { class: "plot", role: "slider", tabindex: "0" });
  const table = element("div", { class: "scroll", tabindex: "0" });
  const details = element("details", null, element("summary", null, text("table")), table);
  const figure = element("figure", { class: "chart" });
  const state = { model, plot, index: null };

  const drawTable = () => {
    if (details.open) table.replaceChildren(tableOf(state.model));
  };
  details.addEventListener("toggle", drawTable);
  figure.update = (next) => {
    state.model = { format: number, height: 208, empty: text("nothing"), ...next };
    state.index = state.index === null ? null : Math.min(state.index, next.labels.length - 1);
    if (isEmpty(next)) {
      figure.replaceChildren(element("p", { class: "empty" }, state.model.empty));
      return;
    }
    table.setAttribute("aria-label", next.title);
    // What is in its place already stays there, with the focus and the pointer on it.
    if (!plot.isConnected || plot.parentNode !== figure) figure.replaceChildren(legend(state.model), plot, details);
    else figure.firstChild.replaceWith(legend(state.model));
    draw(state);
    drawTable();
  };
  addReading(state);
  new ResizeObserver(() => draw(state)).observe(plot);
  figure.update(model);
  return figure;
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

function tableOf({ title, labels, series, format, head }) {
  const columns = [head ?? text("date"), ...series.map(({ name }) => name)];
  return element("table", null,
    element("caption", { class: "unseen" }, title),
    element("thead", null, element("tr", null, ...columns.map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", null, ...labels.map(({ long, isPartial }, index) => element("tr", null,
      element("th", { scope: "row" }, isPartial ? text("running", long) : long),
      ...series.map(({ values }) => element("td", null,
        element("data", { value: String(values[index] ?? "") }, format(values[index]))))))));
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
  const values = [...stacks.flat().map(([, to]) => to),
    ...series.filter(({ kind }) => kind !== "bar").flatMap((one) => one.values.slice(0, count))];
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
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
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
    svg.append(
      shape("line", { class: "grid", x1: left, x2: width - margin.right, y1: y(tick), y2: y(tick) }),
      shape("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, format(tick)));
  }
  const widest = Math.max(...labels.map(({ short }) => short.length)) * characterWidth;
  const every = Math.max(1, Math.ceil((widest + labelGap) / step));
  for (let index = Math.floor((every - 1) / 2); index < count; index += every) {
    const half = labels[index].short.length * characterWidth / 2;
    const x = Math.min(Math.max(middle(index), left + half), width - half);
    svg.append(shape("text", { x, y: bottom + 17, "text-anchor": "middle" }, labels[index].short));
  }
}

/** All bars of a series are one path: there may be thousands. */
function drawBars(svg, { step, x, y }, labels, spans, index) {
  const gap = step > 4 ? Math.min(step * 0.2, 8) : 0;
  const paths = { whole: "", partial: "" };
  spans.forEach(([from, to], place) => {
    if (to === from) return;
    const [above, below] = [y(to), y(from)];
    paths[labels[place].isPartial ? "partial" : "whole"] +=
      `M${(x(place) + gap / 2).toFixed(1)} ${above.toFixed(1)}h${(step - gap).toFixed(1)}V${below.toFixed(1)}h${(gap - step).toFixed(1)}z`;
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
  const label = labels[place];
  const name = label.isPartial ? text("running", label.long) : label.long;
  const said = series.map((one) => {
    const note = one.notes?.[place];
    return { ...one, value: format(one.values[place]), name: note ? `${one.name}, ${note}` : one.name };
  });
  plot.setAttribute("aria-label", title);
  plot.setAttribute("aria-valuemin", "0");
  plot.setAttribute("aria-valuemax", labels.length - 1);
  plot.setAttribute("aria-valuenow", place);
  plot.setAttribute("aria-valuetext", `${name}: ${said.map((one) => `${one.name} ${one.value}`).join("; ")}`);
  plot.classList.toggle("read", index !== null);
  if (index === null || !cursor) return;
  const x = state.scale.middle(place);
  cursor.setAttribute("x1", x);
  cursor.setAttribute("x2", x);
  tip.replaceChildren(element("strong", null, name), ...said.map((one, order) => element("span", null,
    element("span", { class: `key ${className(one.kind, order)}` }), element("span", null, one.name),
    element("b", null, one.value))));
  const isLeft = x > state.scale.width / 2;
  tip.style.left = isLeft ? "auto" : `${x + 10}px`;
  tip.style.right = isLeft ? `${state.scale.width - x + 10}px` : "auto";
}

function addReading(state) {
  const { plot } = state;
  const show = (index) => {
    state.index = index === null ? null : Math.min(Math.max(index, 0), state.model.labels.length - 1);
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
