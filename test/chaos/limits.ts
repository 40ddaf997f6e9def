import { bombs, throwBomb } from "../support/bombs.js";
import { onGateway } from "../support/harness.js";
import type { Row } from "../support/report.js";

/** Throws of each bomb, after twice as many to warm up; and again: other work of the machine can only add to a cost. */
const throws = 8;
const maxCpu = 25;

/** Malicious requests are refused before they cost anything. */
export async function limits(): Promise<Row[]> {
  return onGateway({}, async (harness, gateway) => {
    await harness.forgetCalls();
    const costs: { name: string; cpu: number }[] = [];
    const wrong: string[] = [];
    for (const bomb of bombs) {
      const { status, code } = await throwBomb(gateway.url, bomb, 2 * throws);
      const measured: number[] = [];
      for (let round = 0; round < 2; round += 1) {
        const before = (await gateway.usage()).cpu;
        await throwBomb(gateway.url, bomb, throws);
        measured.push(((await gateway.usage()).cpu - before) / throws);
      }
      costs.push({ name: bomb.name, cpu: Math.min(...measured) });
      const isRefused = code === "BAD_USER_INPUT" || status === 413 || status === 400;
      if (!isRefused) wrong.push(bomb.name);
    }
    const mostExpensive = costs.reduce((a, b) => (a.cpu > b.cpu ? a : b));
    const arrivals = await harness.countCalls();
    return [
      {
        promise: `${bombs.length} malicious documents are refused with 400 and cause no call to Chime`,
        figure: `${bombs.length - wrong.length} refused, ${arrivals} calls${wrong.map((name) => `; ${name}`).join("")}`,
        ok: wrong.length === 0 && arrivals === 0,
      },
      {
        promise: `and each costs at most ${maxCpu} ms of CPU`,
        figure: `${mostExpensive.cpu.toFixed(1)} ms at most (${mostExpensive.name})`,
        ok: mostExpensive.cpu <= maxCpu,
      },
    ];
  });
}

const generated = 100_000;
/** MiB by which the heap in use may grow in the second half. */
const maxGrowth = 10;

/** The results of the generated requests to one gateway. */
interface Fuzzed {
  readonly statuses: readonly Readonly<Record<string, number>>[];
  readonly problems: readonly string[];
  readonly mebibytes: number;
}

/** Generated requests: valid ones, broken ones, and HTTP of all sorts; half of them to each of two gateways. */
export async function fuzzing(): Promise<Row[]> {
  const runs = await Promise.all([fuzzGateway(generated / 2, 1), fuzzGateway(generated / 2, 2)]);
  const problems = runs.flatMap((run) => run.problems);
  const statuses = new Map<string, number>();
  for (const counts of runs.flatMap((run) => run.statuses))
    for (const [status, count] of Object.entries(counts))
      statuses.set(status, (statuses.get(status) ?? 0) + count);
  const mebibytes = Math.max(...runs.map((run) => run.mebibytes));
  return [
    {
      promise: `${generated.toLocaleString("en")} generated requests: no crash, no 5xx, no stack trace`,
      figure: `${problems.length} problems; ${[...statuses]
        .map(([status, count]) => `${count} times ${status}`)
        .join(", ")}`,
      ok: problems.length === 0,
    },
    {
      promise: `and memory stays flat: in the second half the heap grows by less than ${maxGrowth} MiB, garbage aside`,
      figure: `${mebibytes.toFixed(1)} MiB`,
      ok: mebibytes < maxGrowth,
    },
  ];
}

async function fuzzGateway(count: number, seed: number): Promise<Fuzzed> {
  const { fuzz } = await import("../support/fuzz.js");
  return onGateway({ EXPLORER: "on" }, async (_harness, gateway) => {
    const first = await fuzz(gateway.url, count / 2, seed * generated);
    const before = (await gateway.usage("usage without garbage")).heap;
    const rest = await fuzz(gateway.url, count / 2, seed * generated + count);
    const mebibytes = (await gateway.usage("usage without garbage")).heap - before;
    const isAlive = (await fetch(`${gateway.url}/health/live`)).ok;
    return {
      statuses: [first.statuses, rest.statuses],
      problems: [...first.problems, ...rest.problems, ...(isAlive ? [] : ["The gateway no longer answers."])],
      mebibytes,
    };
  });
}
