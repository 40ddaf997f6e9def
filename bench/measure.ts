import { isDeepStrictEqual } from "node:util";
import type { Scene } from "../test/chaos/scene.js";
import { roundTrips } from "./chime.js";
import { type Contender, earlier, floor, ours } from "./contenders.js";
import { byTurns, type Fired, type Shot, type Until } from "./load.js";
import { median } from "./numbers.js";
import type { Query } from "./queries.js";

/** Seconds of load, for each query and contender: in each round, and before the first. */
const seconds = { round: 0.45, warmUp: 1 };
/** Two builds take short turns: a machine's moments differ by more than they do. */
const turns = { count: 10, seconds: 0.15 };
/** The first query of all also warms the server and the SDK: a contender has its pace after so many requests, not before. */
const firstOfAll = { requests: 6_000, seconds: 8 };
/** Milliseconds that Chime's answers take in the second of the two measurements of latency. */
export const delay = 20;

/** What a contender took for a query. */
export interface Result {
  readonly query: Query;
  readonly contender: string;
  /** Of one request: calls to Chime, and how many of them had to wait for one another. */
  readonly calls: number;
  readonly trips: number;
  /** CPU milliseconds a request, in each round. */
  readonly cpu: readonly number[];
  /** Requests a second, in each round. */
  readonly rate: readonly number[];
  /** Milliseconds until half of the answers are there, one request after the other. */
  readonly latency: number;
  /** The same with a Chime that takes its time. */
  readonly delayedLatency: number;
}

interface Cell extends Pick<Result, "query"> {
  readonly contender: Contender;
  /** One for each of the query's inputs, with the bytes of its answer. */
  readonly shots: readonly (Shot & { readonly size: number })[];
  readonly cpu: number[];
  readonly rate: number[];
}

/** @param progress is told what is being done */
export async function measure(
  queries: readonly Query[],
  contenders: readonly Contender[],
  rounds: number,
  scene: Scene,
  progress: (line: string) => void,
): Promise<Result[]> {
  const cells: Cell[] = [];
  for (const query of queries) cells.push(...(await compareAnswers(query, contenders, progress)));
  progress("warm up");
  for (const cell of cells) {
    const isFirst = cell === cells.find(({ contender }) => contender === cell.contender);
    await fire(cell, isFirst ? firstOfAll : { seconds: seconds.warmUp });
  }

  const groups = groupsOf(cells);
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    // Whoever comes last in one round comes first in another.
    const offset = round % groups.length;
    for (const group of [...groups.slice(offset), ...groups.slice(0, offset)]) await load(group, round);
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
    await contender.one.ask(first(cell));
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
async function compareAnswers(
  query: Query,
  contenders: readonly Contender[],
  progress: (line: string) => void,
): Promise<Cell[]> {
  const model = contenders.find(({ name }) => name === floor);
  if (!model) throw new Error("Without the REST endpoint there is nothing to compare with.");
  const truth = (await answersOf(query, model)).data;
  const cells = await Promise.all(
    contenders.map(async (contender): Promise<Cell[]> => {
      try {
        const { shots, data } = await answersOf(query, contender);
        if (!isDeepStrictEqual(data, truth)) throw new Error(JSON.stringify(data));
        return [{ query, contender, shots, cpu: [], rate: [] }];
      } catch (error) {
        const problem = new Error(`${contender.name} does not give the same answer to ${query.name}`, {
          cause: error,
        });
        // An earlier build may have had another schema.
        if (contender.name !== earlier) throw problem;
        progress(`${problem.message}: ${error}`.slice(0, 500));
        return [];
      }
    }),
  );
  return cells.flat();
}

async function answersOf(query: Query, contender: Contender) {
  const answers = await Promise.all(
    query.inputs.map(async (input) => {
      const shot = contender.shot(query, input);
      const answer = await contender.one.ask(shot);
      return { shot: { ...shot, size: answer.byteLength }, data: contender.dataOf(answer) };
    }),
  );
  return { shots: answers.map(({ shot }) => shot), data: answers.map(({ data }) => data) };
}

const fire = ({ contender, shots }: Cell, until: Until): Promise<Fired> =>
  contender.many.fire(byTurns(shots), until);

const first = ({ shots }: Cell): Shot => byTurns(shots)(0);

/** Cells that are measured at the same time, by turns: those of the two builds for a query; of all others each alone. */
function groupsOf(cells: readonly Cell[]): Cell[][] {
  const rivalOf = (cell: Cell, name: string) =>
    cells.find(({ query, contender }) => query === cell.query && contender.name === name);
  return cells.flatMap((cell) => {
    const rival = cell.contender.name === ours ? rivalOf(cell, earlier) : undefined;
    return cell.contender.name === earlier ? [] : [rival ? [cell, rival] : [cell]];
  });
}

/** A round's load. */
async function load(group: readonly Cell[], round: number): Promise<void> {
  const used = group.map((cell) => ({ cell, cpu: 0, requests: 0, seconds: 0 }));
  const { count, seconds: length } = group.length > 1 ? turns : { count: 1, seconds: seconds.round };
  for (let turn = 0; turn < count; turn++)
    for (const usage of (round + turn) % 2 === 0 ? used : used.toReversed()) {
      const { program } = usage.cell.contender;
      const before = await program.usage();
      const fired = await fire(usage.cell, { seconds: length });
      const after = await program.usage();
      usage.cpu += after.cpu - before.cpu;
      usage.requests += fired.requests;
      usage.seconds += fired.seconds;
    }
  for (const { cell, cpu, requests, seconds } of used) {
    cell.cpu.push(cpu / requests);
    cell.rate.push(requests / seconds);
  }
}

async function latencyOf(cell: Cell, requests: number): Promise<number> {
  const fired = await cell.contender.one.fire(() => first(cell), { seconds: 0.6, requests });
  return median(fired.latencies);
}
