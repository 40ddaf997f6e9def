import type { ApolloServerPlugin } from "@apollo/server";
import {
  type ASTNode,
  type DocumentNode,
  GraphQLError,
  type GraphQLFormattedError,
  Kind,
  type ValueNode,
  visit,
} from "graphql";
import type { PublicPart } from "../publicError.js";
import { LimitError, type Limits, overLimit } from "./limits/limits.js";
import type { ValidationIssue } from "./resolvers/shared/validation.js";

// graphql and Apollo report what is wrong with a request in English, mostly without a code and without a path. All patterns
// over their messages are in this file.

/** Codes of errors in a request that the caller can fix. */
const requestCodes: ReadonlySet<unknown> = new Set([
  "BAD_REQUEST",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_OPERATION_REQUIRED",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
]);

/** Codes of errors in the document, found before anything is executed. */
const documentCodes: ReadonlySet<unknown> = new Set(["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"]);

/**
 * An error in the request itself, without the values that came with the request.
 *
 * @param error the innermost of those that `thrown` wraps
 */
export function requestError(
  { message, extensions }: GraphQLFormattedError,
  thrown: unknown,
  error: Error,
  limits: Limits,
): PublicPart | undefined {
  const code = extensions?.["code"];
  const limit = documentCodes.has(code) && documentLimit(error, limits);
  if (limit) return limit;
  // graphql notices a null variable in a non-null argument while it executes the operation, and gives no code.
  if (code === "INTERNAL_SERVER_ERROR" && /^Argument "/.test(message))
    return publicPart(
      message.replace(/ has invalid value .*$/s, " has an invalid value."),
      "BAD_USER_INPUT",
      argumentIssue(message),
    );
  // Has no code: graphql stops after fifty errors in the variables.
  if (message.startsWith("Too many errors processing variables"))
    return publicPart(message, "BAD_USER_INPUT");
  if (code === "BAD_USER_INPUT")
    return publicPart(withoutValues(message, error.message), code, variableIssue(message, error.message));
  if (typeof code === "string" && requestCodes.has(code))
    return publicPart(withoutLiterals(message), code, literalIssue(thrown, message));
  return isUncodedRequestError(thrown) ? publicPart(thrown.message, "BAD_REQUEST") : undefined;
}

const publicPart = (message: string, code: string, issue?: ValidationIssue): PublicPart => ({
  message,
  extensions: { code, ...(issue && { problems: [issue] }) },
});

/** Apollo gives a status, but no code, to a persisted query with a wrong hash or version. */
const isUncodedRequestError = (error: unknown): error is GraphQLError =>
  error instanceof GraphQLError &&
  !error.originalError &&
  !error.extensions["code"] &&
  (error.extensions["http"] as { readonly status?: number } | undefined)?.status === 400;

/** Whether graphql could not complete a value: an unknown enum value, or null in a non-null field. */
export const isMalformedValue = (error: Error): boolean =>
  error instanceof GraphQLError || error.message.startsWith("Cannot return null for non-nullable field");

/** Whether graphql has stopped counting errors: its last one states that there are more. */
export const isErrorOverflow = (error: GraphQLError | undefined): boolean =>
  /^Too many .*errors/.test(error?.message ?? "");

/** The limit that a document exceeds according to an error in parsing or validating it. */
export function documentLimit(error: unknown, limits: Limits): LimitError | undefined {
  if (error instanceof LimitError) return error;
  // A deeply nested document overflows the stack of the parser or of the validation.
  if (error instanceof RangeError && /call stack/.test(error.message)) return overLimit(limits, "depth");
  if (!(error instanceof GraphQLError)) return undefined;
  // graphql 16.15 spells it "that" in one place.
  if (/^Syntax Error: Document contains more tha[nt] \d+ (tokens|comments)/.test(error.message))
    return overLimit(limits, "tokens");
  return error.message === "Maximum introspection depth exceeded"
    ? new LimitError(
        { name: "introspection", most: 2 },
        "Introspection is nested too deeply (limit 2 lists).",
      )
    : undefined;
}

/** graphql's error about a value, or about a member of it. */
interface Reason {
  /** The member that its type does not have, if the name may be repeated. */
  readonly unknown?: string | undefined;
  readonly missing?: string | undefined;
  readonly message: string;
}

function reasonOf(message: string): Reason {
  const [, name, type] = /^Field "(.*)" is not defined by type "(\w+)"/s.exec(message) ?? [];
  const unknown = publicName(name);
  if (type && unknown === undefined) return { message: `has a field that is not defined by type "${type}"` };
  if (type) return { unknown, message: `is not defined by type "${type}"` };
  const [, missing] = /^Field "(?:\w+\.)?(\w+)" of required type /.exec(message) ?? [];
  if (missing) return { missing, message: "is required" };
  if (
    /^Expected (?:non-nullable type "[^"]*" not to be null|value of type "[^"]*!", found null\.)/.test(
      message,
    )
  )
    return { message: "must not be null" };
  const sentence = withoutLiterals(message);
  const [pattern = /^.*$/s, predicate = "is invalid"] =
    predicates.find(([each]) => each.test(sentence)) ?? [];
  return { message: sentence.replace(pattern, predicate) };
}

/** What graphql and our scalars report in a sentence, as a predicate: clients join it with the path. */
const predicates: readonly (readonly [sentence: RegExp, predicate: string])[] = [
  [/^The value does not exist in "(\w+)" enum.*$/s, 'is not a value of the enum "$1"'],
  [/^Enum "(\w+)" cannot represent .*$/s, 'must be a value of the enum "$1"'],
  [/^Int cannot represent non 32-bit .*$/s, "must be an integer of 32 bits"],
  [/^Int cannot represent .*$/s, "must be an integer"],
  [/^Float cannot represent .*$/s, "must be a number"],
  [/^String cannot represent .*$/s, "must be a string"],
  [/^Boolean cannot represent .*$/s, "must be true or false"],
  [/^ID cannot represent .*$/s, "must be a string or an integer"],
  [/^\w+ (must be .*)$/s, "$1"],
  [/^Expected (?:value of )?type "([\w![\]]+)".*$/s, 'must be of the type "$1"'],
  [/^Unknown argument "\w+" on (field|directive) "([@\w.]+)".*$/s, 'is not an argument of the $1 "$2"'],
  [/^Variable "\$\w+" is not defined.*$/s, "uses a variable that is not defined"],
];

/**
 * The name of a field that a caller has invented: at most 64 characters, and only if it has the form of a GraphQL name,
 * which e-mail addresses, phone numbers and full names do not have.
 */
function publicName(name = ""): string | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name)) return undefined;
  return name.length <= 64 ? name : `${name.slice(0, 64)}…`;
}

