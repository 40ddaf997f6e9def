import { isDeepStrictEqual } from "node:util";
import type { Arrival, Harness } from "../test/support/harness.js";
import { inTurn, type Until } from "../test/support/load.js";
import { answers, baseline, type Contender, earlier, ours } from "./contenders.js";
import { median } from "./numbers.js";
import type { Query } from "./queries.js";
import { type BenchRequest, isUnknownQuery, type LoadResult, runLoad, send } from "./requests.js";

/** Seconds of load, for each query and contender: in each round, and before the first. */
const seconds = { round: 0.45, warmUp: 1 };
/** Two builds alternate in short intervals: the machine varies by more than the builds do. */
const intervals = { count: 10, seconds: 0.15 };
/** The first query also warms up the server and the SDK, which takes this many requests. */
const firstOfAll = { requests: 6_000, seconds: 8 };
/** Milliseconds that Chime's responses take in the second of the two latency measurements. */
export const delay = 20;

/** What a contender took for a query. */
export interface Result {
  readonly query: Query;
  readonly contender: string;
  /** Of one request: calls to Chime, and how many of them waited for one another. */
  readonly calls: number;
  readonly trips: number;
  /** CPU milliseconds a request, in each round. */
  readonly cpu: readonly number[];
  /** Requests a second, in each round. */
  readonly rate: readonly number[];
  /** Median milliseconds, one request after the other. */
  readonly latency: number;
  /** The same with a Chime that delays its responses. */
  readonly delayedLatency: number;
}

export interface Measurement {
  readonly results: readonly Result[];
  /** Queries for fields that the earlier build does not have. */
  readonly unknownBefore: readonly Query[];
}

interface Cell extends Pick<Result, "query"> {
  readonly contender: Contender;
  /** One for each of the query's inputs, with the bytes of its response. */
  readonly requests: readonly (BenchRequest & { readonly size: number })[];
  readonly cpu: number[];
  readonly rate: number[];
}

/** @param progress receives a line for each step */
export async function measure(
  queries: readonly Query[],
  contenders: readonly Contender[],
  rounds: number,
  harness: Harness,
  progress: (line: string) => void,
): Promise<Measurement> {
  const cells: Cell[] = [];
  const unknownBefore: Query[] = [];
  for (const query of queries)
    cells.push(
      ...(await compareResponses(query, contenders, (problem, error) => {
        if (isUnknownQuery(error)) unknownBefore.push(query);
        else progress(`${problem}: ${error}`.slice(0, 500));
      })),
    );
  progress("warm up");
  for (const cell of cells) {
    const isFirst = cell === cells.find(({ contender }) => contender === cell.contender);
    await run(cell, isFirst ? firstOfAll : { seconds: seconds.warmUp });
  }

  const groups = groupsOf(cells);
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    // The last group of one round is the first of another.
    const offset = round % groups.length;
    for (const group of [...groups.slice(offset), ...groups.slice(0, offset)]) await load(group, round);
  }

  progress("latency");
  const results: Result[] = [];
  for (const cell of cells) {
    const { query, contender, cpu, rate } = cell;
    await harness.setFaults();
    const latency = await latencyOf(cell, 40);
    await harness.setFaults({ kind: "latency", ms: delay });
    const delayedLatency = await latencyOf(cell, 11);
    await harness.forgetCalls();
    await send(contender.serial, first(cell));
    const arrivals = await harness.endedArrivals();
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
  await harness.setFaults();
  return { results, unknownBefore };
}

/**
 * A contender with another response than the REST endpoint would be measured at something else.
 *
 * @param skipEarlier is called if that is the earlier build
 */
async function compareResponses(
  query: Query,
  contenders: readonly Contender[],
  skipEarlier: (problem: string, error: unknown) => void,
): Promise<Cell[]> {
  const model = contenders.find(({ name }) => name === baseline);
  if (!model) throw new Error("The REST endpoint is missing: there is nothing to compare with.");
  const truth = (await responsesOf(query, model)).data;
  const cells = await Promise.all(
    contenders.map(async (contender): Promise<Cell[]> => {
      if (!answers(contender.name, query)) return [];
      try {
        const { requests, data } = await responsesOf(query, contender);
        if (!isDeepStrictEqual(data, truth)) throw new Error(JSON.stringify(data));
        return [{ query, contender, requests, cpu: [], rate: [] }];
      } catch (error) {
        const problem = `${contender.name} does not give the same response to ${query.name}`;
        // An earlier build may have had another schema.
        if (contender.name !== earlier) throw new Error(problem, { cause: error });
        skipEarlier(problem, error);
        return [];
      }
    }),
  );
  return cells.flat();
}

async function responsesOf(query: Query, contender: Contender) {
  const responses = await Promise.all(
    query.inputs.map(async (input) => {
      const request = contender.request(query, input);
      const body = await send(contender.serial, request);
      return { request: { ...request, size: body.byteLength }, data: contender.dataOf(body) };
    }),
  );
  return { requests: responses.map(({ request }) => request), data: responses.map(({ data }) => data) };
}

const run = ({ contender, requests }: Cell, until: Until): Promise<LoadResult> =>
  runLoad(contender.parallel, inTurn(requests), until);

const first = ({ requests }: Cell): BenchRequest => inTurn(requests)(0);

/** Cells that are measured in alternation: those of the two builds for a query; all others alone. */
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
  const { count, seconds: length } = group.length > 1 ? intervals : { count: 1, seconds: seconds.round };
  for (let interval = 0; interval < count; interval++)
    for (const usage of (round + interval) % 2 === 0 ? used : used.toReversed()) {
      const { program } = usage.cell.contender;
      const before = await program.usage();
      const result = await run(usage.cell, { seconds: length });
      const after = await program.usage();
      usage.cpu += after.cpu - before.cpu;
      usage.requests += result.requests;
      usage.seconds += result.seconds;
    }
  for (const { cell, cpu, requests, seconds } of used) {
    cell.cpu.push(cpu / requests);
    cell.rate.push(requests / seconds);
  }
}

async function latencyOf(cell: Cell, requests: number): Promise<number> {
  const { latencies } = await runLoad(cell.contender.serial, () => first(cell), { seconds: 0.6, requests });
  return median(latencies);
}

/** The most calls of which each began after the one before had ended: the depth of what happened. */
function roundTrips(arrivals: readonly Arrival[]): number {
  let trips = 0;
  let end = Number.NEGATIVE_INFINITY;
  const endOf = ({ finishedAt = Number.POSITIVE_INFINITY }: Arrival) => finishedAt;
  for (const arrival of arrivals.toSorted((a, b) => endOf(a) - endOf(b))) {
    if (arrival.startedAt < end) continue;
    trips++;
    end = endOf(arrival);
  }
  return trips;
}
