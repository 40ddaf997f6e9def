import { z } from "zod";
import { limits } from "../../chime/models.js";
import { type NodeKey, parseGlobalId } from "./globalId.js";

/** One thing that is wrong with an input, and where. List positions are digits: `["userIds", "3"]`. */
export interface InputProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** Problems that an error lists and, of these, that its message names: 500 ids can all be malformed. */
const maxProblems = { listed: 100, named: 5 };

/** A query's arguments are wrong. (A mutation's input problems come back as data: see runMutation.) */
export class InvalidInputError extends Error {
  override readonly name = "InvalidInputError";

  readonly problems: readonly InputProblem[];

  constructor(problems: readonly InputProblem[]) {
    const named = problems.slice(0, maxProblems.named);
    const sentences = named.map(({ path, message }) => `${path.join(".")} ${message}`);
    const rest = problems.length - named.length;
    super([...sentences, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; "));
    this.problems = problems.slice(0, maxProblems.listed);
  }
}

/** A value that follows its rules, as the rules have changed it, or what is wrong with it. */
export type Checked<Value> =
  | { readonly value: Value; readonly problems?: never }
  | { readonly problems: readonly InputProblem[] };

/** Messages never repeat the value, which may be personal. */
function checkValue<Value>(rules: z.ZodType<Value>, value: unknown): Checked<Value> {
  const { data, error } = rules.safeParse(value);
  if (!error) return { value: data };
  return {
    problems: error.issues
      .toSorted((a, b) => positionIn(a.path) - positionIn(b.path))
      .map(({ path, message }) => ({ path: path.map(String), message })),
  };
}

/** The position of the list item that a problem is in; problems outside lists come first. */
const positionIn = (path: readonly PropertyKey[]): number =>
  Number(path.find((step) => typeof step === "number") ?? -1);

/**
 * Checks an input that has a type of its own. Its rules may trim text and nothing else, and a rule for an object has to be
 * loose where the object has members that the rule does not list.
 */
export const checkInput = <Input>(rules: z.ZodType, input: Input): Checked<Input> =>
  checkValue(rules as z.ZodType<Input>, input);

/** @throws InvalidInputError */
export function parse<Value>(rules: z.ZodType<Value>, given: unknown): Value {
  const checked = checkValue(rules, given);
  if (checked.problems) throw new InvalidInputError(checked.problems);
  return checked.value;
}

/**
 * Checks the arguments of a query (see checkInput).
 *
 * @throws InvalidInputError
 */
export const check = <Args>(rules: z.ZodType, args: Args): Args => parse(rules as z.ZodType<Args>, args);

const givenString = () =>
  z.string({ error: ({ input }) => (input == null ? "must be given" : "must be a string") });

const idPattern = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * An account or user id: AWS's examples show more than hexadecimal digits. Nothing else may get into the path of an
 * upstream request, where `..` or a slash would name something else.
 */
export const chimeId = givenString().regex(idPattern, "must be 1 to 128 letters, digits, '-' or '_'");

/** @param types the types that it may be the id of */
const globalIdOf = (message: string, ...types: NodeKey["type"][]) =>
  givenString().refine((id) => {
    const key = parseGlobalId(id);
    return (
      key !== undefined &&
      types.includes(key.type) &&
      idPattern.test(key.accountId) &&
      (key.type === "Account" || idPattern.test(key.userId))
    );
  }, message);

export const globalId = globalIdOf("is not a global id of this API", "Account", "User");
export const globalIdOfAccount = globalIdOf("is not the global id of an account", "Account");
export const globalIdOfUser = globalIdOf("is not the global id of a user", "User");

/** White space, and the invisible characters that copied text brings along. */
const blank = /^[\p{White_Space}\u180e\u200b\u2060\ufeff]$/u;

/** Without a regular expression over the whole text: one that ends in `$` goes over long white space again and again. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && blank.test(text.charAt(start))) start++;
  while (end > start && blank.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/**
 * Control characters and line breaks have no place in a name. Half a surrogate pair cannot be stored, and U+FFFD stands
 * for something that was lost before it came here.
 */
const storable = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffd]*$/u;
const unstorable = "must not contain control characters, line breaks, half a surrogate pair or U+FFFD";

/** At least one character that can be seen. */
const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * A name that is stored or looked for. Surrounding white space, pasted along with it, is not part of it.
 *
 * A text that is compared with what Chime has, such as a name that a caller repeats to confirm a deletion, must not be
 * trimmed: use z.string() there.
 */
const name = givenString()
  .overwrite(trimmed)
  .regex(storable, { error: unstorable, abort: true })
  .regex(visible, "must not be blank");

/** The name that a user is given. */
export const username = name;

/** Empty, it removes the room. */
export const roomArn = givenString()
  .refine((arn) => arn === "" || visible.test(arn), { error: "must not be blank", abort: true })
  .overwrite(trimmed)
  .regex(storable, unstorable);

/** What an address cannot hold unquoted, and what cannot be seen. */
const unfit = /[\p{White_Space}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}<>()[\]:;,"\\]/u;

/**
 * One address, and nothing around it: Chime's own pattern, `^.+@.+\..+$`, would take `Ada <ada@example.com>`. Written so
 * that no text is gone over twice, with the length that mail allows.
 */
export const emailAddress = givenString()
  .overwrite(trimmed)
  .max(320, { error: "must be at most 320 characters", abort: true })
  .regex(storable, { error: unstorable, abort: true })
  .refine((address) => !unfit.test(address), {
    error: "must be one e-mail address alone, without a name, white space, brackets, commas or quotes",
    abort: true,
  })
  .regex(/^[^@]+@[^@][^@.]*\.[^@]+$/, "must be an e-mail address");

export const accountName = name.refine(
  (value) => [...value].length <= limits.accountName,
  `must be at most ${limits.accountName} characters`,
);

export const groupNames = z.array(name).min(1, "must hold at least one name");

/** The items of a bulk write. How long any list may be is a limit of the request, `listItems`. */
export const bulk = <Item extends z.ZodType>(item: Item) =>
  z.array(item).min(1, "must hold at least one item");

export const maxPageSize = 1000;

/** The arguments that every connection takes. */
export const pageArguments = {
  first: z.number().min(1, "must be at least 1").max(maxPageSize, `must be at most ${maxPageSize}`).nullish(),
  after: z.string().max(4096, "must be at most 4096 characters").nullish(),
};

/** Rows of a page where the caller says null. The SDL says the same where the caller says nothing. */
export const defaultPageSize = 50;
