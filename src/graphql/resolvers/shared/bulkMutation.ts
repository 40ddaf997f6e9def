import type { Invite } from "@aws-sdk/client-chime";
import type { z } from "zod";
import { callerErrors } from "../../../chime/errors.js";
import type { ChimeRoomMembership, UserKey } from "../../../chime/models.js";
import { type ItemFailure, type ItemResult, itemFailure } from "../../../chime/writes/bulk.js";
import type { Context, MutationError } from "./context.js";
import {
  type FieldErrors,
  invalid,
  type MutationRules,
  outcomeOf,
  toMutationError,
  type WriteOutcome,
} from "./mutation.js";
import { type ValidationIssue, validateInput } from "./validation.js";

/** The result of a bulk mutation: errors, or a result for each item. */
export interface BulkResult<Item, Value> {
  readonly outcome: WriteOutcome;
  readonly errors: readonly MutationError[];
  readonly results: readonly BulkItem<Item, Value>[];
}

/** The result of one item. */
export interface BulkItem<Item, Value> {
  readonly index: number;
  /** The item as it is in the input. */
  readonly item: Item;
  readonly outcome: WriteOutcome;
  /** The key of the written object; null unless the outcome is DONE. */
  readonly value: Value | null;
  /** Null if the outcome is DONE. */
  readonly error: ItemError | null;
}

interface ItemError extends MutationError {
  /** The message with the name of the field, for errors without a path. */
  readonly summary: string;
}

type UserItem = { readonly userId: string };
export type UpdatedItem = BulkItem<UserItem, UserKey>;
export type UpdatesResult = BulkResult<UserItem, UserKey>;
export type UserIdItem = BulkItem<string, UserKey>;
export type UserIdsResult = BulkResult<string, UserKey>;
type PhoneNumberItem = { readonly phoneNumberId: string };
export type UpdatedNumber = BulkItem<PhoneNumberItem, string>;
export type NumberUpdatesResult = BulkResult<PhoneNumberItem, string>;
export type NumberItem = BulkItem<string, string>;
export type NumbersResult = BulkResult<string, string>;
export type InvitedItem = BulkItem<string, Invite>;
export type InvitesResult = BulkResult<string, Invite>;

type MemberItem = { readonly memberId: string };
/** Reads the membership that was added: it takes reading all of the room's. */
export type ReadMembership = () => Promise<ChimeRoomMembership | null>;
export type AddedMember = BulkItem<MemberItem, ReadMembership>;
export type MembershipsResult = BulkResult<MemberItem, ReadMembership>;

type InputOf<List extends string, Item> = Readonly<Record<List, readonly Item[]>>;

/** `rules` are for the input without its items, `fieldErrors` for calls that fail as a whole. */
export interface BulkRules<Input extends InputOf<List, Item>, List extends string, Item>
  extends MutationRules<Input> {
  /** The field of the input that holds the items. */
  readonly list: List;
  readonly itemRules: z.ZodType;
  readonly itemFieldErrors: FieldErrors<Item>;
  /** Issues by index of items that are valid by themselves; an invalid item is undefined. */
  readonly findConflicts?: (items: readonly (Item | undefined)[]) => ReadonlyMap<number, ValidationIssue>;
}

/**
 * Runs a mutation of many items, which succeed or fail independently. Nothing is written if the rest of the input is
 * invalid, or if no item is valid.
 *
 * @param write gets the valid items, and returns their results in the same order
 */
