import { z } from "zod";
import { limits } from "../chime/models.js";
import { parseGlobalId } from "./globalId.js";

/** One thing that is wrong with an input, and where. List positions are digits: `["userIds", "3"]`. */
export interface InputProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** A query's arguments are wrong. (A mutation's input problems come back as data: see runMutation.) */
export class InvalidInputError extends Error {
  override readonly name = "InvalidInputError";

  constructor(readonly problems: readonly InputProblem[]) {
    super(problems.map(({ path, message }) => `${path.join(".")} ${message}`).join("; "));
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
export function check(rules: z.ZodType, args: unknown): void {
  const { problems } = checkInput(rules, args);
  if (problems) throw new InvalidInputError(problems);
}

const idPattern = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * An account or user id: AWS's examples show more than hexadecimal digits. Nothing else may get into the path of an
 * upstream request, where `..` or a slash would name something else.
 */
export const chimeId = z
  .string("must be given")
  .regex(idPattern, "must be 1 to 128 letters, digits, '-' or '_'");

export const globalId = z.string("must be given").refine((id) => {
  const key = parseGlobalId(id);
  return (
    key !== undefined &&
    idPattern.test(key.accountId) &&
    (key.type === "Account" || idPattern.test(key.userId))
  );
}, "is not a global id of this API");

/** Text as it can be stored and sent: what UTF-8 cannot express would come back changed. */
const storable = /^[^\0\p{Surrogate}]*$/u;
export const text = z
  .string("must be given")
  .regex(storable, "must not contain NUL or half a surrogate pair");

/** Chime's own pattern, `^.+@.+\..+$`, written so that no text is gone over twice, and the length that mail allows. */
export const emailAddress = z
  .string("must be given")
  .max(320, { error: "must be at most 320 characters", abort: true })
  .regex(storable, "must not contain NUL or half a surrogate pair")
  .regex(/^.[^@\n\r\u2028\u2029]*@.[^.\n\r\u2028\u2029]*\..+$/, "must be an e-mail address");

export const accountName = text
  .refine(
    (name) => [...name].length <= limits.accountName,
    `must be at most ${limits.accountName} characters`,
  )
  .regex(/\S/, "must not be blank");

export const groupNames = z
  .array(text.regex(/\S/, "must not be blank"))
  .min(1, "must hold at least one name")
  .max(500, "must hold at most 500 names");

/** A list argument that leads to upstream calls. */
export const atMost = <Item extends z.ZodType>(item: Item, most: number) =>
  z.array(item).max(most, `must hold at most ${most}`);

/** The items of a bulk write. */
export const bulk = <Item extends z.ZodType>(item: Item) =>
  atMost(item, 500).min(1, "must hold at least one item");

/** The arguments that every connection takes. */
export const pageArguments = {
  first: z.number().min(1, "must be at least 1").max(1000, "must be at most 1000").nullish(),
  after: z.string().max(4096, "must be at most 4096 characters").nullish(),
};

/** Rows of a page where the caller says null. The SDL says the same where the caller says nothing. */
export const defaultPageSize = 50;
