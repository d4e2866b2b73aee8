// The answers that a view needs, each asked for once.

import { ask } from "./api.js";
import { cohortGroup, parametersOf, previousRange } from "./view.js";

/** The answers to one view at one time. */
export class Figures {
  #answers = new Map();

  constructor(view, signal) {
    this.view = view;
    this.signal = signal;
  }

  #ask(path, parameters) {
    const key = JSON.stringify([path, parameters]);
    if (!this.#answers.has(key)) this.#answers.set(key, ask(path, parameters, this.signal));
    return this.#answers.get(key);
  }

  /** The figures of a path that has no rows, beside those of the period before. */
  totals(path) {
    return this.#ask(path, { ...parametersOf(this.view), compare: "previous_period" });
  }

  /** The figures of a path with rows, beside those of the period before. */
  rows(path) {
    return this.#ask(path, { ...this.view, compare: "previous_period" });
  }

  /** The answer of a path for the period before, row by row; null where there is none. */
  async rowsBefore(path) {
    const { meta } = await this.rows(path);
    const range = previousRange(this.view, meta);
    if (range === null) return null;
    const { bot_id, channel, timezone } = this.view;
    return this.#ask(path, { ...range, bot_id, channel, timezone, group_by: meta.group_by });
  }

  /** Retention in the buckets that go with the view's rows. */
  async retention() {
    const { meta } = await this.rows("/conversations/volume");
    const group_by = cohortGroup(this.view, meta);
    return this.#ask("/engagement/retention", { ...parametersOf(this.view), group_by });
  }

  /** What there is to choose from: the view without its bot and its channel. */
  choices() {
    return this.#ask("/conversations/volume", { ...this.view, bot_id: null, channel: null });
  }
}
