import { readTypeDefs } from "../../src/graphql/schema.js";
import { printSubgraph } from "../../src/graphql/subgraph/subgraphSdl.js";

/** The SDL for a router: Apollo Gateway does not start with scopes. `--print-schema` prints both. */
export const sdlFor = (routerName: string, prefix?: string): string =>
  printSubgraph(readTypeDefs(), { prefix, hasScopes: routerName !== "@apollo/gateway" });
