import { describe, expect, test } from "vitest";
import { withSettingsTable } from "../scripts/settingsTable.js";
import { settingRows } from "../src/cli.js";
import { blocks, readme } from "./support/readme.js";
import { useWorld } from "./support/world.js";

const world = useWorld();

describe("the README", () => {
  test("shows a query with the answer that it gets", async () => {
    const [query] = blocks("graphql");
    const [answer] = blocks("json");

    expect(JSON.parse(String(answer))).toEqual(await world.ask(String(query)));
  });

  test("shows no operation that the gateway refuses", async () => {
    // What begins with a comment is another server's.
    for (const operation of blocks("graphql").filter((text) => !text.startsWith("#"))) {
      const { errors } = await world.ask(operation, { accountId: "any" });
      expect(errors).toBeUndefined();
    }
  });

  test("has every setting in its table, with its default and its meaning", () => {
    expect(readme, "npm run settings writes the table").toBe(withSettingsTable(readme));
    for (const { name } of settingRows()) expect(readme).toContain(`\n| \`${name}\` |`);
  });
});
