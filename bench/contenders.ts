import { createGun, type Gun, type Shot } from "./load.js";
import { type Program, startContender, startGateway } from "./programs.js";
import type { Input, Query } from "./queries.js";

/** The floor: what all others are divided by. */
export const floor = "rest";
export const ours = "gateway";

export const titles: Readonly<Record<string, string>> = {
  [ours]: "this gateway",
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

export function startContenders(chimeUrl: string): Promise<Contender[]> {
  return Promise.all(
    Object.keys(titles).map(async (name) => {
      const program = await (name === ours ? startGateway(chimeUrl) : startContender(chimeUrl, name));
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
