import { expect, test } from "vitest";
import { runChangeScript } from "../support/changeScript.js";
import { startOn, useHarness } from "../support/fixture.js";

const harness = useHarness();

test("the documented loop changes each of 1,000 users once while Chime throttles, also if it is killed", async () => {
  const result = await runChangeScript(
    harness.chimeUrl,
    { users: 1_000, perSecond: 50, kills: [100, 600] },
    startOn,
  );

  expect(result.changes).toEqual({ 1: 1_000 });
  expect(result.changed).toBe(1_000);
  expect(result.progress).toMatch(/^1000 users read, \d+ changed$/);
}, 60_000);
