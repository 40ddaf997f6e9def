import { z } from "zod";
import { chimeLimits } from "../../../chime/models.js";
import { numberOf } from "../../../chime/phoneNumbers.js";
import { constraintOf, id } from "../../../chime-api/constraints.js";
import { PublicError } from "../../../publicError.js";
import { idIn, parseGlobalId, type TypeWithId } from "./globalId.js";

/** A problem of an input, with its path. List positions are digits: `["userIds", "3"]`. */
export interface ValidationIssue {
  readonly path: readonly string[];
  readonly message: string;
}

/** Issues that an error lists, and that its message names: 500 ids can all be malformed. */
const maxIssues = { listed: 100, named: 5 };

/** The arguments of a query are invalid. (Issues of a mutation's input are data: see runMutation.) */
export class InvalidInputError extends PublicError {
  override readonly name = "InvalidInputError";
  readonly code = "BAD_USER_INPUT";

  constructor(readonly issues: readonly ValidationIssue[]) {
    const named = issues.slice(0, maxIssues.named);
    const sentences = named.map(({ path, message }) => [path.join("."), message].filter(Boolean).join(" "));
    const rest = issues.length - named.length;
    super([...sentences, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; "));
  }

  override get extensions() {
    return { code: this.code, problems: this.issues.slice(0, maxIssues.listed) };
  }
}

/** A valid value as its rules have changed it, or its issues. */
type Validated<Value> =
  | { readonly value: Value; readonly issues?: never }
  | { readonly value?: never; readonly issues: readonly ValidationIssue[] };

/** Messages never repeat the value, which may be personal. */
function validateValue<Value>(rules: z.ZodType<Value>, value: unknown): Validated<Value> {
  const { data, error } = rules.safeParse(value);
  if (!error) return { value: data };
  return {
    issues: error.issues
      .toSorted((a, b) => positionOf(a.path) - positionOf(b.path))
      .map(({ path, message }) => ({ path: path.map(String), message })),
  };
}

/** The position of the list item with the issue; issues outside lists come first. */
const positionOf = (path: readonly PropertyKey[]): number =>
  Number(path.find((step) => typeof step === "number") ?? -1);

/**
 * Validates an input that has a type of its own. Its rules may only trim strings, and a rule for an object has to be loose
 * if the object has members that the rule does not list.
 */
export const validateInput = <Input>(rules: z.ZodType, input: Input): Validated<Input> =>
  validateValue(rules as z.ZodType<Input>, input);

/** @throws InvalidInputError */
export function parse<Value>(rules: z.ZodType<Value>, given: unknown): Value {
  const validated = validateValue(rules, given);
  if (validated.issues) throw new InvalidInputError(validated.issues);
  return validated.value;
}

/**
 * Validates the arguments of a query (see validateInput).
 *
 * @throws InvalidInputError
 */
export const validate = <Args>(rules: z.ZodType, args: Args): Args => parse(rules as z.ZodType<Args>, args);

/** For `refine`: at least one of the fields is given. The issue is at the first. */
export const atLeastOneOf = (
  ...fields: string[]
): [
  check: (input: Readonly<Record<string, unknown>>) => boolean,
  issue: { path: string[]; message: string },
] => [
  (input) => fields.some((field) => input[field] != null),
  { path: fields.slice(0, 1), message: `is required unless ${fields.slice(1).join(" or ")} is given` },
];

/** For `refine`: not both fields are given. The issue is at the second. */
export const atMostOneOf = (
  first: string,
  second: string,
): [
  check: (input: Readonly<Record<string, unknown>>) => boolean,
  issue: { path: string[]; message: string },
] => [
  (input) => input[first] == null || input[second] == null,
  { path: [second], message: `must not be given together with ${first}` },
];

const givenString = () =>
  z.string({ error: ({ input }) => (input == null ? "is required" : "must be a string") });

/** An account or user id. */
export const chimeId = givenString().regex(id.pattern, `must ${id.patternRule}`);

/** The ids of a room or of a bot, and other members. */
export const roomIds = z.looseObject({ accountId: chimeId, roomId: chimeId });
export const botIds = z.looseObject({ accountId: chimeId, botId: chimeId });

/** The ids of a user, and other members. */
export const userIds = z.looseObject({ accountId: chimeId, userId: chimeId });

/** @param types the types whose ids are valid */
const globalIdOf = (message: string, ...types: TypeWithId[]) =>
  givenString().refine((value) => {
    const { type, ...ids } = parseGlobalId(value) ?? {};
    return (
      type !== undefined && types.includes(type) && Object.values(ids).every((each) => id.pattern.test(each))
    );
  }, message);

export const globalId = globalIdOf("is not the global id of an account or user", "Account", "User");
export const globalIdOfAccount = globalIdOf("is not the global id of an account", "Account");
export const globalIdOfUser = globalIdOf("is not the global id of a user", "User");
export const globalIdOfRoomOrBot = (type: "Room" | "Bot") =>
  globalIdOf(`is not the global id of a ${type.toLowerCase()}`, type);

/**
 * White space, and invisible characters that are often copied with a text, such as direction marks and soft hyphens. Not the
 * joiners U+200C and U+200D, which may belong to the last letter or emoji.
 */
const blank = /^[\p{White_Space}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]$/u;

/** A regular expression that ends in `$` would take quadratic time for long white space. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && blank.test(text.charAt(start))) start++;
  while (end > start && blank.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Half a surrogate pair cannot be stored, and U+FFFD replaces characters that were lost before. */
const storable = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffd]*$/u;
const unstorable = "must not contain control characters, line breaks, half a surrogate pair or U+FFFD";

/** At least one visible character. */
const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Longer texts are not even trimmed: one variable may be used hundreds of times. */
const maxTextLength = 10_000;
const givenText = givenString().max(maxTextLength, {
  error: `must be at most ${maxTextLength} characters`,
  abort: true,
});

/** For a text whose empty value removes what is stored: white space does not. */
const removableText = givenText
  .refine((text) => text === "" || visible.test(text), { error: "must not be blank", abort: true })
  .overwrite(trim);

/**
 * A text with Chime's own constraints on the member.
 *
 * @param text rules that come before them
 * @param abort whether the rules for the whole input depend on this text, and are skipped if it is invalid
 */
export function chimeText(member: string, text = givenText.overwrite(trim), abort = false) {
  const { min = 0, max = Number.MAX_SAFE_INTEGER, pattern = /^/, patternRule } = constraintOf("", member);
  return text
    .min(min, { error: `must be at least ${min} characters`, abort: true })
    .max(max, { error: `must be at most ${max} characters`, abort: true })
    .regex(pattern, { error: `must ${patternRule}`, abort });
}

export const callingName = chimeText("CallingName", removableText);

/** A phone number in any form, or Chime's id of one. It becomes the number: `+12065550100`. */
export const phoneNumberId = chimeText("PhoneNumberId").overwrite(numberOf);

export const phoneNumberOrderId = chimeText("PhoneNumberOrderId", givenString());

const untrimmedNumberId = chimeText("PhoneNumberId", givenString());
export const globalIdOfPhoneNumber = givenString().refine(
  (value) => untrimmedNumberId.safeParse(idIn("PhoneNumber", value)).success,
  "is not the global id of a phone number",
);
export const globalIdOfPhoneNumberOrder = givenString().refine(
  (value) => phoneNumberOrderId.safeParse(idIn("PhoneNumberOrder", value)).success,
  "is not the global id of an order",
);

/** A name to store or to find, without surrounding white space. For a text to compare with a stored one use z.string(). */
const name = givenText
  .overwrite(trim)
  .regex(storable, { error: unstorable, abort: true })
  .regex(visible, "must not be blank");

export const username = name;

export const searchText = name;

export const roomName = name;

export const botName = name.refine((value) => [...value].length <= 55, "must be at most 55 characters");

/** Chime accepts the domains that the account has claimed. */
export const domain = name;

export const idempotencyToken = givenString().regex(
  /^[-_a-zA-Z0-9]{2,64}$/,
  "must be 2 to 64 letters, digits, '-' or '_'",
);

export const httpsUrl = givenText
  .overwrite(trim)
  .refine(
    (url) =>
      /^https:\/\/[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}]+$/iu.test(url) &&
      URL.canParse(url),
    "must be an https URL",
  );

