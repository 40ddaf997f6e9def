import { setTimeout as sleep } from "node:timers/promises";
import type { Harness } from "../test/support/harness.js";
import { createLoadClient, graphqlRequest, inTurn, type LoadClient } from "../test/support/load.js";
import type { Program } from "../test/support/processes.js";
import type { Row } from "../test/support/report.js";
import { connections, graphql, startGateway } from "./contenders.js";
import { median, ratios } from "./numbers.js";
import type { Query } from "./queries.js";
import { type BenchRequest, runLoad, send } from "./requests.js";

/** The gateway as a process: start-up, memory at rest, a flood of unknown documents, a throttling Chime, two replicas. */
export async function measureLifecycle(chimeUrl: string, query: Query, harness: Harness): Promise<Row[]> {
  const requests = query.inputs.map((input) => graphql.request(query, input));
  const request = inTurn(requests)(0);
  return [
    ...(await startUp(chimeUrl, request)),
    ...(await flood(chimeUrl, request)),
    await throttledThroughput(chimeUrl, requests, harness),
    await replicas(chimeUrl, requests),
  ];
}

async function startUp(chimeUrl: string, request: BenchRequest): Promise<Row[]> {
  const milliseconds: number[] = [];
  const memory: number[] = [];
  for (let start = 0; start < 3; start++) {
    const began = performance.now();
    await withGateways(chimeUrl, 1, async (client, [gateway]) => {
      await send(client, request);
      milliseconds.push(performance.now() - began);
      await sleep(1_000);
      memory.push((await gateway?.usage())?.memory ?? Number.NaN);
    });
  }
  const seconds = median(milliseconds) / 1000;
  return [
    {
      promise: "From the start to the first response: at most 1.0 s",
      figure: `${seconds.toFixed(2)} s`,
      ok: seconds <= 1,
    },
    {
      promise: "Memory at rest: at most 120 MiB",
      figure: `${median(memory).toFixed(0)} MiB`,
      ok: median(memory) <= 120,
    },
  ];
}

/** Parts of a flood, and unique documents in each. Memory is measured after each, without garbage. */
const parts = 8;
const partOfFlood = 1_500;

/** Documents of which no two are alike, and which select nothing: they only cost parsing and validation. */
async function flood(chimeUrl: string, request: BenchRequest): Promise<Row[]> {
  const { variables } = JSON.parse(request.body);
  const uniqueRequest = (n: number) =>
    graphqlRequest({
      query: `query Unique${n}($accountId: ID!) { account(accountId: $accountId) @skip(if: true) {
        ${Array.from({ length: 20 }, (_, field) => `a${n}_${field}: name`).join(" ")}
      } }`,
      variables,
    });

  return withGateways(chimeUrl, 1, async (client, [gateway]) => {
    const cpuOf = async (next: (n: number) => BenchRequest, requests: number): Promise<number> => {
      const before = await gateway?.usage();
      await runLoad(client, next, { requests });
      const after = await gateway?.usage();
      return ((after?.cpu ?? Number.NaN) - (before?.cpu ?? Number.NaN)) / requests;
    };
    const warm = async () => {
      // After idling or other work, the process is at full speed only after this many requests.
      await cpuOf(() => request, 2_000);
      const cpu: number[] = [];
      for (let part = 0; part < 5; part++) cpu.push(await cpuOf(() => request, 400));
      return median(cpu);
    };
    const before = await warm();
    const memory: number[] = [];
    const unique: number[] = [];
    for (let part = 0; part < parts; part++) {
      unique.push(await cpuOf((n) => uniqueRequest(part * partOfFlood + n), partOfFlood));
      memory.push((await gateway?.usage("usage without garbage"))?.memory ?? Number.NaN);
    }
    await cpuOf(() => uniqueRequest(0), 1_000);
    const again = await cpuOf(() => uniqueRequest(0), 1_000);
    const after = await warm();
    const firstPeak = Math.max(...memory.slice(0, parts / 2));
    const lastPeak = Math.max(...memory.slice(parts / 2));
    return [
      {
        promise: `In a flood of ${parts * partOfFlood} unique documents, memory peaks at most a tenth higher in the second half`,
        figure: `${memory.map((mebibytes) => mebibytes.toFixed(0)).join(", ")} MiB after each eighth`,
        ok: lastPeak <= 1.1 * firstPeak,
      },
      {
        promise: "After the flood, known operations are answered at 0.9 of their former rate or more",
        figure: `CPU a request ${before.toFixed(2)} ms before, ${after.toFixed(2)} ms after: ${(before / after).toFixed(2)}`,
        ok: before / after >= 0.9,
      },
      {
        promise: "A known operation is not parsed and validated again",
        figure: `${median(unique).toFixed(2)} ms of CPU the first time, ${again.toFixed(2)} ms from then on`,
        ok: again < median(unique) / 2,
      },
    ];
  });
}

/** Calls a second that Chime accepts while it throttles. */
const perSecond = 100;

/** The README's model: a gateway answers as many requests as Chime accepts calls for them. */
async function throttledThroughput(
  chimeUrl: string,
  requests: readonly BenchRequest[],
  harness: Harness,
): Promise<Row> {
  return withGateways(chimeUrl, 1, async (client) => {
    const next = inTurn(requests);
    await harness.setFaults({ kind: "throttle", perSecond, burst: perSecond / 10 });
    // Afterwards the burst is used up, and the gateway has found the rate.
    await runLoad(client, next, { seconds: 3 });
    const { requests: answered, seconds } = await runLoad(client, next, { seconds: 4 });
    await harness.setFaults();
    const share = answered / seconds / perSecond;
    return {
      promise: `While Chime accepts ${perSecond} calls a second, at least 0.8 times as many requests of one call each are answered`,
      figure: `${(answered / seconds).toFixed(0)} a second: ${share.toFixed(2)}`,
      ok: share >= 0.8,
    };
  });
}

/** Two gateways compared with one, in alternation. */
async function replicas(chimeUrl: string, requests: readonly BenchRequest[]): Promise<Row> {
  const rateOf = (count: number) =>
    withGateways(chimeUrl, count, async (client) => {
      const next = inTurn(requests);
      await runLoad(client, next, { seconds: 1.5 });
      const { requests: answered, seconds } = await runLoad(client, next, { seconds: 1 });
      return answered / seconds;
    });
  const one: number[] = [];
  const two: number[] = [];
  for (let round = 0; round < 3; round++) {
    one.push(await rateOf(1));
    two.push(await rateOf(2));
  }
  const ratio = median(ratios(two, one));
  return {
    promise:
      "Two processes answer 1.8 times as many requests as one, given cores for both, for Chime and for the load",
    figure: `${median(one).toFixed(0)} and ${median(two).toFixed(0)} requests a second: ${ratio.toFixed(2)}`,
    ok: ratio >= 1.8,
  };
}

async function withGateways<Found>(
  chimeUrl: string,
  count: number,
  use: (client: LoadClient, gateways: readonly Program[]) => Promise<Found>,
): Promise<Found> {
  const gateways = await Promise.all(Array.from({ length: count }, () => startGateway(chimeUrl)));
  const client = createLoadClient(
    gateways.map(({ url }) => url),
    connections,
  );
  try {
    return await use(client, gateways);
  } finally {
    await client.close();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
  }
}
