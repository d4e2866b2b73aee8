// The dashboard: who is signed in, what is picked, what is shown.

import { Refusal, credential, mayRead } from "./api.js";
import { byID, element } from "./dom.js";
import { showExport } from "./export.js";
import { Figures } from "./figures.js";
import { showNow } from "./now.js";
import { overview, panels, rangeText } from "./panels.js";
import { forgetOffer, offer, onPick, showPickers } from "./pickers.js";
import {
  chooseLanguage, date, preferredLanguage, reason, setLanguage, text, timeOfDay,
} from "./text.js";
import { isRunning, liveParametersOf, readView, writeView } from "./view.js";

/** Nobody answered, too many asked, or the daemon was away: asked again it may be otherwise. */
const passingStatuses = [0, 429, 503, 504];
/** Figures of a running period are asked for again this often, where something has changed. */
const refreshInterval = 10_000;

/** What ends the questions of the view that is shown. */
let current = new AbortController();
/** What ends the stream alone. */
let live = new AbortController();
/**
 * What is shown: when it was asked for, whether some of it could not be shown for a reason that
 * passes, and `meta` of an answer.
 */
let shown = { at: 0, hasFailed: false, meta: null };
/** The sentences about what could not be shown, each once. */
let problems = new Set();

// Signing in.

async function start() {
  try {
    if (await mayRead()) return open();
    if (credential.get() === null) return askForCredential("");
    return signOut(text("insufficient_permissions"));
  } catch (error) {
    if (error.status === 401) return signOut(reason(error));
    // It may be good yet: who loads the page again later need not paste it again.
    askForCredential(reason(error));
  }
}

function open() {
  byID("sign-in").hidden = true;
  byID("dashboard").hidden = false;
  byID("sign-out").hidden = credential.get() === null;
  showView();
}

function signOut(sentence = "") {
  credential.forget();
  forgetOffer();
  askForCredential(sentence);
}

function askForCredential(sentence) {
  current.abort();
  byID("dashboard").hidden = true;
  byID("sign-out").hidden = true;
  byID("sign-in").hidden = false;
  byID("sign-in-problem").textContent = sentence;
  byID("credential").focus();
}

byID("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = byID("credential");
  // Who copied the whole of a header field pasted the scheme, too; a terminal breaks lines.
  const value = field.value.trim().replace(/^(Bearer|ApiKey)\s+/i, "").replace(/\s+/g, "");
  field.value = "";
  if (!/^[!-~]+$/.test(value)) return askForCredential(text("invalid_token"));
  credential.set(value);
  await start();
  if (!byID("dashboard").hidden) byID("content").focus();
});
byID("sign-out").addEventListener("click", () => signOut());

// Problems.

function clearProblems() {
  problems = new Set();
  byID("problem").textContent = "";
}

/** Says why something is not shown, or asks for another credential where that is why. */
function fail(error, signal) {
  if (signal.aborted) return;
  const sentence = error instanceof Refusal ? reason(error) : text("refused", error.message);
  if (error.status === 401) return signOut(sentence);
  if (passingStatuses.includes(error.status)) shown = { ...shown, hasFailed: true };
  problems.add(sentence);
  byID("problem").textContent = [...problems].join(" ");
}

// Figures.

/** Places for the panels, made once: what is in them changes. */
function makePanels() {
  byID("panels").replaceChildren(...panels.map(({ name, shape }) => element("section",
    { id: `panel-${name}`, class: `card ${shape}`, "aria-labelledby": `title-${name}` },
    element("h2", { id: `title-${name}` }, text(name)), element("div", { class: "content" }))));
}

/** Shows the view of the page's address. */
function showView() {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  const view = readView();
  byID("dashboard").setAttribute("aria-busy", "true");
  clearProblems();
  showPickers(view);
  makePanels();
  byID("overview-figures").replaceChildren();
  byID("range").textContent = "";
  const rest = showExport(signal).catch((error) => fail(error, signal));
  const all = [showFigures(view, signal), showChoices(view, signal), rest];
  Promise.all(all).then(() => {
    if (!signal.aborted) byID("dashboard").setAttribute("aria-busy", "false");
  });
  byID("now-figures").replaceChildren();
  follow();
}

