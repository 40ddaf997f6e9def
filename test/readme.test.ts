import { describe, expect, test } from "vitest";
import { blocks } from "./support/readme.js";
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
});
