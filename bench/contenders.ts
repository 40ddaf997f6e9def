import type { EarlierBuild } from "./earlierBuild.js";
import { createGun, type Gun, type Shot } from "./load.js";
import { type Program, startContender, startGateway } from "./programs.js";
import type { Input, Query } from "./queries.js";

/** The floor: what all others are divided by. The plain SDK in its standard mode, where Chime throttles. */
export const floor = "rest";
export const ours = "gateway";
/** The gateway as of an earlier commit. */
export const earlier = "before";
/** The floor with the SDK in its adaptive mode, for the throttling loads. */
export const adaptive = "adaptive";

export const titles: Readonly<Record<string, string>> = {
  [ours]: "this gateway",
  [earlier]: "the earlier build",
  [floor]: "Fastify REST endpoint",
  mercurius: "Mercurius with JIT",
  yoga: "GraphQL Yoga",
  apollo: "Apollo Server with DataLoader",
};

/** A way to answer the queries, in a process of its own. */
export interface Contender {
  readonly name: string;
  readonly program: Program;
  /** Under load. */
  readonly many: Gun;
  /** One request after the other. */
  readonly one: Gun;
  shot(query: Query, input: Input): Shot;
  dataOf(answer: Buffer): unknown;
  stop(): Promise<void>;
}

/** Requests under way at once, where there is load. */
export const connections = 4;

export function startContenders(
  chimeUrl: string,
  names: readonly string[],
  build: EarlierBuild | undefined,
): Promise<Contender[]> {
  return Promise.all(
    names.map(async (name) => {
      const program = await startProgram(chimeUrl, name, build);
      const many = createGun([program.url], connections);
      const one = createGun([program.url], 1);
      return {
        name,
        program,
        many,
        one,
        ...(name === floor ? rest : graphql),
        async stop() {
          await Promise.all([many.close(), one.close()]);
          await program.stop();
        },
      };
    }),
  );
}

/** @param build the one to start as {@link earlier} */
export function startProgram(
  chimeUrl: string,
  name: string,
  build: EarlierBuild | undefined,
): Promise<Program> {
  switch (name) {
    case ours:
      return startGateway(chimeUrl);
    case earlier:
      return startGateway(chimeUrl, build?.main);
    case adaptive:
      return startContender(chimeUrl, floor, { AWS_RETRY_MODE: "adaptive" });
    default:
      return startContender(chimeUrl, name);
  }
}

const rest: Pick<Contender, "shot" | "dataOf"> = {
  shot: ({ name }, { rest, variables }) => ({ path: `/${name}`, body: JSON.stringify(rest ?? variables) }),
  dataOf: (answer) => JSON.parse(answer.toString()),
};

export const graphql: Pick<Contender, "shot" | "dataOf"> = {
  shot: ({ document: query }, { variables }) => ({
    path: "/graphql",
    body: JSON.stringify({ query, variables }),
  }),
  dataOf(answer) {
    const { data, errors } = JSON.parse(answer.toString());
    if (errors) throw new Error(`An answer with errors: ${JSON.stringify(errors[0])}`);
    return data;
  },
};
