import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  parse,
  print,
  type TypeNode,
  valueFromASTUntyped,
  visit,
} from "graphql";
import { createPrefixing } from "./prefix.js";

type ObjectNode = ObjectTypeDefinitionNode | ObjectTypeExtensionNode;
/** One of these lists of scopes, in full. */
type Alternatives = readonly (readonly string[])[];

export interface SdlOptions {
  /** SCHEMA_PREFIX. */
  readonly prefix?: string | undefined;
  /** Whether it declares the scopes, which some routers do not support. By default it does. */
  readonly hasScopes?: boolean;
}

/** The SDL for composers. */
export function printSubgraph(typeDefs: DocumentNode, { prefix, hasScopes = true }: SdlOptions = {}): string {
  const { document } = createPrefixing(typeDefs, prefix);
  return print(hasScopes ? moveScopesToFields(document) : removeScopes(document));
}

const removeScopes = (document: DocumentNode): DocumentNode =>
  visit(document, {
    Directive: ({ name }) => (name.value === "requiresScopes" ? null : undefined),
    // The import in @link's list.
    StringValue: ({ value }) => (value === "@requiresScopes" ? null : undefined),
  });

/**
 * The scopes of a type are on its fields, and on the fields that lead to it, so that fields that other
 * subgraphs add to our entities need none. Key fields have none, since routers need them to reach an entity.
 */
function moveScopesToFields(typeDefs: DocumentNode): DocumentNode {
  const objects = typeDefs.definitions.filter(isObject);
  const scopesOf = new Map<string, Alternatives>();
  for (const { name, directives } of objects) {
    const scopes = readScopes(directives);
    if (scopes) scopesOf.set(name.value, scopes);
  }
  const keysOf = (name: string) =>
    objects.filter((object) => object.name.value === name).flatMap(({ directives }) => keyFields(directives));

  function withScopes(field: FieldDefinitionNode, parent: string): FieldDefinitionNode {
    const isKey = keysOf(parent).includes(field.name.value);
    const required = [
      isKey ? undefined : scopesOf.get(parent),
      scopesOf.get(nameOf(field.type)),
      readScopes(field.directives),
    ].filter((scopes) => scopes !== undefined);
    if (required.length === 0) return field;
    return { ...field, directives: [...withoutScopes(field.directives), directiveOf(combine(required))] };
  }

  const definitions = typeDefs.definitions.map((definition) =>
    isObject(definition)
      ? {
          ...definition,
          directives: withoutScopes(definition.directives),
          fields: definition.fields?.map((field) => withScopes(field, definition.name.value)) ?? [],
        }
      : definition,
  );
  return { ...typeDefs, definitions };
}

const isObject = (node: DocumentNode["definitions"][number]): node is ObjectNode =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION;

const nameOf = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);

const argumentOf = (directive: ConstDirectiveNode): unknown =>
  directive.arguments?.[0] && valueFromASTUntyped(directive.arguments[0].value);

function readScopes(directives: readonly ConstDirectiveNode[] = []): Alternatives | undefined {
  const directive = directives.find(({ name }) => name.value === "requiresScopes");
  return directive && (argumentOf(directive) as Alternatives);
}

const keyFields = (directives: readonly ConstDirectiveNode[] = []): string[] =>
  directives
    .filter(({ name }) => name.value === "key")
    .flatMap((directive) => String(argumentOf(directive)).split(" "));

const withoutScopes = (directives: readonly ConstDirectiveNode[] = []) =>
  directives.filter(({ name }) => name.value !== "requiresScopes");

/** All of several requirements: each alternative of one with each of the others. */
const combine = (required: readonly Alternatives[]): Alternatives =>
  required.reduce((left, right) => left.flatMap((a) => right.map((b) => [...new Set([...a, ...b])])));

/** Parsed, since graphql has no constructor of nodes. */
function directiveOf(scopes: Alternatives): ConstDirectiveNode {
  const [type] = parse(`type T @requiresScopes(scopes: ${JSON.stringify(scopes)})`).definitions;
  return (type as ObjectTypeDefinitionNode).directives?.[0] as ConstDirectiveNode;
}
