import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createLoadClient, graphqlRequest, inTurn, type Outcome, percentile } from "../support/load.js";
import { startGateway } from "../support/processes.js";
import type { Row } from "../support/report.js";
import type { HealthAnswer } from "./healthProbe.js";

/**
 * Two calls to Chime and fifty fields: neither the cheapest query nor an expensive one. The response is always the same, but
 * concurrent requests ask for different pages: requests that share calls would cost less.
 */
const requests = Array.from({ length: 37 * 61 }, (_, n) =>
  graphqlRequest({
    query: `query ($accounts: Int!, $users: Int!) { accounts(namePrefix: "Harbor", first: $accounts) { nodes { name
    accountType users(first: $users) { nodes { displayName primaryEmail licenseType } } } } }`,
    variables: { accounts: 10 + (n % 37), users: 5 + (n % 61) },
  }),
);
const next = inTurn(requests);
/** As many at once as the gateway accepts however busy it is. */
const clients = 64;
const openConnections = 500;
const warmUp = 2;
const seconds = 5;
const overload = 5;
/** Seconds until the gateway has answered what it accepted before it detected the overload. */
const settling = 4;

const isAnswered = ({ status, body }: Outcome) => status === 200 && !body.includes(`"errors"`);
const isRefused = ({ status, body, retryAfter }: Outcome) =>
  status === 503 && retryAfter !== undefined && body.includes(`"OVERLOADED"`);

/** Compares goodput at five times the capacity with its peak. */
export async function measureOverload(): Promise<Row[]> {
  const gateway = await startGateway();
  const closed = createLoadClient([gateway.url], clients);
  const open = createLoadClient([gateway.url], openConnections);
  try {
    await closed.closedLoop(next, { seconds: warmUp }, () => undefined);
    const atPeak: Outcome[] = [];
    await closed.closedLoop(next, { seconds }, (outcome) => atPeak.push(outcome));
    const peak = summarize(atPeak, seconds);

    const load = open.openLoop(next, peak.perSecond * overload, settling + seconds);
    const asked = await askHealth(gateway.url, load);
    const all = await load;
    const began = all[0]?.at ?? 0;
    const health = asked.filter(({ at }) => at >= performance.timeOrigin + began).map(({ took }) => took);
    const from = began + settling * 1000;
    const outcomes = all.filter(({ at }) => at >= from);
    const overloaded = {
      // Whatever is answered in this time, however early it was sent: that is what the gateway can do.
      perSecond: all.filter((outcome) => isAnswered(outcome) && isWithin(outcome, from)).length / seconds,
      p99: summarize(outcomes, seconds).p99,
    };

    const goodput = overloaded.perSecond / peak.perSecond;
    const slower = overloaded.p99 / peak.p99;
    const lost = outcomes.filter((outcome) => !isAnswered(outcome) && !isRefused(outcome)).length;
    return [
      {
        promise: "At five times capacity, goodput is at least 90 % of the peak",
        figure: `${percent(goodput)} (${Math.round(overloaded.perSecond)} of ${Math.round(peak.perSecond)} a second)`,
        ok: goodput >= 0.9,
      },
      {
        promise: "and accepted requests take at most twice as long (p99)",
        figure: `${slower.toFixed(1)} times (${Math.round(overloaded.p99)} and ${Math.round(peak.p99)} ms)`,
        ok: slower <= 2,
      },
      {
        promise: "and all others are answered with 503 and Retry-After",
        figure: `${outcomes.filter(isRefused).length} of ${outcomes.length} refused, ${lost} answered otherwise`,
        ok: lost === 0,
      },
      {
        promise: "and health is answered within 100 ms",
        figure: `at most ${Math.round(Math.max(...health))} ms, half within ${Math.round(percentile(health, 50))} ms (${health.length} times)`,
        ok: Math.max(...health) <= 100,
      },
    ];
  } finally {
    await Promise.all([closed.close(), open.close()]);
    await gateway.stop("SIGKILL");
  }
}

const isWithin = ({ at, took }: Outcome, from: number): boolean =>
  at + took >= from && at + took < from + seconds * 1000;

function summarize(outcomes: readonly Outcome[], duration: number) {
  const answered = outcomes.filter(isAnswered);
  const p99 = percentile(
    answered.map(({ took }) => took),
    99,
  );
  return { perSecond: answered.length / duration, p99 };
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

/** Requests health from a thread of its own, since this one is busy, until the load ends. */
async function askHealth(url: string, load: Promise<unknown>): Promise<readonly HealthAnswer[]> {
  const probe = new Worker(new URL("./healthProbe.js", import.meta.url), {
    workerData: `${url}/health/live`,
  });
  await load;
  probe.postMessage("enough");
  const [answers] = await once(probe, "message");
  return answers;
}
