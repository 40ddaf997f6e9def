import {
  CreateRoomCommand,
  CreateRoomMembershipCommand,
  type CreateRoomRequest,
  DeleteAccountCommand,
  DeleteRoomCommand,
  GetRoomCommand,
  ListRoomMembershipsCommand,
  ListRoomsCommand,
  type ListRoomsRequest,
  ListUsersCommand,
  UpdateRoomCommand,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, failures, output, useChime } from "./fixture.js";

const chime = useChime(3);

const { teamAccountId, largeAccountId, twoHundredAccountId, smallAccountId, roomId } = SEED;
const badRequest = { name: "BadRequestException", status: 400, Code: "BadRequest" };
const forbidden = { name: "ForbiddenException", status: 403, Code: "Forbidden" };
const notFound = { name: "NotFoundException", status: 404, Code: "NotFound" };

async function createRoom(AccountId: string, Name: string, rest: Partial<CreateRoomRequest> = {}) {
  return (await chime.client.send(new CreateRoomCommand({ AccountId, Name, ...rest }))).Room;
}
async function getRoom(AccountId: string, RoomId: string | undefined) {
  return (await chime.client.send(new GetRoomCommand({ AccountId, RoomId }))).Room;
}
async function updateRoom(AccountId: string, RoomId: string | undefined, Name?: string) {
  return (await chime.client.send(new UpdateRoomCommand({ AccountId, RoomId, Name }))).Room;
}
const deleteRoom = (AccountId: string, RoomId: string | undefined) =>
  output(chime.client.send(new DeleteRoomCommand({ AccountId, RoomId })));
const listRooms = (input: ListRoomsRequest) => output(chime.client.send(new ListRoomsCommand(input)));
const join = (AccountId: string, RoomId: string | undefined, MemberId: string) =>
  chime.client.send(new CreateRoomMembershipCommand({ AccountId, RoomId, MemberId }));

/** The names of all pages, and the number of pages. */
async function listAll(input: ListRoomsRequest): Promise<{ names: (string | undefined)[]; pages: number }> {
  const names: (string | undefined)[] = [];
  let pages = 0;
  let NextToken: string | undefined;
  do {
    const page = await listRooms({ ...input, NextToken });
    names.push(...(page.Rooms ?? []).map(({ Name }) => Name));
    NextToken = page.NextToken;
    pages += 1;
  } while (NextToken);
  return { names, pages };
}

test("a new room is found, and has no members", async () => {
  const room = await createRoom(smallAccountId, "Ward 3");
  expect(room).toEqual({
    RoomId: expect.any(String),
    Name: "Ward 3",
    AccountId: smallAccountId,
    CreatedBy: "arn:aws:iam::111122223333:user/local",
    CreatedTimestamp: expect.any(Date),
    UpdatedTimestamp: room?.CreatedTimestamp,
  });
  expect(await getRoom(smallAccountId, room?.RoomId)).toEqual(room);
  expect((await listAll({ AccountId: smallAccountId })).names).toEqual(["Reception", "Ward 3"]);
  const members = new ListRoomMembershipsCommand({ AccountId: smallAccountId, RoomId: room?.RoomId });
  expect(await output(chime.client.send(members))).toEqual({ RoomMemberships: [] });
});

test("a room's name cannot be blank", async () => {
  expect(await failure(createRoom(smallAccountId, " "))).toMatchObject(badRequest);
  expect(await failure(updateRoom(largeAccountId, roomId, ""))).toMatchObject(badRequest);
});

test("a room can be renamed, and stays the same without a name", async () => {
  const before = await getRoom(largeAccountId, roomId);
  expect(before?.Name).toBe("Dispatch");
  expect(await updateRoom(largeAccountId, roomId)).toEqual(before);
  const renamed = await updateRoom(largeAccountId, roomId, "Dispatch desk");
  expect(renamed).toEqual({ ...before, Name: "Dispatch desk", UpdatedTimestamp: expect.any(Date) });
  expect(renamed?.UpdatedTimestamp).not.toEqual(before?.UpdatedTimestamp);
  expect(await getRoom(largeAccountId, roomId)).toEqual(renamed);
});

test("a deleted room is gone, with its memberships and messages", async () => {
  expect(await deleteRoom(largeAccountId, roomId)).toEqual({});
  const errors = await failures([
    getRoom(largeAccountId, roomId),
    deleteRoom(largeAccountId, roomId),
    chime.client.send(new ListRoomMembershipsCommand({ AccountId: largeAccountId, RoomId: roomId })),
  ]);
  for (const error of errors) expect(error).toMatchObject(notFound);
  expect((await listRooms({ AccountId: largeAccountId, MemberId: SEED.botId })).Rooms).toEqual([]);
  const { messages } = JSON.parse((await chime.http("GET", "/_local/messages")).body);
  expect(messages).toHaveLength(2);
});

