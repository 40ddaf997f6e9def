import {
  BatchCreateRoomMembershipCommand,
  BatchSuspendUserCommand,
  CreateBotCommand,
  CreateRoomCommand,
  CreateRoomMembershipCommand,
  DeleteEventsConfigurationCommand,
  DeleteRoomMembershipCommand,
  ListRoomMembershipsCommand,
  ListUsersCommand,
  type MembershipItem,
  type RoomMembership,
  RoomMembershipRole,
  UpdateRoomMembershipCommand,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, failures, output, useChime } from "./fixture.js";

const chime = useChime(3);

const { teamAccountId, largeAccountId, twoHundredAccountId, smallAccountId, roomId, userId, botId } = SEED;
const { Administrator } = RoomMembershipRole;
const badRequest = { name: "BadRequestException", status: 400, Code: "BadRequest" };
const forbidden = { name: "ForbiddenException", status: 403, Code: "Forbidden" };
const notFound = { name: "NotFoundException", status: 404, Code: "NotFound" };
const conflict = { name: "ConflictException", status: 409, Code: "Conflict" };

const dispatch = { AccountId: largeAccountId, RoomId: roomId };
type Room = { AccountId: string; RoomId: string };

async function join(room: Room, MemberId: string, Role?: RoomMembershipRole) {
  const command = new CreateRoomMembershipCommand({ ...room, MemberId, Role });
  return (await chime.client.send(command)).RoomMembership;
}
async function joinAll(room: Room, MembershipItemList: MembershipItem[]) {
  const command = new BatchCreateRoomMembershipCommand({ ...room, MembershipItemList });
  return (await chime.client.send(command)).Errors;
}
async function update(room: Room, MemberId: string, Role?: RoomMembershipRole) {
  const command = new UpdateRoomMembershipCommand({ ...room, MemberId, Role });
  return (await chime.client.send(command)).RoomMembership;
}
const leave = (room: Room, MemberId: string) =>
  output(chime.client.send(new DeleteRoomMembershipCommand({ ...room, MemberId })));
const list = (room: Room, input: { MaxResults?: number; NextToken?: string | undefined } = {}) =>
  output(chime.client.send(new ListRoomMembershipsCommand({ ...room, ...input })));

