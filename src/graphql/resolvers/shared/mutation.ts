import type { CreateMeetingDialOutResponse } from "@aws-sdk/client-chime";
import type { z } from "zod";
import { ChimeError, ErrorCode, type Failure } from "../../../chime/errors.js";
import type { ChimeRoomMembership, UserKey } from "../../../chime/models.js";
import type { PhoneNumberKey } from "../../../chime/phoneNumbers.js";
import type { WriteKey } from "../../../chime/writes/writes.js";
import { PublicError } from "../../../publicError.js";
import type { Context, MutationError } from "./context.js";
import type { KeyOf, MembershipKey } from "./globalId.js";
import { userIds, type ValidationIssue, validateInput } from "./validation.js";

export type WriteOutcome = "DONE" | "NOT_DONE" | "PARTIAL" | "UNKNOWN";

/** The result of a mutation of one object. */
export interface MutationResult<Value> {
  readonly outcome: WriteOutcome;
  /** The key of the object that was written; null unless the outcome is DONE. */
  readonly value: Value | null;
  readonly errors: readonly MutationError[];
}

export type AccountResult = MutationResult<WriteKey<string>>;
export type UserResult = MutationResult<WriteKey<UserKey>>;
/** The value is the global id of the deleted object. */
export type DeletionResult = MutationResult<string>;
export type GlobalSettingsResult = MutationResult<true>;
export type PhoneNumberSettingsResult = MutationResult<true>;
export type PhoneNumberResult = MutationResult<WriteKey<PhoneNumberKey>>;
export type PhoneNumberOrderResult = MutationResult<WriteKey<{ readonly phoneNumberOrderId: string }>>;
export type AssignmentResult = MutationResult<UserKey & PhoneNumberKey>;
export type DialOutResult = MutationResult<CreateMeetingDialOutResponse>;
export type RoomResult = MutationResult<WriteKey<KeyOf<"Room">>>;
export type BotResult = MutationResult<WriteKey<KeyOf<"Bot">>>;
/** The value is the membership itself: no operation of Chime's reads one. */
export type MembershipResult = MutationResult<WriteKey<ChimeRoomMembership>>;
export type MembershipDeletionResult = MutationResult<MembershipKey>;

/** An error code of Chime's, mapped to a field of an operation's input. */
export interface FieldError<Input> {
  /** Absent: an item that is not an object, such as an id; of an object, several fields may have caused the error. */
  readonly field?: keyof Input & string;
  /** The problem, to follow the field's name; a sentence if there is no field. */
  readonly message: string;
  /** Whether no other field of this input can cause the error. By default, it applies whenever the field is given. */
  readonly appliesTo?: (input: Input) => boolean;
}

/**
 * The meaning of Chime's error codes for an operation: the field of the input that causes the error, and a message about it.
 * Codes without an entry keep their general message, and have no path. Of several entries, the first that applies counts.
 */
export type FieldErrors<Input> = {
  readonly [Code in ErrorCode]?: FieldError<Input> | readonly FieldError<Input>[];
};

/** The validation of a mutation's input, and the meaning of Chime's errors for it. */
export interface MutationRules<Input> {
  readonly rules: z.ZodType;
  readonly fieldErrors: FieldErrors<Input>;
}

/** Thrown by a write's precondition: the input contradicts the current state, and nothing is sent. */
export class RejectedInputError extends Error {
  override readonly name = "RejectedInputError";

  constructor(readonly error: MutationError) {
    super(error.message);
  }
}

/** For operations that look up nothing but the account. */
export const accountNotFound = { field: "accountId", message: "is not the id of an account" } as const;

/** For the one field that is left, since the rules cover Chime's constraints of the others. */
export const rejected = "was rejected by Chime";

/**
 * What BadRequest means for an input with some of these fields: the only one that is given is at fault.
 *
 * @param messages by field
 */