export async function runBulkMutation<Input extends InputOf<List, Item>, List extends string, Item, Value>(
  context: Pick<Context, "countErrors">,
  { rules, list, fieldErrors, itemRules, itemFieldErrors, findConflicts }: BulkRules<Input, List, Item>,
  input: Input,
  write: (input: Input, items: readonly Item[]) => Promise<readonly ItemResult<Value>[]>,
): Promise<BulkResult<Item, Value>> {
  const validated = validateInput(rules, input);
  if (validated.issues) {
    const errors = validated.issues.map(invalid);
    context.countErrors(errors);
    return { outcome: "NOT_DONE", errors, results: [] };
  }
  const values = new Map<number, Value>();
  const errors = new Map<number, ItemError>();
  const reject = (index: number, issue: ValidationIssue) =>
    errors.set(index, {
      ...invalid({ ...issue, path: [list, String(index), ...issue.path] }),
      summary: summaryOf(issue),
    });

  const items = input[list].map((item, index) => {
    const { value, issues: [issue] = [] } = validateInput(itemRules, item);
    if (issue) reject(index, issue);
    return value;
  });
  for (const [index, issue] of findConflicts?.(items) ?? []) reject(index, issue);

  const valid = items.flatMap((item, index) =>
    item === undefined || errors.has(index) ? [] : [{ index, item }],
  );
  if (valid.length > 0) {
    const results = await write(
      validated.value,
      valid.map(({ item }) => item),
    );
    for (const [position, { index, item }] of valid.entries()) {
      const result = results[position] ?? itemFailure("OutcomeUnknown");
      if ("done" in result) values.set(index, result.done);
      else errors.set(index, toItemError(result, index, item));
    }
  }
  const results = input[list].map((item, index) => {
    const error = errors.get(index) ?? null;
    return { index, item, outcome: outcomeOf(error), value: values.get(index) ?? null, error };
  });
  context.countErrors(results.flatMap(({ error }) => error ?? []));
  return { outcome: outcomeOfAll(results), errors: [], results };

  /** The path leads to the item if Chime has rejected it alone, with a code for a caller's mistake. */
  function toItemError({ isOfCall, ...failure }: ItemFailure, index: number, item: Item): ItemError {
    const error = isOfCall
      ? toMutationError(failure, fieldErrors, input)
      : toMutationError(failure, itemFieldErrors, item);
    const summary = summaryOf(error);
    if (isOfCall) return { ...error, summary };
    const path = error.path ?? (callerErrors.has(error.code) ? [] : null);
    return { ...error, path: path && [list, String(index), ...path], summary };
  }
}

/**
 * For `findConflicts`: different changes of one object conflict, since the result would depend on their order.
 *
 * @param idField the field with the object's id
 * @param changeOf the change, to be compared as JSON
 */
export const conflictsBy =
  <Item extends object>(idField: keyof Item & string, changeOf: (item: Item) => unknown) =>
  (items: readonly (Item | undefined)[]): Map<number, ValidationIssue> => {
    const entriesById = new Map<unknown, { index: number; item: Item }[]>();
    for (const [index, item] of items.entries()) {
      if (!item) continue;
      const entries = entriesById.get(item[idField]);
      if (entries) entries.push({ index, item });
      else entriesById.set(item[idField], [{ index, item }]);
    }
    const issues = new Map<number, ValidationIssue>();
    for (const entries of entriesById.values()) {
      if (entries.length === 1) continue;
      const changes = entries.map(({ index, item }) => ({ index, change: JSON.stringify(changeOf(item)) }));
      for (const { index, change } of changes) {
        const other = changes.find((each) => each.change !== change);
        if (other)
          issues.set(index, { path: [idField], message: `conflicts with the change in item ${other.index}` });
      }
    }
    return issues;
  };

const summaryOf = ({ path, message }: Pick<MutationError, "path" | "message">): string =>
  [path?.join("."), message].filter(Boolean).join(" ");

/** PARTIAL only if something was done: otherwise all is undone or unknown. */
function outcomeOfAll(results: readonly { readonly outcome: WriteOutcome }[]): WriteOutcome {
  const has = (wanted: WriteOutcome) => results.some(({ outcome }) => outcome === wanted);
  if (!has("DONE")) return has("UNKNOWN") ? "UNKNOWN" : "NOT_DONE";
  return has("NOT_DONE") || has("UNKNOWN") ? "PARTIAL" : "DONE";
}
