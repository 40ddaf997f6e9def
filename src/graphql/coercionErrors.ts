import type { ApolloServerPlugin } from "@apollo/server";
import { type ASTNode, type DocumentNode, type GraphQLError, Kind, type ValueNode, visit } from "graphql";
import type { InputProblem } from "./resolvers/validation.js";

/** What graphql says is wrong with a value: either with a member of it, or with the value itself. */
interface Complaint {
  /** The member that its type does not have, if a caller may be told its name. */
  readonly unknown?: string | undefined;
  readonly missing?: string | undefined;
  readonly message: string;
}

function complaintOf(reason: string): Complaint {
  const [, name, type] = /^Field "(.*)" is not defined by type "(\w+)"/s.exec(reason) ?? [];
  if (type) return { unknown: publicName(name), message: `is not defined by type "${type}"` };
  const [, missing] = /^Field "(?:\w+\.)?(\w+)" of required type /.exec(reason) ?? [];
  if (missing) return { missing, message: "must be given" };
  if (/^Expected non-nullable type "[^"]*" not to be null/.test(reason))
    return { message: "must not be null" };
  return { message: withoutLiterals(reason).replace(/ Did you mean .*$/s, "") };
}

/**
 * The name of a field that a caller has made up: at most 64 characters of it, and only a name of GraphQL's form, which
 * no e-mail address, phone number or full name has.
 */
function publicName(name = ""): string | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name)) return undefined;
  return name.length <= 64 ? name : `${name.slice(0, 64)}…`;
}

const problem = (path: readonly (string | undefined)[], message: string): InputProblem => ({
  path: path.filter((step) => step !== undefined),
  message,
});

/**
 * The problem behind an error of a variable's coercion, whose path graphql gives in the message alone:
 * `Variable "$input" got invalid value { ... } at "input.items[3]"; Field "x" is not defined by type "Item".`
 *
 * @param reason the message of the original error
 */
export function variableProblem(message: string, reason: string): InputProblem | undefined {
  const [, variable, unset] =
    /^Variable "\$(\w+)"(?: of (?:required|non-null) type "[^"]*" (was not provided|must not be null)\.$)?/.exec(
      message,
    ) ?? [];
  if (!variable) return undefined;
  if (unset) return problem([publicName(variable)], unset.startsWith("was") ? "must be given" : unset);
  const [, place = variable] = placeIn(message, reason) ?? [];
  const complaint = complaintOf(reason);
  const path = (place.match(/[^.[\]]+/g) ?? []).map(publicStep);
  return problem([...path, complaint.unknown ?? complaint.missing], complaint.message);
}

/** List positions are digits. */
const publicStep = (step: string) => (/^\d+$/.test(step) ? step : publicName(step));

const placeIn = (message: string, reason: string) =>
  message.endsWith(reason) ? / at "([^"]*)"; $/.exec(message.slice(0, -reason.length)) : null;

/** The problem behind an error that graphql meets when it takes an argument together from literals and variables. */
export function argumentProblem(message: string): InputProblem | undefined {
  const [, name, rest = ""] = /^Argument "(\w+)" (.*)$/s.exec(message) ?? [];
  if (!name) return undefined;
  if (rest.startsWith("has invalid value")) return problem([name], "has an invalid value");
  return problem([name], rest.endsWith("must not be null.") ? "must not be null" : "must be given");
}

/** Where in a field's arguments the literal stands that an error of validation is about. */
const literalPaths = new WeakMap<object, readonly string[]>();

/** The problem behind an error of validation, if it is one of an argument. */
export function literalProblem(thrown: unknown, message: string): InputProblem | undefined {
  const [, argument] = /^Field "\w+" argument "(\w+)" of type "[^"]*" is required/.exec(message) ?? [];
  if (argument) return problem([argument], "must be given");
  const path = typeof thrown === "object" && thrown !== null ? literalPaths.get(thrown) : undefined;
  if (!path) return undefined;
  // The path of an unknown field ends with its name already.
  const { missing, message: what } = complaintOf(message);
  return problem([...path.map(publicStep), missing], what);
}

/** Notes the paths of literals while the document is there: formatError is given the errors alone. */
export const inputProblemsPlugin: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      async didEncounterErrors({ document, errors }) {
        // What fails while it is executed is a field.
        const isField = ({ nodes }: GraphQLError) => !nodes?.[0] || nodes[0].kind === Kind.FIELD;
        if (!document || errors.every(isField)) return;
        const paths = pathsOfLiterals(document);
        for (const error of errors) {
          const path = error.nodes?.[0] && paths.get(error.nodes[0]);
          if (path) literalPaths.set(error, path);
        }
      },
    };
  },
};

function pathsOfLiterals(document: DocumentNode): ReadonlyMap<ASTNode, readonly string[]> {
  const paths = new Map<ASTNode, readonly string[]>();
  function add(value: ValueNode, path: readonly string[]): void {
    paths.set(value, path);
    if (value.kind === Kind.LIST)
      for (const [index, item] of value.values.entries()) add(item, [...path, String(index)]);
    if (value.kind === Kind.OBJECT)
      for (const field of value.fields) {
        const below = [...path, field.name.value];
        paths.set(field, below);
        add(field.value, below);
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

/**
 * graphql repeats the whole variable in the message when a part of it is wrong: `Variable "$input" got invalid value
 * { ... } at "input.email"; String cannot represent a non string value: 42`. The variable may hold what is personal. The
 * reason behind the last semicolon is the message of the original error.
 */
export function withoutValues(message: string, reason: string): string {
  if (reason === message || !message.endsWith(reason)) return message;
  const [variable = "Variable"] = /^Variable "\$\w+"/.exec(message) ?? [];
  const [place = ""] = placeIn(message, reason) ?? [];
  return `${variable} got an invalid value${place || "; "}${withoutLiterals(reason)}`;
}

/**
 * The names of an input's unknown fields, of enum values and of operations come from the caller as values do. A message may
 * be as long as a body: each step goes over it once.
 */
export function withoutLiterals(message: string): string {
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
