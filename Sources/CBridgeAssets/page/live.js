// The live figures: the API's server-sent events, read by fetch, since EventSource cannot send a
// credential.

import { Refusal, address, send } from "./api.js";

/** The bridge sends something every 15 seconds. One that is silent for longer is gone. */
const silenceMaximum = 40_000;
const delayMaximum = 30_000;
/** Connecting again is of no use: the parameters or the credential are refused. */
const finalStatuses = [400, 401, 403, 404];

/**
 * Listens until the signal ends it.
 *
 * `onFigures` gets each answer. `onState` gets "connecting", "live" with each answer, and "away"
 * until it is tried again. Returns when the signal has ended it; throws a Refusal where it is of no
 * use to try again.
 */
export async function listen(parameters, { signal, onFigures, onState }) {
  let lastID = null;
  let delay = 1000;
  onState("connecting");
  while (!signal.aborted) {
    try {
      for await (const event of events(parameters, lastID, signal)) {
        lastID = event.id ?? lastID;
        // The reason of an end is told again, as a refusal, when it is asked again.
        if (event.name !== "realtime") continue;
        delay = 1000;
        onState("live");
        onFigures(JSON.parse(event.data));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal && finalStatuses.includes(error.status)) throw error;
    }
    if (signal.aborted) return;
    // Not all pages at once, where a bridge comes back.
    const pause = delay * (0.75 + Math.random() / 2);
    onState("away");
    await wait(pause, signal);
    delay = Math.min(delay * 2, delayMaximum);
  }
}

function wait(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

/** The events of one connection. */
async function* events(parameters, lastID, signal) {
  const connection = new AbortController();
  const end = () => connection.abort();
  signal.addEventListener("abort", end, { once: true });
  let watch = setTimeout(end, silenceMaximum);
  try {
    const headers = lastID === null ? {} : { "Last-Event-ID": lastID };
    const url = address("/realtime/stream", parameters);
    const response = await send(url, { headers, signal: connection.signal, cache: "no-store" });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(watch);
      watch = setTimeout(end, silenceMaximum);
      const blocks = (buffer + value).split("\n\n");
      buffer = blocks.pop();
      yield* blocks.map(parse);
    }
  } finally {
    clearTimeout(watch);
    signal.removeEventListener("abort", end);
    connection.abort();
  }
}

function parse(block) {
  const event = { name: null, id: null, data: "" };
  for (const line of block.split("\n")) {
    const [, field, value] = line.match(/^(\w+): ?(.*)$/) ?? [];
    if (field === "event") event.name = value;
    if (field === "id") event.id = value;
    if (field === "data") event.data += value;
  }
  return event;
}
