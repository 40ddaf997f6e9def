import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { fetchSdl } from "../federation/supergraph.js";
import { useWorld } from "../support/world.js";

const world = useWorld();

test("`npm run schema` prints exactly the SDL that a router gets", async () => {
  const printed = execFileSync(process.execPath, ["dist/graphql/printSchema.js"], { encoding: "utf8" });

  expect(printed).toBe(await fetchSdl(world.url));
});
