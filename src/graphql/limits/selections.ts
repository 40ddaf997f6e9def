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
} from "graphql";

export type Field = GraphQLField<unknown, unknown>;

/** A field that an operation selects at one place of the response, once for all places where the document selects it. */
export interface Selected {
  readonly key: string;
  readonly parent: GraphQLNamedType;
  readonly field: Field;
  /** Fields that are merged have the same arguments. */
  readonly node: FieldNode;
  readonly below: readonly Selected[];
}

/**
 * Expands the fragments of an operation and merges the fields of one response key, as the execution does. Of fields that
 * only some types have, all are listed. @skip and @include are ignored.
 *
 * The document is valid and within the limit for selections, so that this ends soon, however its fragments are nested.
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
