import { expect, test } from "vitest";
import { closeAll } from "../src/lifecycle.js";

test("resources are closed one after another, the last one first, also when one fails", async () => {
  const closed: string[] = [];
  const failures: unknown[] = [];
  const resource = (name: string, failure?: Error) => ({
    async close() {
      await new Promise((resolve) => setTimeout(resolve, 1));
      closed.push(name);
      if (failure) throw failure;
    },
  });
  const failure = new Error("It cannot be closed.");

  await closeAll([resource("first"), resource("second", failure), resource("third")], (error) =>
    failures.push(error),
  );

  expect(closed).toEqual(["third", "second", "first"]);
  expect(failures).toEqual([failure]);
});
