import {
  type FieldNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
} from "graphql";
import { typeIn } from "../../subgraph/prefix.js";
import type { Context } from "./context.js";

/** A field of a query, and its definition in the schema. */
interface SelectedField {
  readonly node: FieldNode;
  readonly definition: GraphQLField<unknown, unknown>;
}

/**
 * Look-ahead: the fields of a type that a query selects right below some fields, through fragments, without those that
 * @skip and @include remove, those in fragments on other types, and those that the caller may not read.
 */
function lookAhead(
  typeName: string,
  context: Context,
  info: GraphQLResolveInfo,
  below?: readonly FieldNode[],
): SelectedFields {
  if (below) return findSelected(typeName, context, info, below);
  const byNodes = cache.get(context) ?? new WeakMap<readonly FieldNode[], Map<string, SelectedFields>>();
  cache.set(context, byNodes);
  // graphql uses one array of nodes for all items of a list.
  const byType = byNodes.get(info.fieldNodes) ?? new Map<string, SelectedFields>();
  byNodes.set(info.fieldNodes, byType);
  const fields = byType.get(typeName) ?? findSelected(typeName, context, info, info.fieldNodes);
  byType.set(typeName, fields);
  return fields;
}

/** Reads that need nothing but an object's key, by the field of its type whose data they read. */
export type Prefetches<Key> = Readonly<
  Record<
    string,
    (
      key: Key,
      args: Readonly<Record<string, unknown>>,
      context: Context,
      info: GraphQLResolveInfo,
      nodes: readonly FieldNode[],
    ) => Promise<unknown>
  >
>;

/**
 * Starts the reads of an object's selected fields together with the read of the object, so that all take one round trip.
 * The loaders keep the results, errors included, for the fields' own resolvers.
 *
 * @returns the names of all selected fields
 */
export function prefetch<Key>(
  typeName: string,
  reads: Prefetches<Key>,
  key: Key,
  context: Context,
  info: GraphQLResolveInfo,
  below?: readonly FieldNode[],
): readonly string[] {
  const { names, start } = prefetching(typeName, reads, context, info, below);
  start(key);
  return names;
}

/** The same for many objects: `start` starts the reads of one. */
export function prefetching<Key>(
  typeName: string,
  reads: Prefetches<Key>,
  context: Context,
  info: GraphQLResolveInfo,
  below?: readonly FieldNode[],
): { readonly names: readonly string[]; start(key: Key): void } {
  const { fields, names } = lookAhead(typeName, context, info, below);
  const prefetched = fields.filter(({ definition }) => Object.hasOwn(reads, definition.name));
  async function read(key: Key, { node, definition }: SelectedField): Promise<void> {
    const args = getArgumentValues(definition, node, info.variableValues);
    await reads[definition.name]?.(key, args, context, info, [node]);
  }
  return {
    names,
    start(key) {
      for (const field of prefetched) read(key, field).catch(() => {});
    },
  };
}

interface SelectedFields {
  readonly fields: readonly SelectedField[];
  /** Of the schema, not their aliases. */
  readonly names: readonly string[];
}

/** Selections by request, field and type: a thousand rows of a list have the same one. */
const cache = new WeakMap<Context, WeakMap<readonly FieldNode[], Map<string, SelectedFields>>>();

function findSelected(
  typeName: string,
  { allows }: Context,
  info: GraphQLResolveInfo,
  below: readonly FieldNode[],
): SelectedFields {
  const type = typeIn(info.schema, typeName);
  if (!isObjectType(type)) return { fields: [], names: [] };
  const fields = below
    .flatMap((field) => fieldsOf(type, field.selectionSet?.selections ?? [], info))
    .flatMap((node) => {
      const definition = type.getFields()[node.name.value];
      return definition && allows(definition) ? [{ node, definition }] : [];
    });
  return { fields, names: fields.map(({ definition }) => definition.name) };
}

function fieldsOf(
  type: GraphQLObjectType,
  selections: readonly SelectionNode[],
  info: GraphQLResolveInfo,
): FieldNode[] {
  return selections.flatMap((selection) => {
    if (!isIncluded(selection, info)) return [];
    if (selection.kind === Kind.FIELD) return [selection];
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection;
    if (!fragment || !matches(type, fragment.typeCondition?.name.value, info)) return [];
    return fieldsOf(type, fragment.selectionSet.selections, info);
  });
}

/** Whether a fragment with this type condition applies to objects of the type. */
function matches(
  type: GraphQLObjectType,
  condition: string | undefined,
  { schema }: GraphQLResolveInfo,
): boolean {
  if (condition === undefined || condition === type.name) return true;
  const other = schema.getType(condition);
  return isAbstractType(other) && schema.isSubType(other, type);
}

function isIncluded(selection: SelectionNode, { variableValues }: GraphQLResolveInfo): boolean {
  if (!selection.directives?.length) return true;
  return (
    getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.["if"] !== true &&
    getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.["if"] !== false
  );
}