const issueAt = (path: readonly (string | undefined)[], message: string): ValidationIssue => ({
  path: path.filter((step) => step !== undefined),
  message,
});

/**
 * The issue behind an error in a variable. graphql gives its path only in the message:
 * `Variable "$input" got invalid value { ... } at "input.items[3]"; Field "x" is not defined by type "Item".`
 */
function variableIssue(message: string, reason: string): ValidationIssue | undefined {
  const [, variable, unset] =
    /^Variable "\$(\w+)"(?: of (?:required|non-null) type "[^"]*" (was not provided|must not be null)\.$)?/.exec(
      message,
    ) ?? [];
  if (!variable) return undefined;
  if (unset) return issueAt([publicName(variable)], unset.startsWith("was") ? "is required" : unset);
  const [, place = variable] = placeIn(message, reason) ?? [];
  const { unknown, missing, message: text } = reasonOf(reason);
  const path = (place.match(/[^.[\]]+/g) ?? []).map(publicStep);
  return issueAt([...path, unknown ?? missing], text);
}

/** The issue behind an error that graphql reports about a value outside documents and variables. */
export function coercionIssue(path: readonly (string | number)[], reason: string): ValidationIssue {
  const { unknown, missing, message } = reasonOf(reason);
  return issueAt([...path.map((step) => publicStep(String(step))), unknown ?? missing], message);
}

/** List positions are digits. */
const publicStep = (step: string) => (/^\d+$/.test(step) ? step : publicName(step));

const placeIn = (message: string, reason: string) =>
  message.endsWith(reason) ? / at "([^"]*)"; $/.exec(message.slice(0, -reason.length)) : null;

