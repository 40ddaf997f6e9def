import { setTimeout as sleep } from "node:timers/promises";
import { type Chime, createChime } from "./chime.js";
import { exchange } from "./http.js";
import { type Program, startChime, startGatewayOn } from "./processes.js";

export interface Answer {
  /** Each module knows what it has asked for. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON
  readonly data?: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string; readonly [key: string]: unknown };
  }[];
}

/** A request that has come to Chime. */
export interface Arrival {
  readonly operation: string;
  readonly path: string;
  readonly at: string;
  readonly startedAt: number;
  readonly finishedAt?: number;
  /** The fault that struck it. */
  readonly fault?: string;
  readonly status?: number;
}

interface Log {
  readonly total: number;
  readonly requests: Arrival[];
}

/** A gateway and the embedded Chime that it talks to. */
export interface Scene {
  /** Asks the gateway, as a client would. Without an answer in GraphQL's form, `{}`. */
  ask(query: string, variables?: object, signal?: AbortSignal): Promise<Answer>;
  readonly chime: Chime;
  /** Replaces all fault rules: see src/chime-local/faults.ts. */
  faults(...rules: object[]): Promise<void>;
  /** What has come to Chime, once all of it has ended. */
  arrivals(): Promise<Arrival[]>;
  /** The same, as it is at this moment. */
  arrivalsNow(): Promise<Arrival[]>;
  /** How many have come: the log itself holds the last 10,000. */
  countOfArrivals(): Promise<number>;
  forgetArrivals(): Promise<void>;
}

export function createScene({ url, chimeUrl }: { readonly url: string; readonly chimeUrl: string }): Scene {
  async function control(method: string, name: string, input?: object): Promise<Log> {
    const { status, body } = await exchange(method, `${chimeUrl}/_local/${name}`, input);
    if (status !== 200) throw new Error(`${method} ${name}: ${body}`);
    return JSON.parse(body) as Log;
  }

  const arrivalsNow = async () => (await control("GET", "requests")).requests;

  return {
    ask: (query, variables, signal) => ask(url, query, variables, signal),
    chime: createChime(chimeUrl),
    async faults(...rules) {
      await control("DELETE", "faults");
      await control("POST", "faults", rules);
    },
    async arrivals() {
      const patience = performance.now() + 10_000;
      for (;;) {
        const requests = await arrivalsNow();
        if (requests.every(({ finishedAt }) => finishedAt !== undefined)) return requests;
        if (performance.now() > patience) throw new Error("A request to Chime does not end.");
        await sleep(20);
      }
    },
    arrivalsNow,
    countOfArrivals: async () => (await control("GET", "requests")).total,
    async forgetArrivals() {
      await control("DELETE", "requests");
    },
  };
}

/** Runs something on a Chime and a gateway that are there for it alone. @param env the gateway's settings */
export async function onGateway<Result>(
  env: Record<string, string>,
  run: (scene: Scene, gateway: Program) => Promise<Result>,
): Promise<Result> {
  const chime = await startChime();
  const gateway = await startGatewayOn(chime.url, env);
  try {
    return await run(createScene(gateway), gateway);
  } finally {
    await Promise.all([gateway.stop(), chime.stop()]);
  }
}

/** Each user is a GetUser call of its own: lists carry no PIN. */
export const usersQuery = `query ($accountId: ID!, $userIds: [ID!]!) {
  users(accountId: $accountId, userIds: $userIds) { personalPin }
}`;

/** The same, of one user. */
export const userQuery = `query ($accountId: ID!, $userId: ID!) {
  user(accountId: $accountId, userId: $userId) { primaryEmail personalPin }
}`;

/** Posts a GraphQL request. Without an answer in GraphQL's form, `{}`. */
export async function ask(
  url: string,
  query: string,
  variables?: object,
  signal?: AbortSignal,
): Promise<Answer> {
  try {
    const { body } = await exchange("POST", `${url}/graphql`, { query, variables }, signal);
    return JSON.parse(body) as Answer;
  } catch {
    return {};
  }
}
