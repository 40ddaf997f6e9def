import { readdirSync, readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type DocumentNode, type GraphQLSchema, parse } from "graphql";
import { packageFolder } from "../packageJson.js";
import { enforceScopes } from "./authorization.js";
import { checkRepresentations } from "./entities.js";
import { boundExecution } from "./limits/execution.js";
import { resolvers } from "./resolvers/index.js";

const folder = new URL("schema/", packageFolder);

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
  enforceScopes(schema);
  boundExecution(schema);
  return schema;
}
