import { readdirSync, readFileSync } from "node:fs";
import { type DocumentNode, type GraphQLSchema, parse } from "graphql";
import { packageFolder } from "../packageJson.js";
import { auditFields } from "./audit.js";
import { enforceScopes } from "./authorization.js";
import { boundExecution } from "./limits/execution.js";
import { resolvers } from "./resolvers/index.js";
import { buildSubgraph } from "./subgraph/subgraph.js";

const folder = new URL("schema/", packageFolder);

/** The public contract, as it stands in `schema/*.graphql`. */
export const readTypeDefs = (): DocumentNode =>
  parse(
    readdirSync(folder)
      .filter((file) => file.endsWith(".graphql"))
      .map((file) => readFileSync(new URL(file, folder), "utf8"))
      .join("\n"),
  );

/**
 * A Federation 2 subgraph, which also serves clients without a router.
 *
 * @param prefix of the names that SCHEMA_PREFIX renames
 */
export function createSchema(prefix?: string): GraphQLSchema {
  const schema = buildSubgraph(readTypeDefs(), resolvers, prefix);
  // Before the scopes: what a caller may not do is not audited.
  auditFields(schema);
  enforceScopes(schema);
  boundExecution(schema);
  return schema;
}
