import type { Invite } from "@aws-sdk/client-chime";
import type { z } from "zod";
import type { ItemFailure, Outcome } from "../chime/bulk.js";
import { ChimeError, type ErrorCode } from "../chime/failures.js";
import type { UserKey } from "../chime/models.js";
import { checkInput } from "./inputs.js";

/** What came of a mutation: what was written, or why nothing was. */
export interface Answer<Written> {
  readonly written: Written | null;
  readonly errors: readonly {
    readonly code: ErrorCode;
    readonly message: string;
    readonly path: readonly string[] | null;
  }[];
}

export type AccountAnswer = Answer<string>;
export type UserAnswer = Answer<UserKey>;
export type UpdatesAnswer = Answer<ByOutcome<string, UserKey>>;
export type InvitesAnswer = Answer<ByOutcome<string, Invite>>;

/** The items of a bulk write, the done and the failed apart, both in input order. */
export interface ByOutcome<Item, Done> {
  readonly done: readonly Done[];
  readonly failed: readonly (ItemFailure & { readonly index: number; readonly item: Item })[];
}

/** @param outcomes one for each item */
export function byOutcome<Item, Done>(
  items: readonly Item[],
  outcomes: readonly Outcome<Done>[],
): ByOutcome<Item, Done> {
  return {
    done: outcomes.flatMap((outcome) => ("done" in outcome ? [outcome.done] : [])),
    failed: items.flatMap((item, index) => {
      const outcome = outcomes[index];
      return outcome === undefined || "done" in outcome ? [] : [{ ...outcome, index, item }];
    }),
  };
}

/**
 * Carries out a mutation: checks its input, writes if all of it is right, and turns what the caller can fix into data.
 * Other failures are raised.
 *
 * @param write is given the input as its rules have changed it: trimmed
 */
export async function answer<Input, Written>(
  rules: z.ZodType,
  input: Input,
  write: (input: Input) => Promise<Written>,
): Promise<Answer<Written>> {
  const checked = checkInput(rules, input);
  if (checked.problems)
    return { written: null, errors: checked.problems.map((problem) => ({ code: "BadRequest", ...problem })) };
  try {
    return { written: await write(checked.value), errors: [] };
  } catch (error) {
    if (!(error instanceof ChimeError && error.failure.fixable)) throw error;
    const { errorCode: code, message } = error.failure;
    return { written: null, errors: [{ code, message, path: null }] };
  }
}

/** A write is done, but what it changed cannot be read: Chime no longer has it. */
export class ReadBackError extends Error {
  override readonly name = "ReadBackError";
}

/** Reads what was written for a payload, null where nothing was. */
export async function readBack<Key, Entity>(
  written: Key | null,
  read: (key: Key) => Entity | Promise<Entity | null>,
): Promise<Entity | null> {
  if (written === null) return null;
  const entity = await read(written);
  if (entity === null) throw new ReadBackError("It was written, but is not there any more.");
  return entity;
}
