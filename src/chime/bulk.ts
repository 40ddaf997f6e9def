import pLimit from "p-limit";
import { ChimeError, type ErrorCode, messages } from "./failures.js";

/** Calls of one bulk write that are under way at once. */
const callsAtOnce = 4;

/** What came of one item of a bulk write. */
export type Outcome<Done> = { readonly done: Done } | ItemFailure;

export interface ItemFailure {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
}

export const itemFailure = (errorCode: ErrorCode): ItemFailure => ({
  errorCode,
  errorMessage: messages[errorCode],
});

/**
 * Carries out a bulk write of any size: cuts it into calls, a few at once. Every item gets its outcome, in input
 * order; a call that fails fails for its own items alone. Once a call has timed out, no further one is sent: their
 * items are not done, and say so, instead of outlasting the caller's patience. Items with the same key are sent once and share the outcome.
 *
 * @param perCall items that Chime takes in one call
 * @param send one call: the outcome of each of its items, in their order
 */
export async function sendInBulk<Item, Done>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  perCall: number,
  send: (items: readonly Item[]) => Promise<Outcome<Done>[]>,
): Promise<Outcome<Done>[]> {
  const distinct = new Map(items.toReversed().map((item) => [keyOf(item), item] as const));
  const keys = [...new Set(items.map(keyOf))];
  const calls = Array.from({ length: Math.ceil(keys.length / perCall) }, (_, call) =>
    keys.slice(call * perCall, (call + 1) * perCall),
  );

  const outcomes = new Map<string, Outcome<Done>>();
  const limit = pLimit(callsAtOnce);
  let timedOut = false;
  await limit.map(calls, async (callKeys) => {
    const callItems = callKeys.map((key) => distinct.get(key) as Item);
    const answers = timedOut
      ? callItems.map(() => itemFailure("ServiceUnavailable"))
      : await send(callItems).catch((error: unknown) => {
          timedOut ||= error instanceof ChimeError && error.timedOut;
          return callItems.map(() => failureOf(error));
        });
    callKeys.forEach((key, index) => {
      outcomes.set(key, answers[index] ?? itemFailure("OutcomeUnknown"));
    });
  });
  return items.map((item) => outcomes.get(keyOf(item)) ?? itemFailure("OutcomeUnknown"));
}

function failureOf(error: unknown): ItemFailure {
  if (!(error instanceof ChimeError)) throw error;
  const { errorCode, message } = error.failure;
  return { errorCode, errorMessage: message };
}
