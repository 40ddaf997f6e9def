import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contractChanges, mayBreak } from "../../scripts/contractChanges.js";
import { useHarness } from "../support/fixture.js";
import { fetchSdl } from "../support/supergraph.js";
import { acknowledged } from "./acknowledged.js";

const harness = useHarness();
const released = readFileSync(new URL("released.graphql", import.meta.url), "utf8");

/** What a change of the SDL breaks or may break, without what is acknowledged; and what is acknowledged in vain. */
async function problems(
  before: string,
  after: string,
  acknowledged: readonly string[] = [],
): Promise<string[]> {
  const breaks = (await contractChanges(before, after)).filter(mayBreak).map(({ line }) => line);
  return [
    ...breaks.filter((line) => !acknowledged.includes(line)),
    ...acknowledged.filter((line) => !breaks.includes(line)).map((line) => `no longer applies: ${line}`),
  ];
}

test("the schema breaks nothing of the last release except acknowledged changes", async () => {
  expect(await problems(released, await fetchSdl(harness.url), acknowledged)).toEqual([]);
});

describe("the check for breaking changes", () => {
  /** The released SDL with one change. */
  function changed(from: string | RegExp, to: string): string {
    const sdl = released.replace(from, to);
    expect(sdl).not.toBe(released);
    return sdl;
  }
  const withoutPin = () => changed(/ {2}"""\n[^"]*"""\n {2}personalPin: String.*\n/, "");
  const pinRemoved = "BREAKING User.personalPin: Field 'personalPin' was removed from object type 'User'";

  test.each([
    ["a field is removed", withoutPin, [pinRemoved]],
    [
      "an argument becomes required",
      () => changed("namePrefix: String\n", "namePrefix: String!\n"),
      [expect.stringContaining("BREAKING Query.accounts.namePrefix")],
    ],
    [
      "an enum gets a value",
      () => changed("  SHARED_DEVICE\n", "  SHARED_DEVICE\n  ROBOT\n"),
      [expect.stringContaining("DANGEROUS UserType.ROBOT")],
    ],
    [
      "an entity loses a key",
      () => changed(' @key(fields: "primaryEmail")', ""),
      [expect.stringContaining("DANGEROUS User.@key")],
    ],
    [
      "a personal field loses its tag",
      () => changed('displayName: String @tag(name: "pii")', "displayName: String"),
      [expect.stringContaining("DANGEROUS User.displayName.@tag")],
    ],
  ])("fails if %s", async (_what, change, lines) => {
    expect(await problems(released, change())).toEqual(lines);
  });

  test("accepts additions and changed descriptions", async () => {
    const added = changed("type UserEdge {\n", "type UserEdge {\n  place: Int\n");

    expect(await problems(released, added)).toEqual([]);
    expect(await problems(released, changed("A page of users.", "Some users."))).toEqual([]);
  });

  test("accepts acknowledged changes, and fails if one of these no longer applies", async () => {
    expect(await problems(released, withoutPin(), [pinRemoved])).toEqual([]);
    expect(await problems(released, released, [pinRemoved])).toEqual([`no longer applies: ${pinRemoved}`]);
  });
});
