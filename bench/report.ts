import type { Row } from "../test/support/report.js";
import { baseline, earlier, ours, titles } from "./contenders.js";
import type { EarlierBuild } from "./earlierBuild.js";
import { delay, type Result } from "./measure.js";
import { median, ratios } from "./numbers.js";
import type { Query } from "./queries.js";

/** All figures, a row for each query and contender. */
export function figuresTable(results: readonly Result[]): string {
  return table([
    [
      "query",
      "contender",
      "CPU ms",
      "ratio",
      "calls",
      "round trips",
      "p50 ms",
      `p50 ms, Chime ${delay} ms late`,
      "requests/s",
    ],
    ...results.map((result) => [
      result.query.name,
      titles[result.contender] ?? "",
      median(result.cpu).toFixed(2),
      cpuRatio(result, results).toFixed(2),
      String(result.calls),
      String(result.trips),
      result.latency.toFixed(1),
      result.delayedLatency.toFixed(1),
      median(result.rate).toFixed(0),
    ]),
  ]);
}

/** Which goals the gateway meets. */
export function goalsOf(results: readonly Result[]): Row[] {
  const own = results.filter(({ contender }) => contender === ours);
  return [
    ...own.flatMap((result) => {
      const { name, goals } = result.query;
      const cpu = cpuRatio(result, results);
      const rest = baselineOf(result, results);
      const trips = result.trips - (rest?.trips ?? Number.NaN);
      const inTrips = ({ delayedLatency }: Result) => delayedLatency / ((goals.depth ?? Number.NaN) * delay);
      const latency = inTrips(result);
      const rows: (Row | false)[] = [
        goals.cpu !== undefined && {
          promise: `${name}: at most ${goals.cpu} of the CPU that the REST endpoint takes`,
          figure: cpu.toFixed(2),
          ok: cpu <= goals.cpu,
        },
        goals.isCheapest === true && cheapest(result, results),
        goals.calls !== undefined && {
          promise: `${name}: at most ${goals.calls} calls`,
          figure: String(result.calls),
          ok: result.calls <= goals.calls,
        },
        goals.depth !== undefined && {
          promise: `${name}: p50 at most 1.15 times ${goals.depth} round trips of ${delay} ms`,
          figure: `${latency.toFixed(2)}, the REST endpoint ${rest ? inTrips(rest).toFixed(2) : "none"}`,
          ok: latency <= 1.15,
        },
        goals.furtherTrips !== undefined && {
          promise: `${name}: at most ${goals.furtherTrips} round trip more than the REST endpoint`,
          figure: `${trips} more`,
          ok: trips <= goals.furtherTrips,
        },
      ];
      return rows.filter((row) => row !== false);
    }),
    sizing(own),
  ];
}

/** Whether all other contenders take more CPU, in ratio to the REST endpoint. */
function cheapest(own: Result, results: readonly Result[]): Row {
  const others = results.filter(
    ({ query, contender }) => query === own.query && contender !== ours && contender !== earlier,
  );
  const [cpu, least] = [cpuRatio(own, results), Math.min(...others.map((other) => cpuRatio(other, results)))];
  return {
    promise: `${own.query.name}: less CPU than every other contender takes`,
    figure: `${cpu.toFixed(2)}, the cheapest other one ${least.toFixed(2)}`,
    ok: cpu < least,
  };
}

/** The README's model of how many requests a replica's core answers, compared with what it did answer. */
function sizing(own: readonly Result[]): Row {
  const shares = own.map(({ cpu, rate }) =>
    median(rate.map((perSecond, round) => (perSecond * (cpu[round] ?? Number.NaN)) / 1_000)),
  );
  const [min, max] = [Math.min(...shares), Math.max(...shares)];
  return {
    promise:
      "A replica answers at most 1.1 times 1,000 / CPU ms requests a second; fewer where Chime is slower",
    figure: `${min.toFixed(2)} to ${max.toFixed(2)} times that`,
    ok: max <= 1.1,
  };
}

/** The median of the rounds' ratios, which excludes what slows down a whole round. */
const cpuRatio = (result: Result, results: readonly Result[]): number =>
  median(ratios(result.cpu, baselineOf(result, results)?.cpu ?? []));

const baselineOf = ({ query }: Result, results: readonly Result[]): Result | undefined =>
  results.find((other) => other.contender === baseline && other.query === query);

/** How much more CPU than in an earlier build a query may take. */
const tolerance = 1.1;

/**
 * The gateway compared with the earlier build: the medians of the rounds' ratios, their spread, and the goals.
 *
 * @param unknown queries that the earlier build does not know
 */
export function comparison(
  results: readonly Result[],
  { title }: EarlierBuild,
  unknown: readonly Query[],
): { readonly figures: string; readonly goals: Row[] } {
  const compared = results
    .filter(({ contender }) => contender === ours)
    .map((now) => {
      const before = results.find(({ contender, query }) => contender === earlier && query === now.query);
      return { now, before, each: ratios(now.cpu, before?.cpu ?? []) };
    });
  const none = ({ query }: Result) => (unknown.includes(query) ? "unknown" : "none");
  const spread = (each: readonly number[]) =>
    `${Math.min(...each).toFixed(2)} to ${Math.max(...each).toFixed(2)}`;
  return {
    figures: table([
      ["query", `CPU ms, ${title}`, "CPU ms now", "ratio", "spread", "calls before", "calls now"],
      ...compared.map(({ now, before, each }) => [
        now.query.name,
        before ? median(before.cpu).toFixed(2) : none(now),
        median(now.cpu).toFixed(2),
        before ? median(each).toFixed(2) : none(now),
        before ? spread(each) : none(now),
        before ? String(before.calls) : none(now),
        String(now.calls),
      ]),
    ]),
    goals: compared.map(({ now, before, each }) => {
      const promise = `${now.query.name}: at most ${tolerance} times the CPU of ${title}`;
      if (unknown.includes(now.query)) return { promise, figure: "it does not know this query", ok: true };
      return {
        promise,
        figure: before ? `${median(each).toFixed(2)}, ${spread(each)}` : "it does not give the same response",
        ok: median(each) <= tolerance,
      };
    }),
  };
}

/** As Markdown, its columns aligned for the terminal too. */
export function table([head = [], ...rows]: readonly string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
