import { describe, expect, test } from "vitest";
import { loadOf, standardLoads } from "./loads.js";
import { readOptions } from "./options.js";

describe("the options of a run", () => {
  test("default to the complete run", () => {
    expect(readOptions([])).toEqual({
      queries: undefined,
      measuresQueries: true,
      measuresLifecycle: true,
      loads: standardLoads,
      queryContenders: ["gateway", "rest", "mercurius", "yoga", "apollo", "hive", "federation"],
      throttlingContenders: ["gateway", "rest", "adaptive"],
      queryRounds: 5,
      throttlingRounds: 1,
      before: undefined,
      isComplete: true,
    });
  });

  test("select parts, rounds and contenders, and such results are not written", () => {
    expect(readOptions(["throttling"])).toMatchObject({
      measuresQueries: false,
      measuresLifecycle: false,
      loads: standardLoads,
      isComplete: false,
    });
    const twoLoads = ["throttling", "500/64/10/20", "10/4/1/0"];
    expect(readOptions([...twoLoads, "--contenders", "adaptive", "--rounds", "3"])).toMatchObject({
      measuresQueries: false,
      loads: [loadOf("500/64/10/20"), loadOf("10/4/1/0")],
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

  test("measure the queries against an earlier build, unless parts are given", () => {
    expect(readOptions(["--before", "v1", "--rounds", "9", "--contenders", "rest"])).toMatchObject({
      queries: undefined,
      measuresQueries: true,
      measuresLifecycle: false,
      loads: [],
      queryContenders: ["gateway", "before", "rest"],
      queryRounds: 9,
      before: "v1",
      isComplete: false,
    });
    expect(readOptions(["throttling", "--before", "v1"])).toMatchObject({
      measuresQueries: false,
      loads: standardLoads,
      throttlingContenders: ["gateway", "before", "rest", "adaptive"],
    });
  });

  test.each([
    [["Nothing"]],
    [["500/64"]],
    [["--rounds", "0"]],
    [["--rounds", "many"]],
    [["--contenders", "express"]],
    [["--after", "v1"]],
  ])("%j is rejected with the usage", (args) => {
    expect(() => readOptions(args)).toThrow("npm run bench [-- part ... [options]]");
  });
});
