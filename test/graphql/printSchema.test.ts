import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { fetchSdl } from "../federation/supergraph.js";
import { useHarness } from "../support/fixture.js";

const harness = useHarness();

test("`npm run schema` prints exactly the SDL that a router gets", async () => {
  const printed = execFileSync(process.execPath, ["dist/graphql/printSchema.js"], { encoding: "utf8" });

  expect(printed).toBe(await fetchSdl(harness.url));
});
