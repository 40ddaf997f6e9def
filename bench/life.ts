import { setTimeout as sleep } from "node:timers/promises";
import type { Row } from "../test/chaos/report.js";
import type { Scene } from "../test/chaos/scene.js";
import { connections, graphql } from "./contenders.js";
import { byTurns, createGun, type Gun, type Shot } from "./load.js";
import { median, ratios } from "./numbers.js";
import { type Program, startGateway } from "./programs.js";
import type { Query } from "./queries.js";

/** The gateway's life as a process: its start, its rest, and strangers at its door. */
export async function life(chimeUrl: string, query: Query, scene: Scene): Promise<Row[]> {
  const shots = query.inputs.map((input) => graphql.shot(query, input));
  const shot = byTurns(shots)(0);
  return [
    ...(await startUp(chimeUrl, shot)),
    ...(await flood(chimeUrl, shot)),
    await ceiling(chimeUrl, shots, scene),
    await replicas(chimeUrl, shots),
  ];
}

async function startUp(chimeUrl: string, shot: Shot): Promise<Row[]> {
  const milliseconds: number[] = [];
  const memory: number[] = [];
  for (let start = 0; start < 3; start++) {
    const began = performance.now();
    await withGateways(chimeUrl, 1, async (gun, [gateway]) => {
      await gun.ask(shot);
      milliseconds.push(performance.now() - began);
      await sleep(1_000);
      memory.push((await gateway?.usage())?.memory ?? Number.NaN);
    });
  }
  const seconds = median(milliseconds) / 1000;
  return [
    {
      promise: "From the start to the first answer at most 1.0 s",
      figure: `${seconds.toFixed(2)} s`,
      ok: seconds <= 1,
    },
    {
      promise: "At rest at most 120 MiB",
      figure: `${median(memory).toFixed(0)} MiB`,
      ok: median(memory) <= 120,
    },
  ];
}

/** Parts of a flood, and unique documents in each. Memory is looked at after each, without garbage. */
const parts = 8;
const partOfFlood = 1_500;

/** Documents of which no two are alike, and which ask for nothing: all that they cost is to be read. */
async function flood(chimeUrl: string, shot: Shot): Promise<Row[]> {
  const { variables } = JSON.parse(shot.body);
  const uniqueShot = (n: number): Shot => ({
    path: shot.path,
    body: JSON.stringify({
      query: `query Unique${n}($accountId: ID!) { account(accountId: $accountId) @skip(if: true) {
        ${Array.from({ length: 20 }, (_, field) => `a${n}_${field}: name`).join(" ")}
      } }`,
      variables,
    }),
  });

  return withGateways(chimeUrl, 1, async (gun, [gateway]) => {
    const cpuOf = async (next: (n: number) => Shot, requests: number): Promise<number> => {
      const before = await gateway?.usage();
      await gun.fire(next, { requests });
      const after = await gateway?.usage();
      return ((after?.cpu ?? Number.NaN) - (before?.cpu ?? Number.NaN)) / requests;
    };
    const warm = async () => {
      // Whoever was idle, or did something else, has his pace after so many, not before.
      await cpuOf(() => shot, 2_000);
      const cpu: number[] = [];
      for (let part = 0; part < 5; part++) cpu.push(await cpuOf(() => shot, 400));
      return median(cpu);
    };
    const before = await warm();
    const memory: number[] = [];
    const unique: number[] = [];
    for (let part = 0; part < parts; part++) {
      unique.push(await cpuOf((n) => uniqueShot(part * partOfFlood + n), partOfFlood));
      memory.push((await gateway?.usage("usage without garbage"))?.memory ?? Number.NaN);
    }
    await cpuOf(() => uniqueShot(0), 1_000);
    const again = await cpuOf(() => uniqueShot(0), 1_000);
    const after = await warm();
    const firstPeak = Math.max(...memory.slice(0, parts / 2));
    const lastPeak = Math.max(...memory.slice(parts / 2));
    return [
      {
        promise: `In a flood of ${parts * partOfFlood} unique documents memory peaks no more than a tenth higher in its second half`,
        figure: `${memory.map((mebibytes) => mebibytes.toFixed(0)).join(", ")} MiB after each eighth`,
        ok: lastPeak <= 1.1 * firstPeak,
      },
      {
        promise: "After it, known operations are answered at 0.9 of their rate before or more",
        figure: `CPU a request ${before.toFixed(2)} ms before, ${after.toFixed(2)} ms after: ${(before / after).toFixed(2)}`,
        ok: before / after >= 0.9,
      },
      {
        promise: "An operation that comes again is not parsed and validated again",
        figure: `${median(unique).toFixed(2)} ms of CPU the first time, ${again.toFixed(2)} ms from then on`,
        ok: again < median(unique) / 2,
      },
    ];
  });
}

/** Calls a second that Chime takes, where it throttles. */
const perSecond = 100;

/** The README's model: whatever a gateway has, it answers as many requests as Chime takes calls for them. */
async function ceiling(chimeUrl: string, shots: readonly Shot[], scene: Scene): Promise<Row> {
  return withGateways(chimeUrl, 1, async (gun) => {
    const next = byTurns(shots);
    await scene.faults({ kind: "throttle", perSecond, burst: perSecond / 10 });
    // The burst is over, and the gateway has found its pace.
    await gun.fire(next, { seconds: 3 });
    const { requests, seconds } = await gun.fire(next, { seconds: 4 });
    await scene.faults();
    const share = requests / seconds / perSecond;
    return {
      promise: `Of a Chime that takes ${perSecond} calls a second, at least 0.8 of as many requests of one call are answered`,
      figure: `${(requests / seconds).toFixed(0)} a second: ${share.toFixed(2)}`,
      ok: share >= 0.8,
    };
  });
}

/** Two gateways beside one, taken by turns. */
async function replicas(chimeUrl: string, shots: readonly Shot[]): Promise<Row> {
  const rateOf = (count: number) =>
    withGateways(chimeUrl, count, async (gun) => {
      const next = byTurns(shots);
      await gun.fire(next, { seconds: 1.5 });
      const { requests, seconds } = await gun.fire(next, { seconds: 1 });
      return requests / seconds;
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
      "Two processes answer 1.8 times as much as one, where there are cores for both, Chime and the load",
    figure: `${median(one).toFixed(0)} and ${median(two).toFixed(0)} requests a second: ${ratio.toFixed(2)}`,
    ok: ratio >= 1.8,
  };
}

async function withGateways<Found>(
  chimeUrl: string,
  count: number,
  use: (gun: Gun, gateways: readonly Program[]) => Promise<Found>,
): Promise<Found> {
  const gateways = await Promise.all(Array.from({ length: count }, () => startGateway(chimeUrl)));
  const gun = createGun(
    gateways.map(({ url }) => url),
    connections,
  );
  try {
    return await use(gun, gateways);
  } finally {
    await gun.close();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
  }
}
