/**
 * Changes against `released.graphql` that break clients or may do so, and that have been agreed on: the lines that the
 * test prints, each with the reason beside it. A line that no longer applies fails too.
 *
 * At a release: `npm run --silent schema > test/federation/released.graphql`, and empty this list.
 */
export const acknowledged: readonly string[] = [];
