import pLimit from "p-limit";
import { ChimeError, type ErrorCode, messages } from "../errors.js";
import type { ChimeSession } from "../session.js";

/** Concurrent calls of one bulk write. */
const concurrentCalls = 10;
/** Maximum number of times that an item is sent if Chime throttles it in an accepted call. */
const maxRounds = 6;

/** The result of one item of a bulk write. */
export type ItemResult<Done> = { readonly done: Done } | ItemFailure;

export interface ItemFailure {
  readonly errorCode: ErrorCode;
  readonly message: string;
  /** Whether the whole call failed or was not sent: then the item need not be at fault. */
  readonly isOfCall: boolean;
}

/** A failure of this item only. */
export const itemFailure = (errorCode: ErrorCode): ItemFailure => ({
  errorCode,
  message: messages[errorCode],
  isOfCall: false,
});

const notSent: ItemFailure = { ...itemFailure("ServiceUnavailable"), isOfCall: true };

/**
 * Performs a bulk write of any size in calls of limited size, a few at once. A failed call affects its own items only.
 * Items that Chime throttles are retried after a pause, within the deadline; nothing else is sent twice. After a timeout no
 * further calls are sent: their items are not done. Items with the same key are sent once and share the result.
 *
 * @param perCall items that Chime accepts in one call
 * @param session whose deadline bounds the pauses
 * @param send makes one call. Returns the results of its items, in order
 * @returns the result of each item, in the order of the items
 */
export async function sendInBulk<Item, Done>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  perCall: number,
  session: Pick<ChimeSession, "timeToSend" | "sleep">,
  send: (items: readonly Item[]) => Promise<ItemResult<Done>[]>,
): Promise<ItemResult<Done>[]> {
  const keys = items.map(keyOf);
  const distinct = new Map<string, Item>();
  items.forEach((item, index) => {
    const key = keys[index] as string;
    // The first item with a key is sent.
    if (!distinct.has(key)) distinct.set(key, item);
  });

  const results = new Map<string, ItemResult<Done>>();
  const limit = pLimit(concurrentCalls);
  let timedOut = false;

  async function sendCall(call: readonly (readonly [string, Item])[]): Promise<void> {
    const callItems = call.map(([, item]) => item);
    const callResults = timedOut
      ? callItems.map(() => notSent)
      : await send(callItems).catch((error: unknown) => {
          timedOut ||= error instanceof ChimeError && error.timedOut;
          return callItems.map(() => failureOf(error));
        });
    call.forEach(([key], index) => {
      results.set(key, callResults[index] ?? itemFailure("OutcomeUnknown"));
    });
  }

  let entries = [...distinct];
  for (let round = 1; ; round++) {
    const calls = Array.from({ length: Math.ceil(entries.length / perCall) }, (_, call) =>
      entries.slice(call * perCall, (call + 1) * perCall),
    );
    await limit.map(calls, sendCall);
    entries = entries.filter(([key]) => isThrottled(results.get(key)));
    const pause = round * 1_000;
    if (entries.length === 0 || timedOut || round === maxRounds || session.timeToSend() < pause) break;
    if (!(await session.sleep(pause))) break;
  }
  return keys.map((key) => results.get(key) ?? itemFailure("OutcomeUnknown"));
}

/** Not a throttled call: the scheduler has retried it until its deadline. */
const isThrottled = (result: ItemResult<unknown> | undefined): boolean =>
  result !== undefined &&
  "errorCode" in result &&
  !result.isOfCall &&
  (result.errorCode === "Throttled" || result.errorCode === "Throttling");

function failureOf(error: unknown): ItemFailure {
  if (!(error instanceof ChimeError)) throw error;
  const { errorCode, message } = error.failure;
  return { errorCode, message, isOfCall: true };
}
