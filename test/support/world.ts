import { ChimeClient, ListUsersCommand } from "@aws-sdk/client-chime";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { createUpstream } from "../../src/chime/upstream.js";
import { SEED } from "../../src/chime-local/seed.js";
import { startChimeLocal } from "../../src/chime-local/server.js";
import { readConfig } from "../../src/config.js";
import type { Limits } from "../../src/graphql/limits/limits.js";
import { type Gateway, startGateway } from "../../src/server/listen.js";
import { openStores } from "../../src/stores/stores.js";

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly [key: string]: unknown };
}

export interface Answer {
  // Tests compare data as a whole: its type would say the same once more.
  // biome-ignore lint/suspicious/noExplicitAny: JSON
  readonly data?: any;
  readonly errors?: readonly GraphqlError[];
  readonly extensions?: { readonly chime?: unknown; readonly omittedErrors?: number };
}

/** A call as the embedded Chime saw it arrive. */
export interface Arrival {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly startedAt: number;
  readonly finishedAt: number;
}

/** A gateway on an embedded Chime of its own, for one test file: real servers, the real SDK, real HTTP. */
export interface World {
  /** The gateway, without a path. */
  readonly url: string;
  readonly chimeUrl: string;
  /** Asks Chime itself, past the gateway. */
  readonly chime: ChimeClient;
  ask(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  /** Ids of an account's users, from its beginning, asked of Chime itself; the log does not show it. */
  userIds(accountId: string, count?: number): Promise<string[]>;
  /** The calls that arrived at Chime, oldest first. */
  arrivals(): Promise<Arrival[]>;
  /** How many of each operation arrived: `{ GetUser: 2 }`. */
  calls(): Promise<Record<string, number>>;
  /** Restores the seeded state and empties the log, as before each test. */
  reset(): Promise<void>;
  /** Forgets what arrived so far. */
  forgetCalls(): Promise<void>;
  /** Adds a fault rule: see src/chime-local/faults.ts. */
  fault(rule: object): Promise<void>;
}

/** Constants that a test needs to be smaller. */
export interface Constants {
  /** Milliseconds of one attempt of a call to Chime. */
  readonly callTimeout?: number;
  /** Names of operations that metrics learn. */
  readonly metricsOperations?: number;
}

/** Starts a world before a file's tests and stops it after them. Each test finds the seeded state and an empty log. */
export function useWorld(env: Record<string, string> = {}, constants: Constants = {}): World {
  let started: Awaited<ReturnType<typeof startWorld>> | undefined;
  const world = () => {
    if (!started) throw new Error("The world exists within tests only.");
    return started;
  };
  beforeAll(async () => {
    started = await startWorld(env, constants);
  });
  beforeEach(reset);
  afterAll(() => started?.close());

  async function control(method: string, path: string, body?: object) {
    const response = await fetch(world().chimeUrl + path, { method, body: JSON.stringify(body ?? {}) });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json() as Promise<Record<string, unknown>>;
  }

  async function reset() {
    await control("POST", "/_local/reset");
  }

  return {
    reset,
    get url() {
      return world().url;
    },
    get chimeUrl() {
      return world().chimeUrl;
    },
    get chime() {
      return world().chime;
    },
    ask: (query, variables, headers) => ask(world().url, { query, variables }, headers),
    async userIds(accountId, count = Number.POSITIVE_INFINITY) {
      const ids: string[] = [];
      let token: string | undefined;
      do {
        const { Users = [], NextToken } = await world().chime.send(
          new ListUsersCommand({ AccountId: accountId, MaxResults: 200, NextToken: token }),
        );
        ids.push(...Users.map((user) => String(user.UserId)));
        token = NextToken;
      } while (token && ids.length < count);
      await control("DELETE", "/_local/requests");
      return ids.slice(0, count);
    },
    arrivals: async () => (await requests())["requests"] as Arrival[],
    calls: async () => (await requests())["counts"] as Record<string, number>,
    forgetCalls: async () => {
      await control("DELETE", "/_local/requests");
    },
    fault: async (rule) => {
      await control("POST", "/_local/faults", rule);
    },
  };

  async function requests() {
    const response = await fetch(`${world().chimeUrl}/_local/requests`);
    return (await response.json()) as Record<string, unknown>;
  }
}

/** Posts a GraphQL request as a client would. */
export async function ask(url: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Answer;
}

async function startWorld(env: Record<string, string>, { callTimeout, ...constants }: Constants) {
  const config = readConfig({
    PORT: "0",
    CHIME_LOCAL_PORT: "0",
    CHIME_LOCAL_DATA: ":memory:",
    LOG_LEVEL: "silent",
    ...env,
  });
  const chimeLocal = await startChimeLocal(config.chimeLocal);
  const target = { mode: "local", endpoint: chimeLocal.url } as const;
  const stores = await openStores(config.cache);
  const upstream = createUpstream({
    ...config.chime,
    ...(callTimeout !== undefined && { callTimeout }),
    target,
    cache: stores.cache,
  });
  const gateway = await startGateway(
    { ...config, ...constants, shared: stores.shared, trace: true, exampleAccountId: SEED.largeAccountId },
    upstream,
  );
  const chime = new ChimeClient({
    region: "us-east-1",
    endpoint: chimeLocal.url,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  return {
    url: gateway.url,
    chimeUrl: chimeLocal.url,
    chime,
    async close() {
      chime.destroy();
      await gateway.close();
      upstream.close();
      stores.close();
      await chimeLocal.close();
    },
  };
}

/**
 * A gateway of its own on a Chime that is there already.
 *
 * @param limits those that are not settings
 */
export async function startOn(
  endpoint: string,
  env: Record<string, string> = {},
  limits: Partial<Limits> = {},
): Promise<Gateway> {
  const config = readConfig({ PORT: "0", LOG_LEVEL: "silent", ...env });
  const stores = await openStores(config.cache);
  const target = { mode: "local", endpoint } as const;
  const upstream = createUpstream({ ...config.chime, target, cache: stores.cache });
  const closeRest = () => {
    upstream.close();
    stores.close();
  };
  try {
    const gateway = await startGateway(
      { ...config, limits: { ...config.limits, ...limits }, shared: stores.shared, trace: false },
      upstream,
    );
    return {
      url: gateway.url,
      metricsUrl: gateway.metricsUrl,
      async close() {
        await gateway.close();
        closeRest();
      },
    };
  } catch (error) {
    closeRest();
    throw error;
  }
}
