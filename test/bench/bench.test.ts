import { describe, expect, test } from "vitest";
import { addressesIn, hasStarted } from "../../bench/addresses.js";
import { capacityOf, loadOf, nameOf, outcomeOf, standardLoads } from "../../bench/loads.js";
import type { Result } from "../../bench/measure.js";
import { readOptions } from "../../bench/options.js";
import type { Query } from "../../bench/queries.js";
import { comparison, figuresTable } from "../../bench/report.js";
import { type Measured, throttlingGoals, throttlingTable } from "../../bench/throttling.js";
import { benchProblems } from "../../scripts/benchResults.js";

const load = (name: string) => {
  const found = loadOf(name);
  if (!found) throw new Error(`${name} is not a load.`);
  return found;
};

describe("the addresses of a started program", () => {
  test("are read from a banner", () => {
    const banner = `GraphQL                     http://127.0.0.1:4000/graphql
Embedded Chime              http://127.0.0.1:4100
  Try: aws chime list-accounts --endpoint-url http://127.0.0.1:4200
Ctrl-C stops.
`;
    expect(addressesIn(banner)).toEqual(["http://127.0.0.1:4000", "http://127.0.0.1:4100"]);
    expect(hasStarted(banner)).toBe(true);
    expect(hasStarted(banner.slice(0, 80))).toBe(false);
  });

  test("are read from the log's line, wherever its own address stands in it", () => {
    const log = `{"level":"warn","msg":"anyone may ask","url":"http://127.0.0.1:1"}
{"level":"info","chime":"http://127.0.0.1:4100","msg":"started","url":"http://127.0.0.1:4000"}
{"level":"info","msg":"request","url":"http://127.0.0.1:2"}
`;
    expect(addressesIn(log)).toEqual(["http://127.0.0.1:4000", "http://127.0.0.1:4100"]);
    expect(hasStarted(log)).toBe(true);
  });

  test("are not read from a line that has not ended, nor from a log without such a line", () => {
    for (const output of [
      "",
      "http://127.0.0.1:40",
      '{"msg":"request","url":"http://127.0.0.1:1"}\n',
      "{\n",
    ]) {
      expect(addressesIn(output), output).toEqual([]);
      expect(hasStarted(output), output).toBe(false);
    }
    expect(addressesIn("http://127.0.0.1:4000\n")).toEqual(["http://127.0.0.1:4000"]);
  });
});

