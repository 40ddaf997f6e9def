import { describe, expect, test } from "vitest";
import { benchProblems } from "../scripts/benchResults.js";
import { loadOf } from "./loads.js";
import type { Result } from "./measure.js";
import type { Query } from "./queries.js";
import { comparison, figuresTable, goalsOf } from "./report.js";
import { type Measured, throttlingGoals, throttlingTable } from "./throttling.js";

const load = (name: string) => {
  const found = loadOf(name);
  if (!found) throw new Error(`${name} is not a load.`);
  return found;
};

describe("the results", () => {
  const build = { title: "v1 (abcdef0)", main: "" };
  const query: Query = { name: "Q1", title: "", document: "", inputs: [], goals: {} };
  const cheapestQuery: Query = { ...query, goals: { isCheapest: true } };
  const result = (contender: string, cpu: readonly number[]): Result => ({
    query,
    contender,
    calls: 1,
    trips: 1,
    cpu,
    rate: cpu.map((each) => 1_000 / each),
    latency: 1,
    delayedLatency: 21,
  });
  const outcome = { share: 0.95, worstSecond: 0.8, calls: 1.2, errors: 0 };
  const measured = (contender: string, ...shares: readonly number[]): Measured => ({
    load: load("100/16/10/20"),
    contender,
    outcomes: shares.map((share) => ({ ...outcome, share })),
  });

  test("compare the gateway with an earlier build by the median of the rounds' ratios", () => {
    const before = result("before", [1, 2, 1]);
    const { goals, figures } = comparison([result("gateway", [1.1, 2, 1.5]), before], build, []);
    expect(goals).toEqual([
      {
        promise: "Q1: at most 1.1 times the CPU of v1 (abcdef0)",
        figure: "1.10, 1.00 to 1.50",
        ok: true,
      },
    ]);
    expect(figures).toContain("| 1.10  | 1.00 to 1.50 |");
    expect(comparison([result("gateway", [1.2, 2.4, 1]), before], build, []).goals[0]?.ok).toBe(false);
    expect(comparison([result("gateway", [1])], build, []).goals[0]).toMatchObject({
      figure: "it does not give the same response",
      ok: false,
    });
  });

  test("do not compare the gateway with an earlier build that does not know the query", () => {
    const { goals, figures } = comparison([result("gateway", [1])], build, [query]);
    expect(goals).toEqual([
      {
        promise: "Q1: at most 1.1 times the CPU of v1 (abcdef0)",
        figure: "it does not know this query",
        ok: true,
      },
    ]);
    expect(figures).toContain("unknown");
    expect(figures).not.toContain("NaN");
  });

  test("say whether the gateway takes less CPU than all contenders, the earlier build aside", () => {
    const others = [result("rest", [2]), result("yoga", [1.5]), result("before", [1])];
    const goalFor = (cpu: number) =>
      goalsOf(
        [result("gateway", [cpu]), ...others].map((each) => ({
          ...each,
          query: cheapestQuery,
        })),
      )[0];
    const promise = "Q1: less CPU than every other contender takes";
    expect(goalFor(1.4)).toEqual({ promise, figure: "0.70, the cheapest other one 0.75", ok: true });
    expect(goalFor(1.6)).toEqual({ promise, figure: "0.80, the cheapest other one 0.75", ok: false });
  });

  test("check the gateway's goals in each round, and compare it with the SDK by the medians", () => {
    const rows = throttlingGoals(
      [
        measured("gateway", 0.95, 0.89, 0.96),
        measured("before", 0.4, 0.5, 0.3),
        measured("rest", 1, 0.9, 0.94),
      ],
      build,
    );
    expect(rows.map(({ figure, ok }) => ({ figure, ok }))).toEqual([
      { figure: "0.89, 0.80, 0, 1.20", ok: false },
      { figure: "0.95 and 0.94", ok: true },
      { figure: "0.95 and 0.40", ok: true },
    ]);
  });

  test.each([
    { worstSecond: 0.69 },
    { errors: 1 },
    { calls: 1.31 },
    { share: 0.89 },
    // Without answers there is no figure.
    { calls: Number.NaN },
  ])("do not meet the goals with %j", (other) => {
    const own = { ...measured("gateway"), outcomes: [{ ...outcome, ...other }] };
    expect(throttlingGoals([own], undefined).map(({ ok }) => ok)).toEqual([false]);
    expect(throttlingGoals([measured("gateway", 0.95)], undefined).map(({ ok }) => ok)).toEqual([true]);
  });

  test("can be read by the release check with the throttling loads below the queries", () => {
    const cpu = figuresTable([result("gateway", [1]), result("rest", [1])]);
    const throttling = throttlingTable([measured("gateway", 0.95, 0.9), measured("rest", 0.95)]);
    expect(throttling).toContain("| this gateway       | 0.93 (0.90) |");
    expect(benchProblems(cpu, `${cpu}\n\n${throttling}\n`)).toEqual([]);
    expect(benchProblems(`${cpu}\n\n${throttling}\n`, cpu)).toEqual([]);
  });
});
