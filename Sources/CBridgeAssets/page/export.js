// Reports of a view: asked for, waited for, saved.

import { Refusal, address, ask, send } from "./api.js";
import { byID, element } from "./dom.js";
import { percent, reason, text } from "./text.js";
import { readView } from "./view.js";

const types = [
  ["full", "reportFull"], ["usage", "reportUsage"], ["conversations", "reportConversations"],
  ["engagement", "reportEngagement"], ["satisfaction", "reportSatisfaction"],
];
const formats = [
  ["pdf", "PDF"], ["xlsx", "Excel"], ["csv", "CSV"], ["html", "HTML"], ["json", "JSON"],
];
const pause = 500;

/**
 * Shows the buttons, to whom may make reports.
 *
 * Throws a Refusal where it cannot be known who may.
 */
export async function showExport(signal) {
  const place = byID("export-content");
  try {
    await ask("/reports", { limit: "1" }, signal);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 403) throw error;
    place.replaceChildren(element("p", { class: "quiet" }, text("mayNotReport")));
    return;
  }
  const type = element("select", { id: "report-type" },
    ...types.map(([name, label]) => element("option", { value: name }, text(label))));
  const state = element("p", { role: "status", id: "export-state" });
  const buttons = formats.map(([format, name]) => {
    const attributes = { type: "button", "data-format": format };
    const button = element("button", { ...attributes, "aria-label": text("exportAs", name) }, name);
    button.addEventListener("click", () => save(type.value, format, state, buttons));
    return button;
  });
  place.replaceChildren(
    element("p", { class: "quiet" }, text("exportHint")),
    element("div", { class: "export" },
      element("label", null, text("reportType"), type), ...buttons), state);
}

async function save(type, format, state, buttons) {
  // Disabled ones would lose the focus.
  if (buttons[0].getAttribute("aria-disabled") === "true") return;
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  state.textContent = text("making");
  try {
    const report = await make({ type, format, ...readView() }, (progress) => {
      state.textContent = text("makingProgress", percent(progress / 100));
    });
    const response = await send(address(`/reports/${report.id}`, { download: "1" }));
    saveFile(await response.blob(), report.file_name);
    state.textContent = text("saved", report.file_name);
  } catch (error) {
    const sentence = error instanceof Refusal ? reason(error) : error.message;
    state.textContent = text("reportFailed", sentence);
  } finally {
    for (const button of buttons) button.removeAttribute("aria-disabled");
  }
}

/** Has a report made, and returns it when it is. */
async function make(parameters, onProgress) {
  const response = await send(address("/reports"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(withNumbers(parameters)),
  });
  let report = await response.json();
  while (report.status !== "completed") {
    if (report.status === "failed") throw new Error(report.failure);
    onProgress(report.progress);
    await new Promise((resolve) => setTimeout(resolve, pause));
    report = await ask(`/reports/${report.id}`);
  }
  return report;
}

/** In JSON numbers are numbers. */
const withNumbers = ({ days, ...rest }) => (days ? { ...rest, days: Number(days) } : rest);

function saveFile(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
