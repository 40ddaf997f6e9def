import { describe, expect, test } from "vitest";
import { SEED } from "../src/chime-local/seed.js";
import { useWorld } from "./support/world.js";

const world = useWorld();
const { teamAccountId, largeAccountId, smallAccountId, twoHundredAccountId } = SEED;

describe("an account", () => {
  test("has every field that Chime gives", async () => {
    const answer = await world.ask(
      `query ($id: ID!) { account(accountId: $id) {
        id accountId awsAccountId name accountType accountStatus createdTimestamp defaultLicense supportedLicenses
        signinDelegateGroups { groupName }
      } }`,
      { id: largeAccountId },
    );
    console.log(JSON.stringify(answer));
    expect(answer.errors).toBeUndefined();
  });
  test("users", async () => {
    const answer = await world.ask(
      `query ($id: ID!) { account(accountId: $id) { name users(first: 3) { nodes { displayName personalPin invitedOn } edges { cursor } pageInfo { hasNextPage endCursor }} } }`,
      { id: largeAccountId }, {"x-chime-trace": "1"}
    );
    console.log(JSON.stringify(answer, null, 1), await world.calls());
    expect(answer.errors).toBeUndefined();
  });
});
