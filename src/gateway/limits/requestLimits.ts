import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from "graphql";
import { type Limits, overLimit } from "./limits.js";
import { createValues } from "./values.js";

/** @throws LimitError if the operation asks for too much with these variables. It must be valid. */
export type RequestCheck = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
) => void;

/** What the SDL says of a list's length. */
interface ListSize {
  readonly slicingArguments?: readonly string[] | null;
  readonly assumedSize?: number | null;
}

/** The lists right below a field, whose length follows from the field's arguments. */
interface Below {
  readonly length: number;
  /** What each of them counts. */
  readonly nodes: number;
}

/**
 * Counts what an operation asks for before it is executed, as GitHub does: a connection counts its `first`, another list
 * as many as it is given ids or inputs, or else what the schema's `@listSize` assumes, a single object that is looked up
 * counts 1, and what is within a list counts as often as the list is long. @skip and @include are not looked at.
 */
export function createRequestCheck(schema: GraphQLSchema, limits: Limits): RequestCheck {
  const sizes = readSizes(schema);
  const types = Object.values(schema.getTypeMap());
  const fieldsOfAType = Math.ceil(types.flatMap(fieldsOf).length / types.filter(isObjectType).length);

  return (document, operation, variables) => {
    const values = createValues(operation, variables, limits);
    const fragments = new Map(
      document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
      ),
    );
    const root = schema.getRootType(operation.operation);
    if (!root) return;
    const nodes = nodesIn(root, operation.selectionSet);
    if (nodes > limits.nodes) throw overLimit(limits, "nodes", nodes);

    function nodesIn(parent: GraphQLNamedType, { selections }: SelectionSetNode, below?: Below): number {
      let nodes = 0;
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) {
          nodes += nodesOf(parent, selection, below);
          continue;
        }
        const fragment =
          selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        if (!fragment) continue;
        const type = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
        nodes += nodesIn(type ?? parent, fragment.selectionSet, below);
      }
      return nodes;
    }

    function nodesOf(parent: GraphQLNamedType, node: FieldNode, below?: Below): number {
      const given = longestArgument(node);
      const field = fieldOf(parent, node.name.value);
      if (!field || !node.selectionSet) return 0;
      const type = getNamedType(field.type);
      const { slicingArguments, assumedSize } = sizes.get(field) ?? {};
      if (slicingArguments) {
        const first = firstOf(field, node, slicingArguments);
        return first + nodesIn(type, node.selectionSet, { length: first, nodes: 0 });
      }
      if (isListType(getNullableType(field.type))) {
        const length = given ?? below?.length ?? assumedSize ?? introspectedLength(parent, field);
        return (below?.nodes ?? length) + length * nodesIn(type, node.selectionSet);
      }
      const lookedUp = field.args.length > 0 ? 1 : 0;
      const lists = given === undefined ? undefined : { length: given, nodes: given };
      return lookedUp + nodesIn(type, node.selectionSet, lists);
    }

    /** How many items the longest list in the field's arguments has. */
    function longestArgument({ name, arguments: args = [] }: FieldNode): number | undefined {
      const lengths = args.flatMap(({ value }) => values.longestList(value) ?? []);
      if (lengths.length === 0) return undefined;
      const length = Math.max(...lengths);
      const limit = name.value === "_entities" ? "entities" : "listItems";
      if (length > limits[limit]) throw overLimit(limits, limit, length);
      return length;
    }

    function firstOf({ args }: GraphQLField<unknown, unknown>, node: FieldNode, names: readonly string[]) {
      const given = names.map((name) => {
        const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
        return values.number(value) ?? Number(args.find((arg) => arg.name === name)?.defaultValue ?? 0);
      });
      return Math.max(0, ...given);
    }
  };

  function fieldOf(parent: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | undefined {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  }

  /** Only introspection has lists of objects that the SDL says nothing of: all types, or something of one of them. */
  function introspectedLength(parent: GraphQLNamedType, { name }: GraphQLField<unknown, unknown>): number {
    return parent.name === "__Schema" && name === "types" ? types.length : fieldsOfAType;
  }
}

/** What `@listSize` says of fields. */
function readSizes(schema: GraphQLSchema): ReadonlyMap<GraphQLField<unknown, unknown>, ListSize> {
  const sizes = new Map<GraphQLField<unknown, unknown>, ListSize>();
  const directive = schema.getDirective("listSize");
  if (!directive) throw new Error("The schema has no @listSize.");
  for (const field of Object.values(schema.getTypeMap()).flatMap(fieldsOf)) {
    const size: ListSize | undefined = getDirectiveValues(directive, field.astNode ?? {});
    if (size) sizes.set(field, size);
  }
  return sizes;
}

const fieldsOf = (type: GraphQLNamedType): GraphQLField<unknown, unknown>[] =>
  isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