describe("a throttling load", () => {
  test("has a name that it can be read from", () => {
    for (const standard of standardLoads) expect(loadOf(nameOf(standard))).toEqual(standard);
    for (const name of ["500/64/10", "500/64/10/x", "0/4/1/0", "10/4/0/0", "Q1", "500/64/10/20/1"])
      expect(loadOf(name), name).toBeUndefined();
  });

  test.each([
    ["10/4/1/0", 10],
    ["100/64/100/100", 100],
    // Four clients wait for their answers.
    ["500/4/10/100", 4 / 0.1 / 1.15],
    // The gateway has 50 calls under way at most.
    ["500/64/50/100", 50 / 0.1 / 1.15],
  ])("%s has a capacity of %d lookups a second", (name, capacity) => {
    expect(capacityOf(load(name))).toBeCloseTo(capacity);
  });

  test("is summed up by its share, its worst second after the third, calls and errors", () => {
    // Nothing in the first two seconds; then 10 a second, but 7 in the sixth; 3 after the end.
    const answeredAt = [2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((second) =>
      Array.from({ length: { 5: 7, 10: 3 }[second] ?? 10 }, (_, n) => second * 1000 + 100 * n),
    );
    const outcome = outcomeOf(load("10/4/1/0"), { answeredAt, errors: 2, calls: 96 });
    expect(outcome).toEqual({ share: 0.77, worstSecond: 0.7, calls: 1.2, errors: 2 });
  });
});

describe("the options of a run", () => {
  test("are those of the complete run where there are none", () => {
    expect(readOptions([])).toEqual({
      queries: undefined,
      measuresQueries: true,
      measuresLife: true,
      loads: standardLoads,
      queryContenders: ["gateway", "rest", "mercurius", "yoga", "apollo"],
      throttlingContenders: ["gateway", "rest"],
      queryRounds: 5,
      throttlingRounds: 1,
      before: undefined,
      isComplete: true,
    });
  });

  test("choose parts, rounds and contenders, and never keep such results", () => {
    expect(readOptions(["throttling"])).toMatchObject({
      measuresQueries: false,
      measuresLife: false,
      loads: standardLoads,
      isComplete: false,
    });
    const twoLoads = ["throttling", "500/64/10/20", "10/4/1/0"];
    expect(readOptions([...twoLoads, "--contenders", "adaptive", "--rounds", "3"])).toMatchObject({
      measuresQueries: false,
      loads: [load("500/64/10/20"), load("10/4/1/0")],
      throttlingContenders: ["gateway", "adaptive"],
      throttlingRounds: 3,
      isComplete: false,
    });
    expect(readOptions(["Q1", "M1"])).toMatchObject({ queries: ["Q1", "M1"], loads: [], isComplete: false });
    expect(readOptions(["--contenders", "rest"])).toMatchObject({
      queryContenders: ["gateway", "rest"],
      isComplete: false,
    });
  });

  test("with an earlier build measure the queries, unless parts are chosen", () => {
    expect(readOptions(["--before", "v1", "--rounds", "9", "--contenders", "rest"])).toMatchObject({
      queries: undefined,
      measuresQueries: true,
      measuresLife: false,
      loads: [],
      queryContenders: ["gateway", "before", "rest"],
      queryRounds: 9,
      before: "v1",
      isComplete: false,
    });
    expect(readOptions(["throttling", "--before", "v1"])).toMatchObject({
      measuresQueries: false,
      loads: standardLoads,
      throttlingContenders: ["gateway", "before", "rest"],
    });
  });

  test.each([
    [["Nothing"]],
    [["500/64"]],
    [["--rounds", "0"]],
    [["--rounds", "many"]],
    [["--contenders", "express"]],
    [["--after", "v1"]],
  ])("%j is refused with the usage", (args) => {
    expect(() => readOptions(args)).toThrow("npm run bench [-- part ... [options]]");
  });
});

describe("the results", () => {
  const build = { title: "v1 (abcdef0)", main: "" };
  const query: Query = { name: "Q1", title: "", document: "", inputs: [], goals: {} };
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

  test("compare an earlier build by the median of the rounds' ratios", () => {
    const before = result("before", [1, 2, 1]);
    const { goals, figures } = comparison([result("gateway", [1.1, 2, 1.5]), before], build);
    expect(goals).toEqual([
      {
        promise: "Q1: at most 1.1 times the CPU of v1 (abcdef0)",
        figure: "1.10, 1.00 to 1.50",
        ok: true,
      },
    ]);
    expect(figures).toContain("| 1.10  | 1.00 to 1.50 |");
    expect(comparison([result("gateway", [1.2, 2.4, 1]), before], build).goals[0]?.ok).toBe(false);
    expect(comparison([result("gateway", [1])], build).goals[0]).toMatchObject({
      figure: "it does not give the same answer",
      ok: false,
    });
  });

  test("hold the gateway to its goals in each round, and to the SDK by the medians", () => {
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
    // What nobody answered has no figure.
    { calls: Number.NaN },
  ])("do not meet the goals with %j", (other) => {
    const own = { ...measured("gateway"), outcomes: [{ ...outcome, ...other }] };
    expect(throttlingGoals([own], undefined).map(({ ok }) => ok)).toEqual([false]);
    expect(throttlingGoals([measured("gateway", 0.95)], undefined).map(({ ok }) => ok)).toEqual([true]);
  });

  test("stay readable for the release check with the throttling loads below the queries", () => {
    const cpu = figuresTable([result("gateway", [1]), result("rest", [1])]);
    const throttling = throttlingTable([measured("gateway", 0.95, 0.9), measured("rest", 0.95)]);
    expect(throttling).toContain("| this gateway       | 0.93 (0.90) |");
    expect(benchProblems(cpu, `${cpu}\n\n${throttling}\n`)).toEqual([]);
    expect(benchProblems(`${cpu}\n\n${throttling}\n`, cpu)).toEqual([]);
  });
});
