import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
} from "graphql";

/**
 * The fields that a query selects right below some fields, through fragments, without those that @skip and @include
 * leave out. Type conditions are not looked at: a field may be in the list that its object does not have.
 */
export function selectedFields(
  info: GraphQLResolveInfo,
  below: readonly FieldNode[] = info.fieldNodes,
): FieldNode[] {
  return below.flatMap((field) => fieldsOf(field.selectionSet?.selections ?? [], info));
}

/** Whether one of these fields is selected right below. */
export const selectsAny = (
  info: GraphQLResolveInfo,
  names: ReadonlySet<string>,
  below: readonly FieldNode[] = info.fieldNodes,
): boolean => selectedFields(info, below).some((field) => names.has(field.name.value));

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
