/** The names that test files used before. To be removed once all of them import from fixture.ts. */
export type { Harness as World } from "./fixture.js";
export { type Answer, ask, type GraphqlError, startOn, useHarness as useWorld } from "./fixture.js";