async function listAll(room: Room, MaxResults = 99): Promise<RoomMembership[]> {
  const members: RoomMembership[] = [];
  let NextToken: string | undefined;
  do {
    const page = await list(room, { MaxResults, NextToken });
    members.push(...(page.RoomMemberships ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return members;
}

async function newRoom(AccountId: string = largeAccountId): Promise<Room> {
  const { Room } = await chime.client.send(new CreateRoomCommand({ AccountId, Name: "New" }));
  return { AccountId, RoomId: Room?.RoomId ?? "" };
}

async function userIdsOf(AccountId: string): Promise<string[]> {
  const { Users = [] } = await chime.client.send(new ListUsersCommand({ AccountId, MaxResults: 200 }));
  return Users.map(({ UserId = "" }) => UserId);
}

test("Dispatch has 150 members, of them two administrators and a bot", async () => {
  const members = await listAll(dispatch);
  expect(members).toHaveLength(150);
  expect(new Set(members.map(({ Member }) => Member?.MemberId)).size).toBe(150);
  expect(members.filter(({ Role }) => Role === Administrator)).toHaveLength(2);
  expect(members.map(({ Member }) => Member?.AccountId).filter((id) => id === largeAccountId)).toHaveLength(
    4,
  );
  expect(members.at(-1)).toEqual({
    RoomId: roomId,
    Member: {
      MemberId: botId,
      MemberType: "Bot",
      Email: "Tracker-chimebot@meridian.example.com",
      FullName: "Tracker (Bot)",
      AccountId: largeAccountId,
    },
    Role: "Member",
    InvitedBy: "arn:aws:iam::111122223333:user/local",
    UpdatedTimestamp: expect.any(Date),
  });
});

test("pages contain each member once, in the order of joining; 50 are the default", async () => {
  const members = await listAll(dispatch);
  expect(await listAll(dispatch, 7)).toEqual(members);
  const { RoomMemberships, NextToken } = await list(dispatch);
  expect(RoomMemberships).toEqual(members.slice(0, 50));
  const elsewhere = await newRoom();
  expect(
    await failures([
      list(elsewhere, { NextToken }),
      list({ AccountId: largeAccountId, RoomId: roomId }, { MaxResults: 100 }),
    ]),
  ).toMatchObject([badRequest, badRequest]);
});

test("without users in the large account only the bot is a member", async () => {
  await chime.http("POST", "/_local/reset", { body: { users: 0 } });
  expect((await listAll(dispatch)).map(({ Member }) => Member?.MemberType)).toEqual(["Bot"]);
  await chime.http("POST", "/_local/reset", { body: { users: 3 } });
});

test("a user of any account joins as a member, or as an administrator", async () => {
  const room = await newRoom();
  const membership = await join(room, userId);
  expect(membership).toEqual({
    RoomId: room.RoomId,
    Member: {
      MemberId: userId,
      MemberType: "User",
      Email: SEED.userEmail,
      FullName: "Amara Okafor",
      AccountId: teamAccountId,
    },
    Role: "Member",
    InvitedBy: "arn:aws:iam::111122223333:user/local",
    UpdatedTimestamp: expect.any(Date),
  });
  const pending = await join(room, SEED.pendingUserId, Administrator);
  expect(pending).toMatchObject({ Role: "Administrator", Member: { MemberId: SEED.pendingUserId } });
  expect(await listAll(room)).toEqual([membership, pending]);
});

test("a member joins a room once, and again after leaving", async () => {
  const room = await newRoom();
  await join(room, userId, Administrator);
  await join(room, SEED.pendingUserId);
  expect(await failure(join(room, userId))).toMatchObject(conflict);
  expect(await leave(room, userId)).toEqual({});
  expect(await failure(leave(room, userId))).toMatchObject(notFound);
  await join(room, userId);
  expect((await listAll(room)).map(({ Member, Role }) => [Member?.MemberId, Role])).toEqual([
    [SEED.pendingUserId, "Member"],
    [userId, "Member"],
  ]);
});

test("a member of two rooms stays in the other one after leaving", async () => {
  const [first, second] = [await newRoom(), await newRoom(smallAccountId)];
  for (const room of [first, second]) await join(room, userId);
  await leave(first, userId);
  expect([(await listAll(first)).length, (await listAll(second)).length]).toEqual([0, 1]);
});

test("a suspended user cannot join, and a member who is suspended stays", async () => {
  expect(await failure(join(dispatch, SEED.suspendedUserId))).toMatchObject(forbidden);
  const room = await newRoom();
  await join(room, userId);
  await chime.client.send(new BatchSuspendUserCommand({ AccountId: teamAccountId, UserIdList: [userId] }));
  expect(await listAll(room)).toHaveLength(1);
});

test("a bot joins rooms of its own account, if it is enabled and has an events configuration", async () => {
  const { Bot } = await chime.client.send(
    new CreateBotCommand({ AccountId: largeAccountId, DisplayName: "Silent" }),
  );
  const room = await newRoom();
  expect(await failure(join(room, botId, Administrator))).toMatchObject(badRequest);
  expect(await failure(join(room, SEED.stoppedBotId))).toMatchObject(forbidden);
  expect(await failure(join(room, Bot?.BotId ?? ""))).toMatchObject(forbidden);
  expect(await failure(join(await newRoom(twoHundredAccountId), botId))).toMatchObject(notFound);
  expect(await join(room, botId)).toMatchObject({ Member: { MemberId: botId, MemberType: "Bot" } });
  const ids = { AccountId: largeAccountId, BotId: botId };
  await chime.client.send(new DeleteEventsConfigurationCommand(ids));
  expect(await listAll(room)).toHaveLength(1);
  expect(await failure(join(await newRoom(), botId))).toMatchObject(forbidden);
});

test("a user's role can be updated, a bot's can't", async () => {
  const [first] = await listAll(dispatch);
  const memberId = first?.Member?.MemberId ?? "";
  expect(await update(dispatch, memberId)).toEqual(first);
  const updated = await update(dispatch, memberId, "Member");
  expect(updated).toEqual({ ...first, Role: "Member", UpdatedTimestamp: expect.any(Date) });
  expect(updated?.UpdatedTimestamp).not.toEqual(first?.UpdatedTimestamp);
  expect((await listAll(dispatch))[0]).toEqual(updated);
  expect(await failure(update(dispatch, botId, "Member"))).toMatchObject(badRequest);
  expect(await failure(update(dispatch, userId, "Member"))).toMatchObject(notFound);
});

test("members of a batch join one by one: an error doesn't stop the others", async () => {
  const room = await newRoom();
  await join(room, SEED.pendingUserId);
  const items = [userId, SEED.pendingUserId, "unknown", SEED.suspendedUserId, userId];
  const Errors = await joinAll(room, [
    ...items.map((MemberId) => ({ MemberId, Role: Administrator })),
    { MemberId: botId },
    { MemberId: SEED.sharedDeviceUserId },
  ]);
  expect(Errors).toEqual(
    [
      [SEED.pendingUserId, "Conflict"],
      ["unknown", "NotFound"],
      [SEED.suspendedUserId, "Forbidden"],
      [userId, "Conflict"],
    ].map(([MemberId, ErrorCode]) => ({ MemberId, ErrorCode, ErrorMessage: expect.any(String) })),
  );
  expect((await listAll(room)).map(({ Member, Role }) => [Member?.MemberId, Role])).toEqual([
    [SEED.pendingUserId, "Member"],
    [userId, "Administrator"],
    [botId, "Member"],
    [SEED.sharedDeviceUserId, "Member"],
  ]);
});

test("50 members fit one batch, and 51 don't", async () => {
  const room = await newRoom();
  const items = (await userIdsOf(twoHundredAccountId)).map((MemberId) => ({ MemberId }));
  await joinAll(room, items.slice(0, 50));
  expect(await failure(joinAll(room, items.slice(0, 51)))).toMatchObject({
    message: "MembershipItemList must have at most 50 items.",
  });
});

test("Team accounts have no rooms to join, and unknown rooms and members are not found", async () => {
  const requests = (room: Room) => [
    join(room, userId),
    joinAll(room, [{ MemberId: userId }]),
    update(room, userId, "Member"),
    leave(room, userId),
    list(room),
  ];
  const refused = await failures(requests({ AccountId: teamAccountId, RoomId: roomId }));
  for (const error of refused) expect(error).toMatchObject(forbidden);
  const unknown = await failures([
    ...requests({ AccountId: "unknown", RoomId: roomId }),
    ...requests({ AccountId: smallAccountId, RoomId: roomId }),
    ...requests({ AccountId: largeAccountId, RoomId: "unknown" }),
    join(dispatch, "unknown"),
  ]);
  for (const error of unknown) expect(error).toMatchObject(notFound);
});