export const onlyOneOf = <Input>(
  messages: Readonly<Partial<Record<keyof Input & string, string>>>,
): FieldError<Input>[] => {
  const fields = Object.keys(messages) as (keyof Input & string)[];
  return fields.map((field) => ({
    field,
    message: messages[field] ?? rejected,
    appliesTo: (input) => fields.every((each) => each === field || input[each] == null),
  }));
};

/** For operations of Enterprise accounts only, which Chime rejects with Forbidden for Team accounts. */
export const enterpriseOnly = {
  Forbidden: { field: "accountId", message: "is not the id of an Enterprise account" },
} as const;

/** For operations on one user. Without an entry for NotFound, which may mean the account or the user. */
export const ofUser = { rules: userIds, fieldErrors: {} } as const;

/** An input that a precondition rejects. */
export const missingAccount = (): RejectedInputError =>
  new RejectedInputError({
    code: ErrorCode.NotFound,
    message: accountNotFound.message,
    path: [accountNotFound.field],
  });

/**
 * Runs a mutation: validates the input, writes, and returns as data the errors that the caller can fix and an unknown
 * outcome. It throws other errors: then nothing was written.
 */
export async function runMutation<Input, Value>(
  context: Pick<Context, "countErrors">,
  { rules, fieldErrors }: MutationRules<Input>,
  input: Input,
  write: (input: Input) => Promise<Value>,
): Promise<MutationResult<Value>> {
  const validated = validateInput(rules, input);
  if (validated.issues) return failed(context, validated.issues.map(invalid));
  try {
    return { outcome: "DONE", value: await write(validated.value), errors: [] };
  } catch (error) {
    if (error instanceof RejectedInputError) return failed(context, [error.error]);
    if (!(error instanceof ChimeError && error.failure.isUserError)) throw error;
    // Not Chime's own error: the caller is limited to certain accounts, and no field is at fault.
    const meanings = error.failure.code === "FORBIDDEN" ? {} : fieldErrors;
    return failed(context, [toMutationError(error.failure, meanings, validated.value)]);
  }
}

function failed(
  context: Pick<Context, "countErrors">,
  errors: readonly MutationError[],
): MutationResult<never> {
  context.countErrors(errors);
  return { outcome: outcomeOf(errors[0] ?? null), value: null, errors };
}

export function outcomeOf(error: MutationError | null): WriteOutcome {
  if (!error) return "DONE";
  return error.code === "OutcomeUnknown" ? "UNKNOWN" : "NOT_DONE";
}

export const invalid = (issue: ValidationIssue): MutationError => ({ code: "BadRequest", ...issue });

/** The error of a call as data. Its path is within the input, or null if several fields may cause it. */
export function toMutationError<Input>(
  { errorCode: code, message }: Pick<Failure, "errorCode" | "message">,
  fieldErrors: FieldErrors<Input>,
  input: Input,
): MutationError {
  const entry = [fieldErrors[code] ?? []]
    .flat()
    .find(({ field, appliesTo }) => (!field || input[field] != null) && appliesTo?.(input) !== false);
  if (!entry) return { code, message, path: null };
  const inputPath = typeof input === "object" ? null : [];
  return { code, message: entry.message, path: entry.field ? [entry.field] : inputPath };
}

/** Chime no longer has the object that was written. */
export class ReadBackError extends PublicError {
  override readonly name = "ReadBackError";
  readonly code = "UPSTREAM_UNAVAILABLE";

  constructor() {
    super("The write succeeded, but the result could not be read back.");
  }
}

/**
 * Reads the object that was written for a payload; null if nothing was written.
 *
 * @throws ChimeError if Chime's response does not identify the object
 */
export async function readBack<Key, Entity>(
  key: WriteKey<Key> | null,
  read: (key: Key) => Entity | Promise<Entity | null>,
): Promise<Entity | null> {
  if (key === null) return null;
  if (key instanceof ChimeError) throw key;
  const entity = await read(key);
  if (entity === null) throw new ReadBackError();
  return entity;
}
