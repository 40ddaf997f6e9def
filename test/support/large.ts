import { SEED } from "../../src/chime-local/seed/index.js";

const aliases = Array.from({ length: 19 }, (_, index) => `${"a".repeat(1_000)}${index}: userType`);

/** A query whose response of 450 rows is about as large as the limits allow: 8.7 MB. */
export const largeQuery = `{ account(accountId: "${SEED.largeAccountId}") { users(first: 450) { nodes {
  ${aliases.join(" ")} } } } }`;
