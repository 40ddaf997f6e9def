import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What came of one request. */
export interface Outcome {
  /** When it was sent, by performance.now(). */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** Connections are kept, however many. */
export const createAgent = (): Agent =>
  new Agent({ keepAlive: true, maxFreeSockets: Number.POSITIVE_INFINITY });

/** Posts a GraphQL request. It never rejects. */
export function post(url: string, body: object, agent: Agent): Promise<Outcome> {
  const at = performance.now();
  return new Promise((resolve) => {
    const end = (status: number, retryAfter: string | undefined, text: string) =>
      resolve({ at, took: performance.now() - at, status, retryAfter, body: text });
    const headers = { "content-type": "application/json" };
    const sent = request(`${url}/graphql`, { method: "POST", agent, headers });
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => end(response.statusCode ?? 0, response.headers["retry-after"], text));
      response.on("error", () => end(0, undefined, ""));
    });
    sent.on("error", () => end(0, undefined, ""));
    sent.end(JSON.stringify(body));
  });
}

/** Sends the next request as soon as one is answered: the rate is what the gateway can do. @param body of the nth */
export async function closedLoop(
  url: string,
  body: (n: number) => object,
  clients: number,
  seconds: number,
): Promise<Outcome[]> {
  const agent = createAgent();
  const end = performance.now() + seconds * 1000;
  const outcomes: Outcome[] = [];
  let begun = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < end) outcomes.push(await post(url, body(begun++), agent));
    }),
  );
  agent.destroy();
  return outcomes;
}

/**
 * Sends requests at a rate, whether earlier ones are answered or not, as the world does; on connections that are open
 * already, as routers and browsers keep them, for Node accepts but one new one in a turn of its event loop.
 */
export async function openLoop(
  url: string,
  body: (n: number) => object,
  perSecond: number,
  seconds: number,
  connections = 500,
): Promise<Outcome[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
  await Promise.all(Array.from({ length: connections }, () => post(url, { query: "{ __typename }" }, agent)));
  const started = performance.now();
  const outcomes: Promise<Outcome>[] = [];
  while (performance.now() - started < seconds * 1000) {
    const due = ((performance.now() - started) * perSecond) / 1000;
    while (outcomes.length < due) outcomes.push(post(url, body(outcomes.length), agent));
    await sleep(2);
  }
  const all = await Promise.all(outcomes);
  agent.destroy();
  return all;
}

/** By the nearest rank: `percentile(times, 99)`. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}
