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
export interface Bounds {
  /** Starts an operation that was estimated. */
  begin(estimate: Estimate): void;
  /** Whether the operation is large: its lists are completed in turns. */
  readonly isLarge: boolean;
  /** Resolves when the next rows may be completed: in order, and after a pause if there was none for long. */
  turn(): Promise<void>;
  /**
   * Counts a list whose length the schema assumes.
   *
   * @throws LimitError if the operation's lists are so much longer that the response gets too large
   */
  checkLength(field: FieldNode | undefined, length: number): void;
  /** How many items of a list are completed in one turn. */
  itemsInTurn(field: FieldNode | undefined): number;
  /** Counts an error. @returns whether to report it; if not, the field is just null */
  addError(): boolean;
  /** Counts errors that were made and are not reported. */
  omitErrors(count: number): void;
  /** Errors that are not reported. */
  readonly omittedErrors: number;
  /** Starts the count of errors again, for an operation that is executed once more. */
  forgetErrors(): void;
}

export function createBounds(limits: Limits): Bounds {
  let estimate: Estimate | undefined;
  let isLarge = false;
  let lastTurn = Promise.resolve();
  let lastPause = performance.now();
  let excess: LimitError | undefined;
  let errors = 0;
  let omittedErrors = 0;

  async function pause(): Promise<void> {
    await setImmediate();
    lastPause = performance.now();
  }

  return {
    begin(found) {
      estimate = { ...found };
      isLarge = found.values > valuesWithoutPause;
    },
    get isLarge() {
      return isLarge;
    },
    turn() {
      lastTurn = lastTurn.then(() => (performance.now() - lastPause > workMs ? pause() : undefined));
      return lastTurn;
    },
    checkLength(field, length) {
      const { each, assumedLength } = (field && estimate?.lists.get(field)) ?? {};
      if (!estimate || !each || assumedLength === undefined || length <= assumedLength) return;
      for (const name of ["values", "responseBytes"] as const) {
        estimate[name] += (length - assumedLength) * each[name];
        if (estimate[name] > limits[name]) excess ??= overLimit(limits, name);
      }
      if (excess) throw excess;
      isLarge = estimate.values > valuesWithoutPause;
    },
    itemsInTurn(field) {
      const values = (field && estimate?.lists.get(field)?.each.values) ?? 1;
      return Math.max(1, Math.floor(valuesInTurn / Math.max(1, values)));
    },
    addError() {
      if (errors === maxErrors) omittedErrors++;
      else errors++;
      return omittedErrors === 0;
    },
    omitErrors(count) {
      omittedErrors += count;
    },
    get omittedErrors() {
      return omittedErrors;
    },
    forgetErrors() {
      errors = 0;
      omittedErrors = 0;
    },
  };
}
