import { isDeepStrictEqual } from "node:util";
import type { Scene } from "./chaos/scene.js";
import { roundTrips } from "./chime.js";
import { type Contender, floor } from "./contenders.js";
import { median } from "./numbers.js";
import type { Query } from "./queries.js";

const rounds = 5;
/** Seconds of load, for each query and contender: in each round, and before the first. */
const seconds = { round: 0.4, warmUp: 1.2 };
/** The first query of all also warms the server and the SDK: a contender has its pace after so many requests, not before. */
const first = { requests: 4_000, seconds: 12 };
/** Milliseconds that Chime's answers take in the second of the two measurements of latency. */
export const delay = 20;

/** What a contender took for a query. */
export interface Result {
  readonly query: Query;
  readonly contender: string;
  /** Of one request: calls to Chime, and how many of them had to wait for one another. */
  readonly calls: number;
  readonly trips: number;
  /** CPU milliseconds a request, in each round; one after the other, so that none shares another one's calls. */
  readonly cpu: readonly number[];
  /** Requests a second under load, in each round. The gateway's share calls, for they all ask the same. */
  readonly rate: readonly number[];
  /** Milliseconds until half of the answers are there, one request after the other. */
  readonly latency: number;
  /** The same with a Chime that takes its time. */
  readonly delayedLatency: number;
}

interface Cell extends Pick<Result, "query"> {
  readonly contender: Contender;
  /** Bytes of the answer. */
  readonly size: number;
  readonly cpu: number[];
  readonly rate: number[];
}

/** @param progress is told what is being done */
export async function measure(
  queries: readonly Query[],
  contenders: readonly Contender[],
  scene: Scene,
  progress: (line: string) => void,
): Promise<Result[]> {
  const cells: Cell[] = [];
  for (const query of queries) cells.push(...(await compareAnswers(query, contenders)));
  progress("warm up");
  for (const [index, { contender, query, size }] of cells.entries())
    await contender.many.fire(
      () => contender.shot(query),
      index < contenders.length ? first : { seconds: seconds.warmUp },
      size,
    );

  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    // Whoever comes last in one round comes first in another.
    for (const cell of [...cells.slice(round), ...cells.slice(0, round)]) await load(cell);
  }

  progress("latency");
  const results: Result[] = [];
  for (const cell of cells) {
    const { query, contender, cpu, rate } = cell;
    await scene.faults();
    const latency = await latencyOf(cell, 40);
    await scene.faults({ kind: "latency", ms: delay });
    const delayedLatency = await latencyOf(cell, 11);
    await scene.forgetArrivals();
    await contender.one.ask(contender.shot(query));
    const arrivals = await scene.arrivals();
    results.push({
      query,
      contender: contender.name,
      calls: arrivals.length,
      trips: roundTrips(arrivals),
      cpu,
      rate,
      latency,
      delayedLatency,
    });
  }
  await scene.faults();
  return results;
}

/** A contender whose answer is not the REST endpoint's would be measured at something else. */
async function compareAnswers(query: Query, contenders: readonly Contender[]): Promise<Cell[]> {
  const answers = await Promise.all(
    contenders.map(async (contender) => {
      const answer = await contender.one.ask(contender.shot(query));
      return { contender, size: answer.byteLength, data: contender.dataOf(answer) };
    }),
  );
  const truth = answers.find(({ contender }) => contender.name === floor)?.data;
  return answers.map(({ contender, size, data }) => {
    if (!isDeepStrictEqual(data, truth))
      throw new Error(`${contender.name} answers ${query.name} otherwise: ${JSON.stringify(data)}`);
    return { query, contender, size, cpu: [], rate: [] };
  });
}

async function load({ query, contender, size, cpu, rate }: Cell): Promise<void> {
  const shot = contender.shot(query);
  const before = await contender.program.usage();
  const alone = await contender.one.fire(() => shot, { seconds: seconds.round }, size);
  const after = await contender.program.usage();
  cpu.push((after.cpu - before.cpu) / alone.requests);
  const fired = await contender.many.fire(() => shot, { seconds: seconds.round }, size);
  rate.push(fired.requests / fired.seconds);
}

async function latencyOf({ query, contender, size }: Cell, requests: number): Promise<number> {
  const shot = contender.shot(query);
  return median((await contender.one.fire(() => shot, { seconds: 0.6, requests }, size)).latencies);
}
