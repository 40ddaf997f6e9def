import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { createExample } from "../../src/server/exampleQuery.js";
import { ask, useHarness } from "../support/fixture.js";

const harness = useHarness();

test("the query that an explorer shows first has users, a room with members, bots and a named phone number", async () => {
  const { document: query, variables } = createExample(SEED.largeAccountId, undefined);
  const { data, errors } = await ask(harness.url, { query, variables });
  const { users, rooms, bots, phoneNumbers } = data.account;

  expect(errors).toBeUndefined();
  expect(users.nodes).toHaveLength(10);
  expect(rooms.nodes[0]).toMatchObject({ name: "Dispatch", memberships: { nodes: { length: 3 } } });
  expect(bots.nodes).toContainEqual({ displayName: "Tracker (Bot)", disabled: false });
  expect(phoneNumbers.nodes[0]).toMatchObject({
    callingName: "Meridian",
    user: { displayName: expect.any(String) },
  });
});

test("the rooms of the university have members of the university", async () => {
  const { data } = await harness.ask(`{ account(accountId: "${SEED.twoHundredAccountId}") { rooms { nodes {
    name memberships { nodes { role member { fullName accountId } } } } } } }`);

  expect(data.account.rooms.nodes).toHaveLength(3);
  for (const { memberships } of data.account.rooms.nodes) {
    expect(memberships.nodes).toHaveLength(6);
    expect(memberships.nodes[0].role).toBe("ADMINISTRATOR");
    for (const { member } of memberships.nodes) expect(member.accountId).toBe(SEED.twoHundredAccountId);
  }
});
