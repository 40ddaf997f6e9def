import type { Invite } from "@aws-sdk/client-chime";
import type { z } from "zod";
import { callerErrors } from "../../chime/errors.js";
import type { UserKey } from "../../chime/models.js";
import { type ItemFailure, type ItemResult, itemFailure } from "../../chime/writes/bulk.js";
import type { UpdateUserRequestItem } from "../../generated/schema.js";
import type { Context } from "./context.js";
import {
  errorOf,
  type FieldErrors,
  invalid,
  type MutationError,
  type MutationRules,
  outcomeOf,
  type WriteOutcome,
} from "./mutation.js";
import { checkInput, type InputProblem } from "./validation.js";

/** The result of a bulk mutation: errors, or an entry for each item. */
export interface BulkResult<Item, Done> {
  readonly outcome: WriteOutcome;
  readonly errors: readonly MutationError[];
  readonly results: readonly BulkItem<Item, Done>[];
}

/** The result of one item. */
export interface BulkItem<Item, Done> {
  readonly index: number;
  /** As the caller gave it. */
  readonly item: Item;
  readonly outcome: WriteOutcome;
  /** What was written; null unless the outcome is DONE. */
  readonly done: Done | null;
  /** Null if the outcome is DONE. */
  readonly error: ItemError | null;
}

export interface ItemError extends MutationError {
  /** The message for a place without the path. */
  readonly summary: string;
}

export type UpdatedItem = BulkItem<UpdateUserRequestItem, UserKey>;
export type UpdatesResult = BulkResult<UpdateUserRequestItem, UserKey>;
export type InvitedItem = BulkItem<string, Invite>;
export type InvitesResult = BulkResult<string, Invite>;

type InputOf<List extends string, Item> = Readonly<Record<List, readonly Item[]>>;

/** `rules` are for the input without its items, `fieldErrors` for calls that fail as a whole. */
export interface BulkRules<Input extends InputOf<List, Item>, List extends string, Item>
  extends MutationRules<Input> {
  /** The field of the input that holds the items. */
  readonly list: List;
  readonly itemRules: z.ZodType;
  readonly itemFieldErrors: FieldErrors<Item>;
  /** Problems of items that are valid by themselves, by index; an invalid item is undefined. */
  readonly findConflicts?: (items: readonly (Item | undefined)[]) => ReadonlyMap<number, InputProblem>;
}

/**
 * Runs a mutation of many items, each of which succeeds or fails by itself. Nothing is written if the input as a whole is
 * wrong, or if no item is valid.
 *
 * @param write gets the valid items, and returns the result of each in their order
 */
export async function runBulkMutation<Input extends InputOf<List, Item>, List extends string, Item, Done>(
  context: Pick<Context, "countErrors">,
  { rules, list, fieldErrors, itemRules, itemFieldErrors, findConflicts }: BulkRules<Input, List, Item>,
  given: Input,
  write: (input: Input, items: readonly Item[]) => Promise<readonly ItemResult<Done>[]>,
): Promise<BulkResult<Item, Done>> {
  const checked = checkInput(rules, given);
  if (checked.problems) {
    const errors = checked.problems.map(invalid);
    context.countErrors(errors);
    return { outcome: "NOT_DONE", errors, results: [] };
  }
  const done = new Map<number, Done>();
  const errors = new Map<number, ItemError>();
  const refuse = (index: number, { path, message }: InputProblem) =>
    errors.set(index, {
      ...invalid({ path: [list, String(index), ...path], message }),
      summary: [path.join("."), message].filter(Boolean).join(" "),
    });

  const items = given[list].map((item, index) => {
    const checkedItem = checkInput(itemRules, item);
    if (!checkedItem.problems) return checkedItem.value;
    // The first one is enough to name the field.
    for (const problem of checkedItem.problems.slice(0, 1)) refuse(index, problem);
    return undefined;
  });
  for (const [index, problem] of findConflicts?.(items) ?? []) refuse(index, problem);

  const valid = items.flatMap((item, index) =>
    item === undefined || errors.has(index) ? [] : [{ index, item }],
  );
  if (valid.length > 0) {
    const written = await write(
      checked.value,
      valid.map(({ item }) => item),
    );
    for (const [position, { index, item }] of valid.entries()) {
      const result = written[position] ?? itemFailure("OutcomeUnknown");
      if ("done" in result) done.set(index, result.done);
      else errors.set(index, itemErrorOf(result, index, item));
    }
  }
  const results = given[list].map((item, index) => {
    const error = errors.get(index) ?? null;
    return { index, item, outcome: outcomeOf(error), done: done.get(index) ?? null, error };
  });
  context.countErrors(results.flatMap(({ error }) => error ?? []));
  return { outcome: outcomeOfAll(results), errors: [], results };

  /** The item is at fault if Chime has refused it alone, by a code for a caller's mistake. */
  function itemErrorOf({ isOfCall, ...failure }: ItemFailure, index: number, item: Item): ItemError {
    const summary = failure.message;
    if (isOfCall) return { ...errorOf(failure, fieldErrors, given), summary };
    const place = [list, String(index)];
    const { path, ...error } = errorOf(failure, itemFieldErrors, item);
    if (path) return { ...error, path: [...place, ...path], summary };
    return { ...error, path: callerErrors.has(error.code) ? place : null, summary };
  }
}

/** PARTIAL only if something was done: otherwise the whole is not done, or nobody knows. */
function outcomeOfAll(results: readonly { readonly outcome: WriteOutcome }[]): WriteOutcome {
  const has = (wanted: WriteOutcome) => results.some(({ outcome }) => outcome === wanted);
  if (!has("DONE")) return has("UNKNOWN") ? "UNKNOWN" : "NOT_DONE";
  return has("NOT_DONE") || has("UNKNOWN") ? "PARTIAL" : "DONE";
}
