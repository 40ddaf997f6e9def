import { addResolversToSchema } from "@graphql-tools/schema";
import {
  buildASTSchema,
  concatAST,
  type DocumentNode,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLScalarType,
  type GraphQLSchema,
  parse,
} from "graphql";
import { z } from "zod";
import type { Resolvers } from "../../generated/schema.js";
import { checkScopes } from "../authorization.js";
import type { Caller } from "../caller.js";
import type { Context } from "../resolvers/shared/context.js";
import { parse as parseInput } from "../resolvers/shared/validation.js";
import { createPrefixing } from "./prefix.js";
import { printSubgraph } from "./subgraphSdl.js";

/** The types with a key, to which other subgraphs refer. */
const entities = ["Account", "Bot", "PhoneNumber", "PhoneNumberOrder", "Room", "User"] as const;
type Entities = Pick<Resolvers, (typeof entities)[number]>;

/** Additions of the Federation specification: two fields with their types, and the directives that `schema/` imports. */
const federation = parse(`
  directive @link(url: String!, import: [String!]) repeatable on SCHEMA
  directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
  directive @shareable repeatable on OBJECT | FIELD_DEFINITION
  directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION
    | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCHEMA
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
  directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT
    | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],
    requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION

  scalar _Any
  union _Entity = ${entities.join(" | ")}
  type _Service { sdl: String }
  extend type Query {
    _entities(representations: [_Any!]!): [_Entity]!
    _service: _Service!
  }
`);

type ResolverMap = Parameters<typeof addResolversToSchema>[0]["resolvers"];
type SubgraphResolvers = Partial<Resolvers> & Entities & Pick<Resolvers, "DateTime" | "EmailAddress">;

/**
 * A Federation 2 subgraph. Its SDL, which composers read, is the source.
 *
 * @param prefix of the names that SCHEMA_PREFIX renames
 */
export function buildSubgraph(
  typeDefs: DocumentNode,
  resolvers: SubgraphResolvers,
  prefix?: string,
): GraphQLSchema {
  const { DateTime, EmailAddress } = resolvers;
  const prefixing = createPrefixing(concatAST([typeDefs, federation]), prefix);
  const sdl = printSubgraph(typeDefs, { prefix });
  const schema = addResolversToSchema({
    schema: buildASTSchema(prefixing.document),
    resolvers: prefixing.resolvers({
      ...resolvers,
      DateTime: conversionsOf(DateTime),
      EmailAddress: conversionsOf(EmailAddress),
      Query: {
        ...resolvers.Query,
        _entities: resolveEntities(resolvers, prefixing.typeName),
        _service: () => ({ sdl }),
      },
      _Entity: { __resolveType: (entity: object) => typeNames.get(entity) },
    }) as ResolverMap,
    updateResolversInPlace: true,
  });
  schema.extensions = { ...schema.extensions, prefix };
  return schema;
}

/** The functions of a scalar, without its description, which graphql-tools would overwrite. */
const conversionsOf = ({ serialize, parseValue, parseLiteral }: GraphQLScalarType) => ({
  serialize,
  parseValue,
  parseLiteral,
});

/** The types, by their names in `schema/`, of entities that were loaded for a router: Chime's objects do not have them. */
const typeNames = new WeakMap<object, string>();

/**
 * Loads the entities of a router's representations. Each fails alone: if its type is unknown, if its key is malformed, and,
 * before anything is loaded, if the caller lacks the scopes of its type.
 */
function resolveEntities(
  resolvers: Entities,
  typeName: (name: string) => string,
): GraphQLFieldResolver<unknown, Context & { readonly caller: Caller }> {
  const byName = new Map(entities.map((name) => [typeName(name), name]));
  const names = [...byName.keys()];
  const rules = z.object({ __typename: z.enum(names, `must be ${names.join(" or ")}`) });
  return (_source, { representations }, context, info) =>
    representations.map(async (representation: never) => {
      const { __typename } = parseInput(rules, Array.isArray(representation) ? {} : Object(representation));
      checkScopes(info.schema.getType(__typename) as GraphQLObjectType, context.caller);
      const name = byName.get(__typename);
      const entity = name && (await resolvers[name].__resolveReference(representation, context, info));
      if (entity) typeNames.set(entity, name);
      return entity;
    });
}
