import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { composeServices as composeByApollo } from "@apollo/composition";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { createGatewayRuntime, type GatewayConfigSupergraph } from "@graphql-hive/gateway-runtime";
import { composeServices as composeByGuild } from "@theguild/federation-composition";
import { federateSubgraphs as composeByWunderGraph } from "@wundergraph/composition";
import {
  type DocumentNode,
  type FieldDefinitionNode,
  type ObjectTypeDefinitionNode,
  parse,
  print,
} from "graphql";
import { ask } from "./graphqlClient.js";

/** A subgraph as a composer takes it. */
export interface Subgraph {
  readonly name: string;
  readonly url: string;
  readonly sdl: string;
}

/** What a running subgraph tells of itself. */
export async function fetchSdl(url: string): Promise<string> {
  const { data } = await ask(url, { query: "{ _service { sdl } }" });
  return data._service.sdl;
}

const services = (subgraphs: readonly Subgraph[]) =>
  subgraphs.map(({ sdl, ...subgraph }) => ({ ...subgraph, typeDefs: parse(sdl) }));

/** A composer's result: what is wrong with the subgraphs, or their supergraph. */
interface Composition {
  readonly problems: readonly string[];
  readonly supergraph: string;
}

/** Composers whose supergraph the routers of several makers load. */
export const composers = {
  /** Its hints count as problems: they are what a platform team would have to look through. */
  "@apollo/composition"(subgraphs: readonly Subgraph[]): Composition {
    const { errors = [], hints = [], supergraphSdl = "" } = composeByApollo(services(subgraphs));
    return { problems: [...errors, ...hints].map(String), supergraph: supergraphSdl };
  },
  "@theguild/federation-composition"(subgraphs: readonly Subgraph[]): Composition {
    const { errors = [], supergraphSdl = "" } = composeByGuild(services(subgraphs));
    return { problems: errors.map(String), supergraph: supergraphSdl };
  },
};

/** All composers. WunderGraph's makes a configuration for its own router: what is here is its schema of all subgraphs. */
export const allComposers = {
  ...composers,
  /** Its warnings count as problems, as Apollo's hints do. */
  "@wundergraph/composition"(subgraphs: readonly Subgraph[]): Composition {
    const result = composeByWunderGraph({
      subgraphs: subgraphs.map(({ sdl, ...subgraph }) => ({ ...subgraph, definitions: parse(sdl) })),
    });
    return {
      problems: [...(result.success ? [] : result.errors), ...result.warnings].map(String),
      supergraph: result.success ? print(result.federatedGraphAST) : "",
    };
  },
};

export const typeIn = (document: DocumentNode, name: string): ObjectTypeDefinitionNode | undefined =>
  document.definitions
    .filter((definition) => definition.kind === "ObjectTypeDefinition")
    .find((definition) => definition.name.value === name);

export const fieldIn = (
  document: DocumentNode,
  type: string,
  name: string,
): FieldDefinitionNode | undefined =>
  typeIn(document, type)?.fields?.find((field) => field.name.value === name);

/** A router that serves a supergraph over HTTP on a free port. */
export interface Router {
  /** Without a path: GraphQL is at `/graphql`. */
  readonly url: string;
  close(): Promise<unknown>;
}

/** Why Hive's planner can't be loaded here; undefined where it can. */
export const noPlanner = hasBinary()
  ? undefined
  : "its prebuilt binaries are for glibc and macOS, x64 and arm64 only";

function hasBinary(): boolean {
  if (!["x64", "arm64"].includes(process.arch)) return false;
  if (process.platform === "darwin") return true;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return process.platform === "linux" && header.glibcVersionRuntime !== undefined;
}

export const routers = {
  async "@apollo/gateway"(supergraphSdl: string): Promise<Router> {
    const gateway = new ApolloGateway({
      supergraphSdl,
      buildService: ({ url = "" }) => new RemoteGraphQLDataSource({ url }),
      logger: quiet,
    });
    const server = new ApolloServer({ gateway, logger: quiet });
    const { url } = await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: 0 } });
    return { url: url.replace(/\/$/, ""), close: () => server.stop() };
  },

  /** @param maxCost what an operation may cost at most, if that is watched over */
  "Hive Gateway": (supergraph: string, maxCost?: number): Promise<Router> =>
    startHive({
      supergraph,
      ...(maxCost !== undefined && { demandControl: { maxCost, includeExtensionMetadata: true } }),
    }),

  ...(noPlanner === undefined && {
    /** Hive's Rust planner in place of the Gateway's own. */
    async "Hive Router's runtime"(supergraph: string): Promise<Router> {
      const { unifiedGraphHandler } = await import("@graphql-hive/router-runtime");
      return startHive({ supergraph, unifiedGraphHandler });
    },
  }),
};

async function startHive(
  config: Pick<GatewayConfigSupergraph, "supergraph" | "unifiedGraphHandler" | "demandControl">,
): Promise<Router> {
  const gateway = createGatewayRuntime({ ...config, logging: false });
  const server = createServer(gateway);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await gateway[Symbol.asyncDispose]();
    },
  };
}

/** Says what is wrong, and nothing else. */
const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error };
