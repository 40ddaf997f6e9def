import { expect } from "vitest";
import type { Harness } from "./harness.js";

/** Runs a mutation that must not fail as a whole. @returns what is selected of its payload */
export async function payloadOf(harness: Harness, mutation: string, input: object, selection: string) {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const { data, errors } = await harness.ask(
    `mutation ($input: ${type}!) { payload: ${mutation}(input: $input) { ${selection} } }`,
    { input },
  );
  expect(errors).toBeUndefined();
  return data.payload;
}

/** The same, with the outcome and the errors. */
export const write = (harness: Harness, mutation: string, input: object, selection = "") =>
  payloadOf(harness, mutation, input, `outcome ${selection} errors { code message path }`);
