import { setImmediate } from "node:timers/promises";
import type { FieldNode } from "graphql";
import type { Estimate } from "./estimate.js";
import { type LimitError, type Limits, overLimit } from "./limits.js";

/** Errors in a response. More help nobody, and each takes some 50 µs to make and to format. */
export const maxErrors = 100;

/** Values from which on an operation lets other requests run in between. Fewer take some 20 ms. */
const valuesWithoutPause = 20_000;
/** Values that are completed in one turn: some 2 ms. */
const valuesInTurn = 2_000;
/** Milliseconds of work between two pauses. */
const workMs = 10;

/** What one request may still do while it is executed. */
export class Bounds {
  readonly #limits: Limits;
  #estimate: Estimate | undefined;
  #lastTurn = Promise.resolve();
  #lastPause = performance.now();
  #excess: LimitError | undefined;
  #errors = 0;
  /** Whether the operation is large: its lists are completed in turns. */
  isLarge = false;
  /** Errors that are not reported. */
  omittedErrors = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Starts an operation that was estimated. */
  begin(found: Estimate): void {
    this.#estimate = { ...found };
    this.isLarge = found.values > valuesWithoutPause;
  }

  /** Resolves when the next rows may be completed: in order, and after a pause if there was none for long. */
  turn(): Promise<void> {
    this.#lastTurn = this.#lastTurn.then(async () => {
      if (performance.now() - this.#lastPause <= workMs) return;
      await setImmediate();
      this.#lastPause = performance.now();
    });
    return this.#lastTurn;
  }

  /**
   * Counts a list whose length the schema assumes.
   *
   * @throws LimitError if the operation's lists are so much longer that the response gets too large
   */
  checkLength(field: FieldNode | undefined, length: number): void {
    const estimate = this.#estimate;
    const { each, assumedLength } = (field && estimate?.lists.get(field)) ?? {};
    if (!estimate || !each || assumedLength === undefined || length <= assumedLength) return;
    for (const name of ["values", "responseBytes"] as const) {
      estimate[name] += (length - assumedLength) * each[name];
      if (estimate[name] > this.#limits[name]) this.#excess ??= overLimit(this.#limits, name);
    }
    if (this.#excess) throw this.#excess;
    this.isLarge = estimate.values > valuesWithoutPause;
  }

  /** How many items of a list are completed in one turn. */
  itemsInTurn(field: FieldNode | undefined): number {
    const values = (field && this.#estimate?.lists.get(field)?.each.values) ?? 1;
    return Math.max(1, Math.floor(valuesInTurn / Math.max(1, values)));
  }

  /** Counts an error. @returns whether to report it; if not, the field is just null */
  addError(): boolean {
    if (this.#errors === maxErrors) this.omittedErrors++;
    else this.#errors++;
    return this.omittedErrors === 0;
  }

  /** Counts errors that were made and are not reported. */
  omitErrors(count: number): void {
    this.omittedErrors += count;
  }

  /** Starts the count of errors again, for an operation that is executed once more. */
  forgetErrors(): void {
    this.#errors = 0;
    this.omittedErrors = 0;
  }
}
