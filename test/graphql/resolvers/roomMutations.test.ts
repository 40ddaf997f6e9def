import { GetRoomCommand, ListRoomsCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { roomGlobalId } from "../../../src/graphql/resolvers/shared/globalId.js";
import { useHarness } from "../../support/fixture.js";
import { write } from "../../support/writes.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
/** Where an attempt may take half a second. */
const hasty = useHarness({ CHIME_LOCAL_USERS: "3", WRITE_DEADLINE_MS: "2000" });
const { largeAccountId, teamAccountId, twoHundredAccountId, roomId } = SEED;
const ids = { accountId: largeAccountId, roomId };
const dispatch = `accountId: "${largeAccountId}", roomId: "${roomId}"`;

describe("createRoom", () => {
  const create = (input: object) => write(harness, "createRoom", input, "room { roomId name accountId }");

  test("creates a room without members, and returns it without a further call", async () => {
    const { outcome, room, errors } = await create({ accountId: largeAccountId, name: " Night desk " });

    expect([outcome, room.name, errors]).toEqual(["DONE", "Night desk", []]);
    expect(await harness.calls()).toEqual({ CreateRoom: 1 });
    const request = new GetRoomCommand({ AccountId: largeAccountId, RoomId: room.roomId });
    expect((await harness.chime.send(request)).Room?.Name).toBe("Night desk");
  });

  test.each(["reset-after", "500", "truncate"])(
    "creates one room if the response is lost (%s): it is sent again",
    async (kind) => {
      await harness.fault({ operation: "CreateRoom", kind, next: 2 });
      const { outcome, room } = await create({ accountId: twoHundredAccountId, name: "Once" });

      expect([outcome, room?.name]).toEqual(["DONE", "Once"]);
      expect(await harness.calls()).toEqual({ CreateRoom: 3 });
      const { Rooms = [] } = await harness.chime.send(
        new ListRoomsCommand({ AccountId: twoHundredAccountId }),
      );
      expect(Rooms.filter(({ Name }) => Name === "Once")).toHaveLength(1);
    },
  );

  test.each([
    ["creates the room", 1, "DONE"],
    ["leaves the outcome unknown if that gets no response either", 2, "UNKNOWN"],
  ])("is sent again if an attempt gets no response in time, which %s", async (_what, next, outcome) => {
    await hasty.fault({ operation: "CreateRoom", kind: "hang", next });
    const { data, extensions } = await hasty.ask(
      `mutation { createRoom(input: { accountId: "${twoHundredAccountId}", name: "Once" }) { outcome } }`,
      {},
      { "x-chime-trace": "1" },
    );

    expect(data.createRoom).toEqual({ outcome });
    expect(await hasty.calls()).toEqual({ CreateRoom: 2 });
    expect(extensions?.chime).toMatchObject({ calls: [{ operation: "CreateRoom", count: 2 }] });
  });

  test("can be repeated with the same token after an unknown outcome", async () => {
    const input = { accountId: twoHundredAccountId, name: "Again", clientRequestToken: "token-1" };
    await harness.fault({ operation: "CreateRoom", kind: "reset-after", next: 3 });
    const lost = await create(input);
    const found = await create(input);

    expect(lost).toMatchObject({ outcome: "UNKNOWN", room: null, errors: [{ code: "OUTCOME_UNKNOWN" }] });
    expect(found).toMatchObject({ outcome: "DONE", room: { name: "Again" } });
    const { Rooms = [] } = await harness.chime.send(new ListRoomsCommand({ AccountId: twoHundredAccountId }));
    expect(Rooms.filter(({ Name }) => Name === "Again")).toHaveLength(1);
    expect(await create({ ...input, name: "Other" })).toMatchObject({
      outcome: "NOT_DONE",
      errors: [{ code: "BAD_REQUEST", path: null }],
    });
  });

  test.each([
    ["a blank name", { name: " " }, "BAD_REQUEST", ["name"], {}],
    ["a malformed token", { clientRequestToken: "a b" }, "BAD_REQUEST", ["clientRequestToken"], {}],
    ["a malformed id", { accountId: "a/b" }, "BAD_REQUEST", ["accountId"], {}],
    ["a Team account", { accountId: teamAccountId }, "FORBIDDEN", ["accountId"], { CreateRoom: 1 }],
    ["an unknown account", { accountId: "nothing" }, "NOT_FOUND", ["accountId"], { CreateRoom: 1 }],
  ])("reports %s at its field", async (_what, input, code, path, calls) => {
    const payload = await create({ accountId: largeAccountId, name: "Room", ...input });

    expect(payload).toMatchObject({ outcome: "NOT_DONE", room: null, errors: [{ code, path }] });
    expect(await harness.calls()).toEqual(calls);
  });
});

describe("updateRoom", () => {
  const update = (input: object) =>
    write(harness, "updateRoom", input, "room { name memberships { nodes { role } } }");

  test("renames the room, and reads only what its response lacks", async () => {
    const { outcome, room } = await update({ ...ids, name: "Control" });

    expect([outcome, room.name]).toEqual(["DONE", "Control"]);
    expect(await harness.calls()).toEqual({ UpdateRoom: 1, ListRoomMemberships: 1 });
  });

  test.each([
    ["a blank name", { name: "\u200b" }, "BAD_REQUEST", ["name"]],
    ["an unknown room", { roomId: "nothing" }, "NOT_FOUND", null],
    ["a Team account", { accountId: teamAccountId }, "FORBIDDEN", ["accountId"]],
  ])("reports %s", async (_what, input, code, path) => {
    expect(await update({ ...ids, name: "Control", ...input })).toMatchObject({
      outcome: "NOT_DONE",
      room: null,
      errors: [{ code, path }],
    });
  });
});

describe("deleteRoom", () => {
  const remove = (input: object) => write(harness, "deleteRoom", input, "deletedId");

  test("deletes the room, and returns its global id", async () => {
    expect(await remove(ids)).toEqual({ outcome: "DONE", deletedId: roomGlobalId(ids), errors: [] });
    expect(await harness.ask(`{ room(${dispatch}) { name } }`)).toEqual({ data: { room: null } });
    expect(await remove(ids)).toMatchObject({ outcome: "NOT_DONE", errors: [{ code: "NOT_FOUND" }] });
  });

  test.each([
    ["a malformed id", { roomId: "../x" }, "BAD_REQUEST", ["roomId"]],
    ["a Team account", { accountId: teamAccountId }, "FORBIDDEN", ["accountId"]],
  ])("reports %s at its field", async (_what, input, code, path) => {
    expect(await remove({ ...ids, ...input })).toMatchObject({
      outcome: "NOT_DONE",
      deletedId: null,
      errors: [{ code, path }],
    });
  });

  test("is UNKNOWN if the response is lost, and is not repeated", async () => {
    await harness.fault({ operation: "DeleteRoom", kind: "reset-after" });

    expect(await remove(ids)).toMatchObject({ outcome: "UNKNOWN", deletedId: null });
    expect(await harness.calls()).toEqual({ DeleteRoom: 1 });
  });
});
