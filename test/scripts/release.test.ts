import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { benchProblems } from "../../scripts/benchResults.js";
import {
  contractChanges,
  lowestVersion,
  unreleasedProblems,
  versionProblems,
} from "../../scripts/contractChanges.js";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const { version } = JSON.parse(read("package.json"));

const sdl = "type Query { a(x: Int): String b: String kind: Kind } enum Kind { ONE }";
const changes = {
  none: await contractChanges(sdl, sdl.replace("b:", '"What b is." b:')),
  added: await contractChanges(sdl, sdl.replace("b:", "c: String b:")),
  dangerous: await contractChanges(sdl, sdl.replace("ONE", "ONE TWO")),
  breaking: await contractChanges(sdl, sdl.replace("b: String ", "")),
};

describe("a version", () => {
  test.each([
    ["1.4.2", { none: "1.4.3", added: "1.5.0", dangerous: "1.5.0", breaking: "2.0.0" }],
    ["0.4.2", { none: "0.4.3", added: "0.4.3", dangerous: "0.4.3", breaking: "0.5.0" }],
  ])("after %s depends on the changes of the contract", (released, lowest) => {
    for (const kind of ["none", "added", "dangerous", "breaking"] as const)
      expect(lowestVersion(released, changes[kind]), kind).toBe(lowest[kind]);
  });

  test("that is too low is reported with the lowest valid version", () => {
    const changelog = (newest: string) =>
      `# Changelog\n\n## ${newest} - unreleased\n\n## 1.9.0 - 2026-01-31\n`;
    const problems = (newest: string, kind: keyof typeof changes) =>
      versionProblems(newest, changelog(newest), changes[kind]);
    expect(problems("1.10.0", "added")).toEqual([]);
    expect(problems("2.0.0", "breaking")).toEqual([]);
    expect(problems("1.10.0", "breaking")).toEqual([
      "After 1.9.0 the contract's changes take 2.0.0 at least, not 1.10.0.",
    ]);
    expect(problems("1.9.0", "none")).toHaveLength(1);
  });

  test("is the newest in the changelog", () => {
    expect(versionProblems("1.0.0", "## 0.9.0 - 2026-01-31\n", [])).toEqual([
      "package.json has version 1.0.0, the newest heading in CHANGELOG.md 0.9.0.",
    ]);
    expect(versionProblems(version, read("CHANGELOG.md"), [])).toEqual([]);
    expect(JSON.parse(read("package-lock.json"))).toMatchObject({ version, packages: { "": { version } } });
  });
});

describe("a changelog", () => {
  test("must not have entries under Unreleased", () => {
    expect(unreleasedProblems("## Unreleased\n\n### Added\n\n- A field.\n\n## 1.0.0 - 2026-01-31\n")).toEqual(
      ["CHANGELOG.md has entries under Unreleased: rename the heading to the version and its date."],
    );
    expect(unreleasedProblems("## Unreleased\n\n## 1.0.0 - 2026-01-31\n\n- A field.\n")).toEqual([]);
    expect(unreleasedProblems("## 1.0.0 - 2026-01-31\n\n- A field.\n")).toEqual([]);
  });
});

describe("a benchmark", () => {
  const results = (ratio: string, calls: number, query = "Q1") => `# The last benchmark

| query | contender             | CPU ms | ratio   | calls    |
| ----- | --------------------- | ------ | ------- | -------- |
| ${query} | this gateway          | 3.42   | ${ratio} | ${calls} |
| ${query} | Fastify REST endpoint | 1.96   | 1.00    | 1        |
`;

  test("may be a quarter slower than the last, compared with a REST endpoint, and take no more calls", () => {
    const last = results("2.00", 2);
    expect(benchProblems(last, results("2.50", 2))).toEqual([]);
    expect(benchProblems(last, results("1.00", 1))).toEqual([]);
    expect(benchProblems(last, results("2.51", 3))).toEqual([
      "Q1 takes 2.51 times the REST endpoint's CPU time; it was 2.",
      "Q1 takes 3 calls to Chime; it was 2.",
    ]);
    expect(benchProblems(last, results("2.00", 2, "Q2"))).toEqual(["Q1 is no longer measured."]);
  });

  test("without figures is not compared", () => {
    const last = results("2.00", 2);
    const missing = ['Q1 has no figure under "ratio" or "calls".'];
    expect(benchProblems(last, last.replace("ratio", "times"))).toEqual(missing);
    expect(benchProblems(last.replace("calls", "times"), last)).toEqual(missing);
    expect(benchProblems(last, results("", 2))).toEqual(missing);
    expect(benchProblems("# Nothing yet\n", last)).toHaveLength(1);
  });
});