export const lambdaArn = givenText
  .overwrite(trim)
  .regex(
    /^arn:aws[a-z-]{0,20}:lambda:[a-z0-9-]{1,30}:\d{12}:function:[a-zA-Z0-9_-]{1,64}(:[a-zA-Z0-9$_-]{1,128})?$/,
    "must be the ARN of a Lambda function",
  );

/** Without trimming: a request for " records" is more likely a mistake. */
export const bucketName = givenString().regex(
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  "must be 3 to 63 of a-z, 0-9, '.' and '-', starting and ending with a letter or digit",
);

/** An empty ARN removes the room. */
export const roomArn = removableText.regex(storable, unstorable);

/** Characters that an address cannot hold unquoted, invisible ones (U+2800 is a blank), and other forms of @. */
const notInAddress =
  /[\p{White_Space}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\uFF20\uFE6B<>()[\]:;,"\\]/u;

/**
 * One address alone: Chime's own pattern, `^.+@.+\..+$`, accepts `Ada <ada@example.com>`. The patterns take linear time;
 * the length is the one that mail allows.
 */
export const emailAddress = givenText
  .overwrite(trim)
  .max(320, { error: "must be at most 320 characters", abort: true })
  .regex(storable, { error: unstorable, abort: true })
  .refine((address) => !notInAddress.test(address), {
    error: "must be a single e-mail address, without a name, white space, brackets, commas or quotes",
    abort: true,
  })
  .regex(/^[^@]+@(?!-)[^@./?#]+(\.(?!-)[^@./?#]+)+$/, { error: "must be an e-mail address", abort: true })
  .refine((address) => !/-(\.|$)/.test(address.slice(address.indexOf("@"))), "must be an e-mail address");

export const accountName = name.refine(
  (value) => [...value].length <= chimeLimits.accountName,
  `must be at most ${chimeLimits.accountName} characters`,
);

/** Null means forever. */
export const retentionDays = z
  .number()
  .min(1, "must be at least 1")
  .max(chimeLimits.retentionDays, `must be at most ${chimeLimits.retentionDays}`)
  .nullish();

export const groupNames = z.array(name).min(1, "must have at least one name");

/** The items of a bulk write. The request limit `listItems` bounds the length of all lists. */
export const itemList = <Item extends z.ZodType>(item: Item) =>
  z.array(item).min(1, "must have at least one item");

export const maxPageSize = 1000;

/** The arguments that every connection takes. */
export const pageArguments = {
  first: z.number().min(1, "must be at least 1").max(maxPageSize, `must be at most ${maxPageSize}`).nullish(),
  after: z.string().max(4096, "must be at most 4096 characters").nullish(),
};

/** Rows of a page if `first` is null. The SDL has the same default for an absent `first`. */
export const defaultPageSize = 50;
