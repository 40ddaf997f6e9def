import type { z } from "zod";
import { ChimeError, type ErrorCode, type Failure } from "../../chime/errors.js";
import type { UserKey } from "../../chime/models.js";
import type { Written } from "../../chime/writes/writes.js";
import type { Context } from "./context.js";
import { checkInput, type InputProblem } from "./validation.js";

export type WriteOutcome = "DONE" | "NOT_DONE" | "PARTIAL" | "UNKNOWN";

/** An error that a payload reports as data. */
export interface MutationError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: readonly string[] | null;
}

/** The result of a mutation of one object. */
export interface MutationResult<Done> {
  readonly outcome: WriteOutcome;
  /** What was written; null unless the outcome is DONE. */
  readonly written: Done | null;
  readonly errors: readonly MutationError[];
}

export type AccountResult = MutationResult<Written<string>>;
export type UserResult = MutationResult<Written<UserKey>>;

/** What an error of Chime's means for a field of the input. */
export interface FieldError<Input> {
  readonly field: keyof Input & string;
  /** What is wrong with the field's value, to follow its name. */
  readonly message: string;
  /** Whether no other field can be at fault. Without it, only this field can be, if it is given. */
  readonly isCertain?: (input: Input) => boolean;
}

/** Errors whose field is certain, by Chime's code. Others keep the general message, and have no path. */
export type FieldErrors<Input> = { readonly [Code in ErrorCode]?: FieldError<Input> };

/** How a mutation checks its input, and what Chime's errors mean for it. */
export interface MutationRules<Input> {
  readonly rules: z.ZodType;
  readonly fieldErrors: FieldErrors<Input>;
}

/** Where the account is the only thing that an operation can fail to find. */
export const accountNotFound = { field: "accountId", message: "is not the id of an account" } as const;

/**
 * Runs a mutation: checks the input, writes if it is valid, and returns as data what the caller can fix and an unknown
 * outcome. Other failures are raised: then nothing was written.
 */
export async function runMutation<Input, Done>(
  context: Pick<Context, "countErrors">,
  { rules, fieldErrors }: MutationRules<Input>,
  input: Input,
  write: (input: Input) => Promise<Done>,
): Promise<MutationResult<Done>> {
  const checked = checkInput(rules, input);
  if (checked.problems) return failed(context, checked.problems.map(invalid));
  try {
    return { outcome: "DONE", written: await write(checked.value), errors: [] };
  } catch (error) {
    if (!(error instanceof ChimeError && error.failure.isUserError)) throw error;
    return failed(context, [errorOf(error.failure, fieldErrors, checked.value)]);
  }
}

function failed(
  context: Pick<Context, "countErrors">,
  errors: readonly MutationError[],
): MutationResult<never> {
  context.countErrors(errors);
  return { outcome: outcomeOf(errors[0] ?? null), written: null, errors };
}

export function outcomeOf(error: MutationError | null): WriteOutcome {
  if (!error) return "DONE";
  return error.code === "OutcomeUnknown" ? "UNKNOWN" : "NOT_DONE";
}

export const invalid = (problem: InputProblem): MutationError => ({ code: "BadRequest", ...problem });

/** A failure as data. Its path is within the input, null if no field is certain. */
export function errorOf<Input>(
  { errorCode: code, message }: Pick<Failure, "errorCode" | "message">,
  fieldErrors: FieldErrors<Input>,
  input: Input,
): MutationError {
  const entry = fieldErrors[code];
  if (!entry || input[entry.field] == null || entry.isCertain?.(input) === false)
    return { code, message, path: null };
  return { code, message: entry.message, path: [entry.field] };
}

/** A write is done, but Chime no longer has what it changed. */
export class ReadBackError extends Error {
  override readonly name = "ReadBackError";
}

/**
 * Reads what was written for a payload, null where nothing was.
 *
 * @throws ChimeError if Chime's response does not tell what was written
 */
export async function readBack<Key, Entity>(
  written: Written<Key> | null,
  read: (key: Key) => Entity | Promise<Entity | null>,
): Promise<Entity | null> {
  if (written === null) return null;
  if (written instanceof ChimeError) throw written;
  const entity = await read(written);
  if (entity === null) throw new ReadBackError("It was written, but Chime no longer has it.");
  return entity;
}
