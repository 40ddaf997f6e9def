import {
  type ASTNode,
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  type NameNode,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  visit,
} from "graphql";

const rootTypes: ReadonlySet<string> = new Set(["Query", "Mutation"]);
/** Subgraphs have these types, and scalars, in common. */
const sharedTypes: ReadonlySet<string> = new Set([...rootTypes, "PageInfo"]);

/** The name of a root field with SCHEMA_PREFIX: `chimeUser` for `user`. */
export function rootFieldName(name: string, prefix = ""): string {
  if (prefix === "" || name.startsWith("_")) return name;
  // Acronyms are words: `awsUser` for AWS.
  const word = prefix.replace(/^(?:[A-Z]+(?![a-z])|[A-Z])/, (capitals) => capitals.toLowerCase());
  return word + name.charAt(0).toUpperCase() + name.slice(1);
}

/** A type by its name in `schema/`, which SCHEMA_PREFIX may have renamed. */
export const typeIn = (schema: GraphQLSchema, name: string): GraphQLNamedType | undefined =>
  schema.getType(String(schema.extensions["prefix"] ?? "") + name);

const isRootType = (node: ASTNode): node is ObjectTypeDefinitionNode | ObjectTypeExtensionNode =>
  (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION) &&
  rootTypes.has(node.name.value);

const withName = <Node extends { readonly name: NameNode }>(node: Node, value: string): Node => ({
  ...node,
  name: { ...node.name, value },
});

/**
 * Renames what SCHEMA_PREFIX renames: object, input, enum, union and interface types, and root fields, so that two
 * subgraphs of a supergraph may each have a User. It happens once, before the schema is built: no request costs more.
 */
export function createPrefixing(document: DocumentNode, prefix = "") {
  const types = new Set<string>();
  const rootFields = new Set<string>();
  /** Names of fields and arguments that stay. */
  const others = new Set<string>();
  for (const definition of document.definitions) {
    if (!isTypeDefinitionNode(definition) && !isTypeExtensionNode(definition)) continue;
    const name = definition.name.value;
    if (isTypeDefinitionNode(definition) && definition.kind !== Kind.SCALAR_TYPE_DEFINITION)
      if (!sharedTypes.has(name) && !name.startsWith("_")) types.add(name);
    for (const field of "fields" in definition ? (definition.fields ?? []) : []) {
      (rootTypes.has(name) ? rootFields : others).add(field.name.value);
      for (const argument of "arguments" in field ? (field.arguments ?? []) : [])
        others.add(argument.name.value);
    }
  }

  const typeName = (name: string): string => (types.has(name) ? prefix + name : name);

  function rename(node: ASTNode, key: string | number | undefined): ASTNode | undefined {
    if (key === "description" && node.kind === Kind.STRING)
      return { ...node, value: renameInText(node.value) };
    if (isRootType(node))
      return {
        ...node,
        fields: node.fields?.map((field) => withName(field, rootFieldName(field.name.value, prefix))) ?? [],
      };
    return node.kind === Kind.NAMED_TYPE || isTypeDefinitionNode(node) || isTypeExtensionNode(node)
      ? withName(node, typeName(node.name.value))
      : undefined;
  }

  /** Descriptions name a root field that is called like another field with its type: `Query.node`. */
  const renameInText = (text: string): string =>
    text.replace(/`(\w+)(?:\.(\w+))?`/g, (_match, name: string, member?: string) => {
      if (member !== undefined)
        return `\`${typeName(name)}.${rootTypes.has(name) ? rootFieldName(member, prefix) : member}\``;
      const isRootField = rootFields.has(name) && !others.has(name);
      return `\`${isRootField ? rootFieldName(name, prefix) : typeName(name)}\``;
    });

  /** A type's resolvers, which return and are called by the names in `schema/`. */
  function renameFields(type: string, fields: Readonly<Record<string, unknown>>): object {
    if (rootTypes.has(type))
      return Object.fromEntries(
        Object.entries(fields).map(([name, resolve]) => [rootFieldName(name, prefix), resolve]),
      );
    const resolveType = fields["__resolveType"];
    if (typeof resolveType !== "function") return fields;
    return { ...fields, __resolveType: (...args: unknown[]) => typeName(resolveType(...args)) };
  }

  return {
    typeName,
    document: prefix === "" ? document : visit(document, { enter: rename }),
    resolvers: (resolvers: object): Record<string, object> =>
      prefix === ""
        ? { ...resolvers }
        : Object.fromEntries(
            Object.entries(resolvers).map(([type, fields]) => [typeName(type), renameFields(type, fields)]),
          ),
  };
}
