// The tiles of now, fed by the live figures.

import { chart } from "./chart.js";
import { byID } from "./dom.js";
import { listen } from "./live.js";
import { figure, tiles } from "./tables.js";
import { duration, number, text, timeOfDay } from "./text.js";

/**
 * Shows the live figures until the signal ends it; `onFigures` gets each answer, too.
 *
 * Throws a Refusal where it is of no use to try again.
 */
export async function showNow(parameters, { signal, onFigures }) {
  const place = byID("now-figures");
  let minutes = null;
  const show = (answer) => {
    const shown = tilesOf(answer);
    if (minutes === null) {
      minutes = chart(minutesOf(answer));
      place.replaceChildren(shown, minutes);
    } else {
      place.firstChild.replaceWith(shown);
      minutes.update(minutesOf(answer));
    }
    const { generated_at, timezone } = answer.meta;
    byID("stream-time").textContent = `${timeOfDay(generated_at)} ${timezone}`;
    onFigures(answer);
  };
  await listen(parameters, { signal, onFigures: show, onState: showState });
}

/** Shows whether figures come: "connecting", "live", "away". */
function showState(state) {
  const section = byID("now");
  // Said once, not each second.
  if (section.dataset.state === state && byID("stream-state").textContent === text(state)) return;
  section.dataset.state = state;
  byID("stream-state").textContent = text(state);
  if (state !== "live") byID("stream-time").textContent = "";
}

function tilesOf(answer) {
  const window = text("inLastMinutes", answer.window_minutes);
  const directions = text("inAndOut",
    number(answer.incoming_per_minute), number(answer.outgoing_per_minute));
  const ago = (lag) => (lag === null ? text("noEvent") : text("ago", duration(Math.floor(lag))));
  const sources = [text("publishers", number(answer.publishers))];
  if (answer.events_dropped > 0) sources.push(text("dropped", number(answer.events_dropped)));
  return tiles([
    [text("activeSessions"), figure(answer.active_sessions), window],
    [text("activeUsers"), figure(answer.active_users), window],
    [text("messagesPerMinute"), figure(answer.messages_per_minute), directions],
    [text("newestEvent"), figure(answer.lag_seconds, ago), sources.join(" · ")],
  ]);
}

function minutesOf({ series }) {
  const labels = series.map(({ start, complete }) => ({
    long: timeOfDay(start), short: start.slice(11, 16), isPartial: !complete,
  }));
  const values = series.map(({ messages }) => messages);
  return {
    title: text("byMinute"), empty: text("nothingNow", series.length), height: 132, isWhole: true,
    labels,
    series: [{ name: text("byMinute"), kind: "bar", values }],
  };
}
