import {
  type FieldNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  isObjectType,
  Kind,
  type SelectionNode,
} from "graphql";
import type { Context } from "./context.js";

/** A field of a query, and its definition in the schema. */
export interface SelectedField {
  readonly node: FieldNode;
  readonly definition: GraphQLField<unknown, unknown>;
}

/**
 * Look-ahead: the fields of a type that a query selects right below some fields, through fragments, without those that
 * @skip and @include remove and those that the caller may not read. It ignores type conditions: a field of another type
 * counts if it has the same name.
 */
export function lookAhead(
  typeName: string,
  context: Context,
  info: GraphQLResolveInfo,
  below?: readonly FieldNode[],
): readonly SelectedField[] {
  if (below) return findSelected(typeName, context, info, below);
  const byType = cache.get(info) ?? new Map<string, readonly SelectedField[]>();
  cache.set(info, byType);
  const fields = byType.get(typeName) ?? findSelected(typeName, context, info, info.fieldNodes);
  byType.set(typeName, fields);
  return fields;
}

/** By field and type: a thousand entities of one field have the same selection. */
const cache = new WeakMap<GraphQLResolveInfo, Map<string, readonly SelectedField[]>>();

function findSelected(
  typeName: string,
  { allows }: Context,
  info: GraphQLResolveInfo,
  below: readonly FieldNode[],
): SelectedField[] {
  const type = info.schema.getType(typeName);
  const definitions = isObjectType(type) ? type.getFields() : {};
  return below
    .flatMap((field) => fieldsOf(field.selectionSet?.selections ?? [], info))
    .flatMap((node) => {
      const definition = definitions[node.name.value];
      return definition && allows(definition) ? [{ node, definition }] : [];
    });
}

function fieldsOf(selections: readonly SelectionNode[], info: GraphQLResolveInfo): FieldNode[] {
  return selections.flatMap((selection) => {
    if (!isIncluded(selection, info)) return [];
    if (selection.kind === Kind.FIELD) return [selection];
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection;
    return fieldsOf(fragment?.selectionSet.selections ?? [], info);
  });
}

function isIncluded(selection: SelectionNode, { variableValues }: GraphQLResolveInfo): boolean {
  if (!selection.directives?.length) return true;
  return (
    getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.["if"] !== true &&
    getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.["if"] !== false
  );
}
