import { type FieldNode, type OperationDefinitionNode, valueFromASTUntyped } from "graphql";
import { type Limits, overLimit } from "./limits.js";

/** What the caller gave as arguments: literals and variables as JSON, before anything coerces them. */
export interface Values {
  argumentsOf(node: FieldNode): Readonly<Record<string, unknown>>;
  /** How many items the longest list in it has, on any level; undefined where there is none. */
  longestList(value: unknown): number | undefined;
}

/** An object with more members matches no input of the schema: it counts as a list, before graphql prints it in an error. */
const maxMembers = 100;
const none = -1;
const noArguments = {};

export function createValues(
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
  limits: Limits,
): Values {
  const variables: Record<string, unknown> = Object.create(null);
  for (const { variable, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    if (Object.hasOwn(given, name)) variables[name] = given[name];
    else if (defaultValue) variables[name] = valueFromASTUntyped(defaultValue);
  }
  /** Each list and object is measured once, however often the operation uses its variable. */
  const lengths = new Map<object, number>();

  function lengthOf(value: unknown, depth: number): number {
    if (depth > limits.depth) throw overLimit(limits, "depth");
    if (typeof value !== "object" || value === null) return none;
    const known = lengths.get(value);
    if (known !== undefined) return known;
    const items: unknown[] = Object.values(value);
    let length = Array.isArray(value) || items.length > maxMembers ? items.length : none;
    // One that is too long is refused as it is.
    if (length <= Math.max(limits.listItems, limits.entities))
      for (const item of items) length = Math.max(length, lengthOf(item, depth + 1));
    lengths.set(value, length);
    return length;
  }

  return {
    argumentsOf: ({ arguments: args = [] }) =>
      args.length === 0
        ? noArguments
        : Object.fromEntries(
            args.map(({ name, value }) => [name.value, valueFromASTUntyped(value, variables)]),
          ),
    longestList(value) {
      const length = lengthOf(value, 0);
      return length === none ? undefined : length;
    },
  };
}

/** Where in some arguments the longest list is. */
export function pathOfLongest(value: unknown, values: Values): string[] {
  const length = values.longestList(value);
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value) && value.length === length) return [];
  const [name, member] = Object.entries(value).find(([, item]) => values.longestList(item) === length) ?? [];
  return name === undefined ? [] : [name, ...pathOfLongest(member, values)];
}
