import { CreateRoomMembershipCommand, DeleteRoomMembershipCommand } from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { type Answer, ask, useClosedGateway, useHarness } from "../../support/fixture.js";

const harness = useHarness();
const closed = useClosedGateway(harness);
const { largeAccountId, teamAccountId, roomId, userId, suspendedUserId, userEmail, botId } = SEED;

const input = `accountId: "${largeAccountId}", roomId: "${roomId}"`;
const membership = `{ role member { memberId memberType email fullName accountId user { userId } bot { botId } } }`;

const foreignMember = { AccountId: largeAccountId, RoomId: roomId, MemberId: userId };

/** Asks with a token that names these accounts. */
async function askFor(accounts: readonly string[] | undefined, query: string): Promise<Answer> {
  const scope = "chime:read chime:write chime:rooms chime:bots";
  return ask(closed.url, { query }, await closed.headersFor({ scope, chime_accounts: accounts }));
}

const ownUser = {
  memberType: "USER",
  email: expect.stringContaining("@"),
  fullName: expect.any(String),
  accountId: largeAccountId,
};
const foreignUser = {
  role: "MEMBER",
  member: {
    memberId: userId,
    memberType: "USER",
    ...{ email: null, fullName: null, accountId: null, user: null, bot: null },
  },
};

test("a member from an account that the token does not name has an id and a type only, in every write", async () => {
  const change = (name: string, rest: string, selection: string) =>
    askFor([largeAccountId], `mutation { ${name}(input: { ${input}, ${rest} }) { outcome ${selection} } }`);
  const created = await change(
    "createRoomMembership",
    `memberId: "${userId}"`,
    `roomMembership ${membership}`,
  );
  const updated = await change(
    "updateRoomMembership",
    `memberId: "${userId}", role: MEMBER`,
    `roomMembership ${membership}`,
  );
  await harness.chime.send(new DeleteRoomMembershipCommand(foreignMember));
  const added = await change(
    "batchCreateRoomMembership",
    `membershipItemList: [{ memberId: "${userId}" }]`,
    `results { roomMembership ${membership} } roomMemberships ${membership}`,
  );

  expect(created.data.createRoomMembership).toEqual({ outcome: "DONE", roomMembership: foreignUser });
  expect(updated.data.updateRoomMembership).toEqual({ outcome: "DONE", roomMembership: foreignUser });
  expect(added.data.batchCreateRoomMembership).toEqual({
    outcome: "DONE",
    results: [{ roomMembership: foreignUser }],
    roomMemberships: [foreignUser],
  });
  expect([created, updated, added].map(({ errors }) => errors)).toEqual([undefined, undefined, undefined]);
});

test("a room's members show names and addresses of the caller's accounts only, bots included", async () => {
  await harness.chime.send(new CreateRoomMembershipCommand(foreignMember));
  const query = `{ room(${input}) { memberships(first: 200) { nodes ${membership} } } }`;
  const read = async (accounts?: readonly string[]) =>
    (await askFor(accounts, query)).data.room.memberships.nodes as { member: { memberId: string } }[];
  const [limited, both, unlimited] = [
    await read([largeAccountId]),
    await read([largeAccountId, teamAccountId]),
    await read(),
  ];
  const memberIn = (nodes: typeof limited, id: string) => nodes.find(({ member }) => member.memberId === id);

  expect(memberIn(limited, userId)).toEqual(foreignUser);
  expect(limited[0]?.member).toMatchObject(ownUser);
  expect(memberIn(limited, botId)?.member).toMatchObject({
    memberType: "BOT",
    ...{
      email: expect.stringContaining("@"),
      fullName: "Tracker (Bot)",
      accountId: largeAccountId,
      bot: { botId },
    },
  });
  expect(memberIn(both, userId)?.member).toMatchObject({ email: userEmail, accountId: teamAccountId });
  expect(both).toEqual(unlimited);
});

test("whether a user of another account exists and is suspended is visible to a caller that adds the user", async () => {
  const add = async (memberId: string) => {
    const query = `mutation { createRoomMembership(input: { ${input}, memberId: "${memberId}" }) {
      outcome roomMembership { role } errors { code }
    } }`;
    return (await askFor([largeAccountId], query)).data.createRoomMembership;
  };
  const failed = (code: string) => ({ outcome: "NOT_DONE", roomMembership: null, errors: [{ code }] });

  expect(await add("nobody")).toEqual(failed("NOT_FOUND"));
  expect(await add(suspendedUserId)).toEqual(failed("FORBIDDEN"));
});

test("whether a user of another account has an address is visible to a caller that invites it or creates a user", async () => {
  const accountId = SEED.emptyAccountId;
  const write = async (name: string, rest: string, selection: string) => {
    const query = `mutation { ${name}(input: { accountId: "${accountId}", ${rest} }) { ${selection} } }`;
    return (await askFor([accountId], query)).data[name];
  };
  const created = await write("createUser", `email: "${userEmail}"`, "outcome errors { code }");
  const invited = await write(
    "inviteUsers",
    `userEmailList: ["${userEmail}", "new@example.com"]`,
    "results { outcome }",
  );

  expect(created).toEqual({ outcome: "NOT_DONE", errors: [{ code: "CONFLICT" }] });
  expect(invited.results).toEqual([{ outcome: "NOT_DONE" }, { outcome: "DONE" }]);
});
