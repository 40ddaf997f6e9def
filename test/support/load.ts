import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";

/** A request of a load: a POST of JSON. */
export interface LoadRequest {
  readonly path: string;
  readonly body: string;
}

export const graphqlRequest = (body: object): LoadRequest => ({
  path: "/graphql",
  body: JSON.stringify(body),
});

/** The nth request of those that take turns. */
export const inTurn =
  <Request extends LoadRequest>(requests: readonly Request[]) =>
  (n: number): Request => {
    const request = requests[n % requests.length];
    if (!request) throw new Error("A load has no requests.");
    return request;
  };

/** What came of one request. */
export interface Outcome {
  /** When it was sent, by performance.now(). */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
  /** 0 without a response. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
}

/** When to stop: whichever comes first. */
export interface Until {
  readonly seconds?: number;
  readonly requests?: number;
}

/** A client that sends many requests on this many connections, each of which it keeps; several servers take turns. */
export interface LoadClient {
  /** Never rejects. */
  send(request: LoadRequest): Promise<Outcome>;
  /**
   * Sends the next request on a connection as soon as the last one is answered: the rate is what the server can do.
   *
   * @param next makes the nth request
   * @param onOutcome may throw, which ends the load
   */
  closedLoop<Request extends LoadRequest>(
    next: (n: number) => Request,
    until: Until,
    onOutcome: (outcome: Outcome, request: Request) => void,
  ): Promise<{ readonly requests: number; readonly seconds: number }>;
  /**
   * Sends requests at a rate, whether earlier ones are answered or not, as the world does; on connections that are open
   * already, as routers and browsers keep them: Node accepts one new connection in a turn of its event loop.
   */
  openLoop(next: (n: number) => LoadRequest, perSecond: number, seconds: number): Promise<Outcome[]>;
  close(): Promise<void>;
}

const headers = { "content-type": "application/json" };

export function createLoadClient(urls: readonly string[], connections: number): LoadClient {
  const pools = urls.map((url) => new Pool(url, { connections: Math.ceil(connections / urls.length) }));
  const poolOf = (n: number): Pool => pools[n % pools.length] as Pool;

  async function send(pool: Pool, { path, body }: LoadRequest): Promise<Outcome> {
    const at = performance.now();
    const outcome = (status: number, retryAfter: string | undefined, bytes: Buffer): Outcome => ({
      at,
      took: performance.now() - at,
      status,
      retryAfter,
      body: bytes,
    });
    try {
      const response = await pool.request({ path, method: "POST", headers, body });
      const bytes = Buffer.from(await response.body.arrayBuffer());
      return outcome(response.statusCode, response.headers["retry-after"]?.toString(), bytes);
    } catch {
      return outcome(0, undefined, Buffer.alloc(0));
    }
  }

  return {
    send: (request) => send(poolOf(0), request),
    async closedLoop(
      next,
      { seconds = Number.POSITIVE_INFINITY, requests = Number.POSITIVE_INFINITY },
      onOutcome,
    ) {
      const started = performance.now();
      let sent = 0;
      let answered = 0;
      async function loop(pool: Pool): Promise<void> {
        while (sent < requests && performance.now() < started + seconds * 1000) {
          const request = next(sent++);
          onOutcome(await send(pool, request), request);
          answered++;
        }
      }
      await Promise.all(Array.from({ length: connections }, (_, n) => loop(poolOf(n))));
      return { requests: answered, seconds: (performance.now() - started) / 1000 };
    },
    async openLoop(next, perSecond, seconds) {
      const warmUp = graphqlRequest({ query: "{ __typename }" });
      await Promise.all(Array.from({ length: connections }, (_, n) => send(poolOf(n), warmUp)));
      const started = performance.now();
      const outcomes: Promise<Outcome>[] = [];
      while (performance.now() - started < seconds * 1000) {
        const due = ((performance.now() - started) * perSecond) / 1000;
        while (outcomes.length < due) outcomes.push(send(poolOf(outcomes.length), next(outcomes.length)));
        await sleep(2);
      }
      return Promise.all(outcomes);
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

/** By the nearest rank: `percentile(times, 99)`. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}
