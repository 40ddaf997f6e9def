import { expect } from "vitest";
import type { Harness } from "./harness.js";

/** Runs a mutation that must not fail as a whole. @returns its payload */
export async function write(harness: Harness, mutation: string, input: object, selection = "") {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const { data, errors } = await harness.ask(
    `mutation ($input: ${type}!) { payload: ${mutation}(input: $input) {
      outcome ${selection} errors { code message path } } }`,
    { input },
  );
  expect(errors).toBeUndefined();
  return data.payload;
}