test("pages contain each room once, in the order of creation; 50 are the default", async () => {
  const { names } = await listAll({ AccountId: largeAccountId, MaxResults: 99 });
  expect(names).toHaveLength(120);
  expect(names[0]).toBe("Dispatch");
  expect(new Set(names).size).toBe(120);
  expect(await listAll({ AccountId: largeAccountId })).toEqual({ names, pages: 3 });
  expect(await listAll({ AccountId: largeAccountId, MaxResults: 60 })).toEqual({ names, pages: 2 });
  expect((await listAll({ AccountId: twoHundredAccountId })).names).toHaveLength(3);
});

test("99 rooms are the largest page, and a token is valid for its own listing only", async () => {
  expect(await failure(listRooms({ AccountId: largeAccountId, MaxResults: 100 }))).toMatchObject(badRequest);
  const { NextToken } = await listRooms({ AccountId: largeAccountId, MaxResults: 1 });
  for (const input of [
    { AccountId: twoHundredAccountId },
    { AccountId: largeAccountId, MemberId: SEED.botId },
  ])
    expect(await failure(listRooms({ ...input, NextToken }))).toMatchObject(badRequest);
});

test("a member's rooms are those of the account, in the order of creation", async () => {
  const MemberId = SEED.userId;
  expect((await listRooms({ AccountId: largeAccountId, MemberId })).Rooms).toEqual([]);
  const { Rooms = [] } = await listRooms({ AccountId: largeAccountId, MaxResults: 5 });
  for (const room of [Rooms[4], Rooms[1], Rooms[2]]) await join(largeAccountId, room?.RoomId, MemberId);
  const elsewhere = await createRoom(smallAccountId, "Ward 3");
  await join(smallAccountId, elsewhere?.RoomId, MemberId);
  const expected = [Rooms[1], Rooms[2], Rooms[4]].map((room) => room?.Name);
  const filter = { AccountId: largeAccountId, MemberId };
  expect(await listAll(filter)).toEqual({ names: expected, pages: 1 });
  expect(await listAll({ ...filter, MaxResults: 2 })).toEqual({ names: expected, pages: 2 });
});

test("the same ClientRequestToken gives the same room; another name with it is refused", async () => {
  const ClientRequestToken = "ward-3";
  const room = await createRoom(smallAccountId, "Ward 3", { ClientRequestToken });
  expect(await createRoom(smallAccountId, "Ward 3", { ClientRequestToken })).toEqual(room);
  expect(await failure(createRoom(smallAccountId, "Ward 4", { ClientRequestToken }))).toMatchObject(
    badRequest,
  );
  const renamed = await updateRoom(smallAccountId, room?.RoomId, "Ward 5");
  expect(await createRoom(smallAccountId, "Ward 3", { ClientRequestToken })).toEqual(renamed);
  const other = await createRoom(twoHundredAccountId, "Ward 3", { ClientRequestToken });
  expect(other?.RoomId).not.toBe(room?.RoomId);
  await deleteRoom(smallAccountId, room?.RoomId);
  const again = await createRoom(smallAccountId, "Ward 4", { ClientRequestToken });
  expect(again?.RoomId).not.toBe(room?.RoomId);
});

test("Team accounts have no rooms, and unknown accounts and rooms are not found", async () => {
  const requests = (AccountId: string) => [
    createRoom(AccountId, "Room"),
    listRooms({ AccountId }),
    updateRoom(AccountId, roomId, "Room"),
    deleteRoom(AccountId, roomId),
  ];
  for (const error of await failures(requests(teamAccountId))) expect(error).toMatchObject(forbidden);
  const unknown = await failures([
    ...requests("unknown"),
    getRoom(teamAccountId, roomId),
    getRoom("unknown", roomId),
    getRoom(smallAccountId, roomId),
    getRoom(largeAccountId, "unknown"),
    updateRoom(smallAccountId, roomId, "Room"),
  ]);
  for (const error of unknown) expect(error).toMatchObject(notFound);
});

test("with an account its rooms and the memberships of its users elsewhere are deleted", async () => {
  const { Users = [] } = await chime.client.send(new ListUsersCommand({ AccountId: smallAccountId }));
  const MemberId = Users[0]?.UserId ?? "";
  const own = await createRoom(smallAccountId, "Ward 3");
  await join(smallAccountId, own?.RoomId, SEED.userId);
  await join(largeAccountId, roomId, MemberId);
  await chime.http("POST", "/_local/messages", {
    body: { accountId: smallAccountId, conversationId: "c", count: 1 },
  });
  const count = async () => {
    const { messages } = JSON.parse((await chime.http("GET", "/_local/messages")).body);
    const { Rooms = [] } = await listRooms({ AccountId: largeAccountId, MemberId });
    return { messages: messages.length, rooms: Rooms.length };
  };
  expect(await count()).toEqual({ messages: 6, rooms: 1 });
  await chime.http("POST", "/_local/domains", { body: { accountId: smallAccountId, release: true } });
  await chime.client.send(new DeleteAccountCommand({ AccountId: smallAccountId }));
  expect(await failure(getRoom(smallAccountId, own?.RoomId))).toMatchObject(notFound);
  expect(await count()).toEqual({ messages: 5, rooms: 0 });
  // The rooms of other accounts, and their other members, stay.
  expect((await listRooms({ AccountId: largeAccountId, MemberId: SEED.botId })).Rooms).toHaveLength(1);
});