/** The issue behind an error in an argument that is made of literals and variables. */
function argumentIssue(message: string): ValidationIssue | undefined {
  const [, name, rest = ""] = /^Argument "(\w+)" (.*)$/s.exec(message) ?? [];
  if (!name) return undefined;
  if (rest.startsWith("has invalid value")) return issueAt([name], "has an invalid value");
  return issueAt([name], rest.endsWith("must not be null.") ? "must not be null" : "is required");
}

/** The path of the literal that a validation error is about, within the arguments of a field; by error. */
const literalPaths = new WeakMap<object, readonly string[]>();

/** The issue behind a validation error, if it is about an argument. */
function literalIssue(thrown: unknown, message: string): ValidationIssue | undefined {
  const [, argument] = /^Field "\w+" argument "(\w+)" of type "[^"]*" is required/.exec(message) ?? [];
  if (argument) return issueAt([argument], "is required");
  const path = typeof thrown === "object" && thrown !== null ? literalPaths.get(thrown) : undefined;
  if (!path) return undefined;
  // The path of an unknown field includes its name.
  const { missing, message: text } = reasonOf(message);
  return issueAt([...path.map(publicStep), missing], text);
}

/** Notes the paths of literals while the document is available: `formatError` gets only the errors. */
export const literalPathsPlugin: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      async didEncounterErrors({ document, errors }) {
        // Errors in execution are at fields.
        const isAtField = ({ nodes }: GraphQLError) => !nodes?.[0] || nodes[0].kind === Kind.FIELD;
        if (!document || errors.every(isAtField)) return;
        const paths = findLiteralPaths(document);
        for (const error of errors) {
          const path = error.nodes?.[0] && paths.get(error.nodes[0]);
          if (path) literalPaths.set(error, path);
        }
      },
    };
  },
};

function findLiteralPaths(document: DocumentNode): ReadonlyMap<ASTNode, readonly string[]> {
  const paths = new Map<ASTNode, readonly string[]>();
  function add(value: ValueNode, path: readonly string[]): void {
    paths.set(value, path);
    if (value.kind === Kind.LIST)
      for (const [index, item] of value.values.entries()) add(item, [...path, String(index)]);
    if (value.kind === Kind.OBJECT)
      for (const field of value.fields) {
        const fieldPath = [...path, field.name.value];
        paths.set(field, fieldPath);
        add(field.value, fieldPath);
      }
  }
  visit(document, {
    Argument(argument) {
      paths.set(argument, [argument.name.value]);
      add(argument.value, [argument.name.value]);
    },
    VariableDefinition({ variable, defaultValue }) {
      if (defaultValue) add(defaultValue, [variable.name.value]);
    },
  });
  return paths;
}

/** A variable's error without the variable, which graphql repeats in full, up to the semicolon before the reason. */
function withoutValues(message: string, reason: string): string {
  if (reason === message || !message.endsWith(reason)) return message;
  const [variable = "Variable"] = /^Variable "\$\w+"/.exec(message) ?? [];
  const [place = ""] = placeIn(message, reason) ?? [];
  return `${variable} got an invalid value${place || "; "}${withoutLiterals(reason)}`;
}

/**
 * A message without what the caller wrote: literals, and names of unknown fields, enum values and operations. It may be as
 * long as a request body, so each step reads it once.
 */
function withoutLiterals(message: string): string {
  const text = message
    .replace(/^Value ".*" does not exist/s, "The value does not exist")
    .replace(/^Field "(.*)" is not defined by type/s, (_, given: string) => {
      const name = publicName(given);
      return `${name === undefined ? "A field" : `Field "${name}"`} is not defined by type`;
    })
    .replace(/^Unknown operation named ".*"/s, "Unknown operation")
    .replace(/^(Expected value of type "[^"]*"), found .*$/s, "$1.");
  const value = text.indexOf(": ", Math.max(0, text.indexOf("cannot represent ")));
  if (text.includes("cannot represent ") && value >= 0) return `${text.slice(0, value)}.`;
  const token = /(?:String|BlockString|Int|Float) "/.exec(text);
  return token && text.endsWith('".') ? `${text.slice(0, token.index)}${token[0].slice(0, -2)}.` : text;
}