/**
 * Follows the live figures, as long as somebody can see them.
 *
 * A browser has six connections to a server for all its tabs. A stream keeps one.
 */
function follow() {
  live.abort();
  if (document.hidden) return;
  live = new AbortController();
  const signal = AbortSignal.any([current.signal, live.signal]);
  const view = readView();
  const onFigures = ({ meta }) => refresh(view, meta, current.signal);
  showNow(liveParametersOf(view), { signal, onFigures }).catch((error) => fail(error, signal));
}

/** Asks again for what could not be shown, and for what has changed since by what is known now. */
function refresh(view, now, signal) {
  if (Date.now() - shown.at < refreshInterval) return;
  if (shown.hasFailed) return showView();
  const { meta } = shown;
  if (meta === null || !isRunning(meta)) return;
  const isOver = Date.parse(now.generated_at) >= Date.parse(meta.end);
  if (isOver || now.data_version !== meta.data_version) showFigures(view, signal);
}

/** Asks for the figures of a view, and shows each answer in its place when it comes. */
async function showFigures(view, signal) {
  shown = { at: Date.now(), hasFailed: false, meta: null };
  const figures = new Figures(view, signal);
  const fill = async (place, load) => {
    try {
      const content = await load;
      if (signal.aborted || isInUse(place)) return;
      keepOpen(place, () => place.replaceChildren(...content.filter(Boolean)));
    } catch (error) {
      fail(error, signal);
    }
  };
  await Promise.all([
    showMeta(view, figures).catch((error) => fail(error, signal)),
    fill(byID("overview-figures"), overview(figures)),
    ...panels.map(({ name, load }) =>
      fill(byID(`panel-${name}`).lastElementChild, load(figures, text(name)))),
  ]);
}

/** Says which range is shown, and how new its data are. */
async function showMeta(view, figures) {
  const { meta } = await figures.rows("/conversations/volume");
  if (figures.signal.aborted) return;
  shown = { ...shown, meta };
  byID("range").textContent = rangeText(view, meta);
  const moment = meta.data_as_of;
  if (moment === null) return;
  const time = `${date(moment.slice(0, 10))}, ${timeOfDay(moment)}`;
  byID("about").textContent = text("about", time, meta.data_version);
}

/** Fills the pickers with what there is in the view's period. */
async function showChoices(view, signal) {
  try {
    const { by_bot: bots, by_channel: channels, meta } = await new Figures(view, signal).choices();
    if (signal.aborted) return;
    offer(view, bots.map((row) => row.bot_id), channels.map((row) => row.channel), meta);
  } catch (error) {
    fail(error, signal);
  }
}

/** Whether somebody is reading values there, which a newer answer would take away. */
const isInUse = (place) =>
  place.querySelector(".plot.read") !== null || place.contains(document.activeElement);

/** Changes what is in a place, and opens the tables again that were open. */
function keepOpen(place, change) {
  const tables = () => [...place.querySelectorAll("details")];
  const open = tables().map((details) => details.open);
  change();
  tables().forEach((details, index) => { details.open = open[index] ?? false; });
}

// The page.

setLanguage(preferredLanguage());
const language = byID("language");
language.value = preferredLanguage();
language.addEventListener("change", () => {
  chooseLanguage(language.value);
  byID("sign-in-problem").textContent = "";
  if (!byID("dashboard").hidden) showView();
});
onPick((view) => {
  writeView(view);
  showView();
});
window.addEventListener("popstate", () => {
  if (!byID("dashboard").hidden) showView();
});
document.addEventListener("visibilitychange", () => {
  if (!byID("dashboard").hidden) follow();
});
// A page that its reader has left keeps no connection, and begins anew where they come back.
window.addEventListener("pagehide", () => current.abort());
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) start();
});
start();
