import { readdirSync, readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  isScalarType,
  isUnionType,
  parse,
  valueFromASTUntyped,
} from "graphql";
import { resolvers } from "../resolvers/index.js";

const folder = new URL("../../schema/", import.meta.url);

/** The public contract, as it stands in `schema/*.graphql`. */
export const readTypeDefs = (): DocumentNode =>
  parse(
    readdirSync(folder)
      .filter((file) => file.endsWith(".graphql"))
      .map((file) => readFileSync(new URL(file, folder), "utf8"))
      .join("\n"),
  );

/** A Federation 2 subgraph, which serves as well alone. */
export function createSchema(): GraphQLSchema {
  // The compiler has checked the resolvers against the SDL; buildSubgraphSchema asks for functions of anything.
  const module: object = { typeDefs: readTypeDefs(), resolvers };
  const schema = buildSubgraphSchema(module as Parameters<typeof buildSubgraphSchema>[0]);
  checkRepresentations(schema);
  return schema;
}

/** Has what is no representation of an entity refused as the input that it is; Apollo takes it for a fault of the server's. */
function checkRepresentations(schema: GraphQLSchema): void {
  const [any, entity] = [schema.getType("_Any"), schema.getType("_Entity")];
  if (!isScalarType(any) || !isUnionType(entity)) throw new Error("The schema is not a subgraph's.");
  const names = new Set<unknown>(entity.getTypes().map(({ name }) => name));
  any.parseValue = (value) => {
    const name =
      typeof value === "object" && value !== null && "__typename" in value ? value.__typename : undefined;
    if (names.has(name)) return value;
    throw new GraphQLError(
      `A representation must be an object whose __typename is ${[...names].join(" or ")}.`,
    );
  };
  any.parseLiteral = (node, variables) => any.parseValue(valueFromASTUntyped(node, variables));
}
