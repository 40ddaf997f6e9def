import { setTimeout as sleep } from "node:timers/promises";
import { ChimeTestClient } from "./chimeClient.js";
import { type Answer, ask } from "./graphqlClient.js";
import { sendHttp } from "./http.js";
import { type Program, startChime, startGatewayOn } from "./processes.js";

/** A request that has arrived at the embedded Chime. */
export interface Arrival {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly at: string;
  readonly startedAt: number;
  /** Absent while Chime has not answered. */
  readonly finishedAt?: number;
  /** The fault that was applied to it. */
  readonly fault?: string;
  readonly status?: number;
}

interface RequestLog {
  readonly total: number;
  readonly counts: Record<string, number>;
  readonly requests: Arrival[];
}

/** A gateway, without a path, and the embedded Chime that it calls. */
export interface Urls {
  readonly url: string;
  readonly chimeUrl: string;
}

export type Harness = ReturnType<typeof createHarness>;

/** Drives a gateway and its embedded Chime: real servers, the real SDK, real HTTP. */
export function createHarness(urls: Urls) {
  let client: ChimeTestClient | undefined;
  const chime = () => {
    client ??= new ChimeTestClient(urls.chimeUrl);
    return client;
  };

  async function control(method: string, name: string, body?: object): Promise<RequestLog> {
    const response = await sendHttp(method, `${urls.chimeUrl}/_local/${name}`, { body });
    if (response.status !== 200) throw new Error(`${method} ${name}: ${response.body}`);
    return JSON.parse(response.body) as RequestLog;
  }

  const askGateway = (
    query: string,
    variables?: object,
    headers?: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<Answer> => ask(urls.url, { query, variables }, headers, signal);

  const harness = {
    get url() {
      return urls.url;
    },
    get chimeUrl() {
      return urls.chimeUrl;
    },
    /** Calls Chime itself, past the gateway. */
    get chime() {
      return chime();
    },
    ask: askGateway,
    /** The same, but `{}` without an answer in GraphQL's form. */
    tryAsk: (query: string, variables?: object, signal?: AbortSignal): Promise<Answer> =>
      askGateway(query, variables, {}, signal).catch(() => ({})),
    /** Ids of an account's users, from its beginning, read from Chime itself; the request log does not show it. */
    async userIds(accountId: string, count = Number.POSITIVE_INFINITY): Promise<string[]> {
      const users = await chime().users(accountId, {}, count);
      await harness.forgetCalls();
      return users.slice(0, count).map(({ UserId }) => String(UserId));
    },
    /** The calls that have arrived at Chime, oldest first: the last 10,000. */
    arrivals: async (): Promise<Arrival[]> => (await control("GET", "requests")).requests,
    /** The same, once all of them have ended. */
    async endedArrivals(): Promise<Arrival[]> {
      const deadline = performance.now() + 10_000;
      for (;;) {
        const requests = await harness.arrivals();
        if (requests.every(({ finishedAt }) => finishedAt !== undefined)) return requests;
        if (performance.now() > deadline) throw new Error("A request to Chime does not end.");
        await sleep(20);
      }
    },
    /** How many calls of each operation have arrived: `{ GetUser: 2 }`. */
    calls: async (): Promise<Record<string, number>> => (await control("GET", "requests")).counts,
    countCalls: async (): Promise<number> => (await control("GET", "requests")).total,
    /** Empties the request log. */
    async forgetCalls(): Promise<void> {
      await control("DELETE", "requests");
    },
    /** The messages of rooms and conversations, which Chime's API does not return. */
    messages: (): Promise<object> => control("GET", "messages"),
    /** Adds a fault rule: see src/chime-local/faults.ts. */
    async fault(rule: object): Promise<void> {
      await control("POST", "faults", rule);
    },
    /** Replaces all fault rules. */
    async setFaults(...rules: object[]): Promise<void> {
      await control("DELETE", "faults");
      await control("POST", "faults", rules);
    },
    /** Restores the seeded state, without faults and with an empty log. */
    async reset(): Promise<void> {
      await control("POST", "reset", {});
    },
    close: (): void => client?.destroy(),
  };
  return harness;
}

/** Runs something on a Chime and a gateway of its own, each a process. @param env the gateway's settings */
export async function onGateway<Result>(
  env: Record<string, string>,
  run: (harness: Harness, gateway: Program) => Promise<Result>,
): Promise<Result> {
  const chime = await startChime();
  const gateway = await startGatewayOn(chime.url, env);
  const harness = createHarness(gateway);
  try {
    return await run(harness, gateway);
  } finally {
    harness.close();
    await Promise.all([gateway.stop(), chime.stop()]);
  }
}
