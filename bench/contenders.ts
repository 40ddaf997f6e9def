import { join } from "node:path";
import { createLoadClient, graphqlRequest, type LoadClient } from "../test/support/load.js";
import { type Program, programs, remoteChime, repository, startProgram } from "../test/support/processes.js";
import type { EarlierBuild } from "./earlierBuild.js";
import type { Input, Query } from "./queries.js";
import type { BenchRequest } from "./requests.js";

/** The baseline that all others are compared with. The plain SDK in its standard mode, in the throttling loads. */
export const baseline = "rest";
export const ours = "gateway";
/** The gateway as of an earlier commit. */
export const earlier = "before";
/** The baseline with the SDK in its adaptive mode, for the throttling loads. */
export const adaptive = "adaptive";

export const titles: Readonly<Record<string, string>> = {
  [ours]: "this gateway",
  [earlier]: "the earlier build",
  [baseline]: "Fastify REST endpoint",
  mercurius: "Mercurius with JIT",
  yoga: "GraphQL Yoga",
  apollo: "Apollo Server with DataLoader",
  hive: "this gateway behind Hive Gateway",
  federation: "this gateway behind Apollo Gateway",
};

/** The routers among the contenders. */
const routerOf: Readonly<Record<string, string>> = { hive: "Hive Gateway", federation: "@apollo/gateway" };

/** A way to answer the queries, in a process of its own. */
export interface Contender {
  readonly name: string;
  readonly program: Program;
  /** For load. */
  readonly parallel: LoadClient;
  /** One request after the other. */
  readonly serial: LoadClient;
  request(query: Query, input: Input): BenchRequest;
  dataOf(answer: Buffer): unknown;
  stop(): Promise<void>;
}

/** A router has no `_entities`: it asks for them itself. */
export const answers = (name: string, { document }: Query): boolean =>
  !(name in routerOf && document.includes("_entities"));

/** Requests at once under load. */
export const connections = 4;

export function startContenders(
  chimeUrl: string,
  names: readonly string[],
  build: EarlierBuild | undefined,
): Promise<Contender[]> {
  return Promise.all(
    names.map(async (name) => {
      const program = await startContender(chimeUrl, name, build);
      const parallel = createLoadClient([program.url], connections);
      const serial = createLoadClient([program.url], 1);
      return {
        name,
        program,
        parallel,
        serial,
        ...(name === baseline ? rest : graphql),
        async stop() {
          await Promise.all([parallel.close(), serial.close()]);
          await program.stop();
        },
      };
    }),
  );
}

/** @param build the one to start as {@link earlier} */
export function startContender(
  chimeUrl: string,
  name: string,
  build: EarlierBuild | undefined,
): Promise<Program> {
  switch (name) {
    case ours:
      return startOn(chimeUrl, programs.gateway);
    case earlier:
      return startOn(chimeUrl, build?.main ?? "");
    case adaptive:
      return startOn(chimeUrl, peer(baseline), { AWS_RETRY_MODE: "adaptive" });
    default: {
      const router = routerOf[name];
      return router
        ? startOn(chimeUrl, join(repository, "bench/dist/bench/router.js"), { ROUTER: router })
        : startOn(chimeUrl, peer(name));
    }
  }
}

export const startGateway = (chimeUrl: string): Promise<Program> => startContender(chimeUrl, ours, undefined);

const peer = (name: string): string => join(repository, "bench/contenders/dist", `${name}.js`);

/** As on a server, with a Chime that it calls as it would call AWS. */
const startOn = (chimeUrl: string, file: string, env: Record<string, string> = {}): Promise<Program> =>
  startProgram(file, { NODE_ENV: "production", ...remoteChime(chimeUrl), ...env });

const rest: Pick<Contender, "request" | "dataOf"> = {
  request: ({ name }, { rest, variables }) => ({ path: `/${name}`, body: JSON.stringify(rest ?? variables) }),
  dataOf: (answer) => JSON.parse(answer.toString()),
};

export const graphql: Pick<Contender, "request" | "dataOf"> = {
  request: ({ document: query }, { variables }) => graphqlRequest({ query, variables }),
  dataOf(answer) {
    const { data, errors } = JSON.parse(answer.toString());
    if (errors) throw new Error(`A response with errors: ${JSON.stringify(errors[0])}`);
    return data;
  },
};
