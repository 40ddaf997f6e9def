import { Kind, type OperationDefinitionNode, type ValueNode } from "graphql";
import { type Limits, overLimit } from "./limits.js";

/** What the caller gave as arguments: literals, and variables as they came, before anything coerces them. */
export interface Values {
  /** How many items the longest list in it has, on any level; undefined where there is none. */
  longestList(value: ValueNode): number | undefined;
  /** The number that it is, if it is one. */
  number(value: ValueNode | undefined): number | undefined;
}

const mostMembers = 100;

/** Each is looked at once, however often the operation names it. */
export function createValues(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  limits: Limits,
): Values {
  const lengths = new Map<unknown, number>();
  const none = -1;

  function lengthOf(value: ValueNode): number {
    if (value.kind === Kind.VARIABLE) return lengthOfVariable(value.name.value);
    if (value.kind !== Kind.LIST && value.kind !== Kind.OBJECT) return none;
    const known = lengths.get(value);
    if (known !== undefined) return known;
    const items = value.kind === Kind.LIST ? value.values : value.fields.map((field) => field.value);
    const length = longest(value.kind === Kind.LIST, items, lengthOf);
    lengths.set(value, length);
    return length;
  }

  function lengthOfVariable(name: string): number {
    const known = lengths.get(name);
    if (known !== undefined) return known;
    const fallback = defaultOf(name);
    const length = Object.hasOwn(variables, name)
      ? lengthOfJson(variables[name])
      : fallback
        ? lengthOf(fallback)
        : none;
    lengths.set(name, length);
    return length;
  }

  function lengthOfJson(value: unknown, depth = 0): number {
    if (depth > limits.depth) throw overLimit(limits, "depth");
    if (typeof value !== "object" || value === null) return none;
    return longest(Array.isArray(value), Object.values(value), (item) => lengthOfJson(item, depth + 1));
  }

  function defaultOf(name: string): ValueNode | undefined {
    return variableDefinitions.find(({ variable }) => variable.name.value === name)?.defaultValue;
  }

  return {
    longestList(value) {
      const length = lengthOf(value);
      return length === none ? undefined : length;
    },
    number(value) {
      if (value?.kind === Kind.INT) return Number(value.value);
      if (value?.kind !== Kind.VARIABLE) return undefined;
      const name = value.name.value;
      const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (given === undefined) {
        const fallback = defaultOf(name);
        return fallback?.kind === Kind.INT ? Number(fallback.value) : undefined;
      }
      return typeof given === "number" ? given : undefined;
    },
  };

  function longest<Item>(isList: boolean, items: readonly Item[], of: (item: Item) => number): number {
    // An object of very many members is none of the schema's: it counts as a list, before graphql prints it in an error.
    let length = isList || items.length > mostMembers ? items.length : none;
    // It is refused as it is: no need to look into it.
    if (length > Math.max(limits.listItems, limits.entities)) return length;
    for (const item of items) length = Math.max(length, of(item));
    return length;
  }
}
