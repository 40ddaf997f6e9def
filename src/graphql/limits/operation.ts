import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  valueFromASTUntyped,
} from "graphql";
import { type Limits, overLimit } from "./limits.js";

export type Field = GraphQLField<unknown, unknown>;

/** A field at one place of the response, however often the document selects it there. */
export interface Selected {
  readonly key: string;
  readonly parent: GraphQLNamedType;
  readonly field: Field;
  /** Fields that are merged have the same arguments. */
  readonly node: FieldNode;
  readonly below: readonly Selected[];
}

/**
 * Expands the fragments of an operation and merges the fields of one response key, as the execution does. It lists the
 * fields of all possible types, and ignores @skip and @include.
 *
 * The document is valid and within the limit for selections, which bounds the work.
 */
export function selectionsOf(
  schema: GraphQLSchema,
  { definitions }: DocumentNode,
  operation: OperationDefinitionNode,
): readonly Selected[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const root = schema.getRootType(operation.operation);
  return root ? select(root, [operation.selectionSet]) : [];

  function select(type: GraphQLNamedType, sets: readonly SelectionSetNode[]): Selected[] {
    const groups = new Map<string, Omit<Selected, "below"> & { readonly nodes: FieldNode[] }>();
    for (const set of sets) collect(type, set);
    return Array.from(groups.values(), ({ nodes, ...selected }) => ({
      ...selected,
      below: select(
        getNamedType(selected.field.type),
        nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
      ),
    }));

    function collect(parent: GraphQLNamedType, { selections }: SelectionSetNode): void {
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) {
          add(parent, selection);
          continue;
        }
        const fragment =
          selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        const condition = fragment?.typeCondition && schema.getType(fragment.typeCondition.name.value);
        if (fragment) collect(isObjectType(parent) || !condition ? parent : condition, fragment.selectionSet);
      }
    }

    function add(parent: GraphQLNamedType, node: FieldNode): void {
      const key = (node.alias ?? node.name).value;
      const place = `${parent.name}.${key}`;
      const group = groups.get(place);
      const field = fieldOf(parent, node.name.value);
      if (group) group.nodes.push(node);
      else if (field) groups.set(place, { key, parent, field, node, nodes: [node] });
    }
  }
}

function fieldOf(parent: GraphQLNamedType, name: string): Field | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

/** The arguments of fields, literals and variables, as JSON that is not coerced yet. */
export interface Values {
  argumentsOf(node: FieldNode): Readonly<Record<string, unknown>>;
  /** The length of the longest list in a value, on any level; undefined if it has no list. */
  longestList(value: unknown): number | undefined;
  /** The characters by which the texts in a value, on any level, exceed a length. */
  excessText(value: unknown, length: number): number;
}

/** An object with more members matches no input of the schema, and counts as a list: graphql would print it in an error. */
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
    const cached = lengths.get(value);
    if (cached !== undefined) return cached;
    const items: unknown[] = Object.values(value);
    let length = Array.isArray(value) || items.length > maxMembers ? items.length : none;
    // A list that is too long is rejected whatever it holds.
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
    excessText,
  };
}

function excessText(value: unknown, length: number): number {
  if (typeof value === "string") return Math.max(0, value.length - length);
  if (typeof value !== "object" || value === null) return 0;
  let excess = 0;
  for (const item of Object.values(value)) excess += excessText(item, length);
  return excess;
}

/** The path of the longest list in a value. */
export function pathOfLongest(value: unknown, values: Values): string[] {
  const length = values.longestList(value);
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value) && value.length === length) return [];
  const [name, member] = Object.entries(value).find(([, item]) => values.longestList(item) === length) ?? [];
  return name === undefined ? [] : [name, ...pathOfLongest(member, values)];
}
