import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchCreateRoomMembershipCommand,
  type ChimeClient,
  CreateRoomCommand,
  CreateRoomMembershipCommand,
  DeleteRoomCommand,
  DeleteRoomMembershipCommand,
} from "@aws-sdk/client-chime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { type ChimeLocal, startChimeLocal } from "../../src/chime-local/server.js";
import { openStore, type Store } from "../../src/chime-local/store/store.js";
import { createClient, failure } from "./fixture.js";

/** The rooms and members are written into the server's data file: thousands of requests would take seconds. */
let folder: string;
let server: ChimeLocal;
let client: ChimeClient;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chime-local-"));
  const dataFile = join(folder, "chime.db");
  server = await startChimeLocal({ port: 0, dataFile, users: 3 });
  client = createClient(server.url);
  store = openStore(dataFile);
});
afterAll(async () => {
  store.close();
  client.destroy();
  await server.close();
  rmSync(folder, { recursive: true });
});

const limit = { name: "ResourceLimitExceededException", status: 400, Code: "ResourceLimitExceeded" };

/** Adds records without content, named `<kind>-<n>`. */
function fill(kind: "room" | "member", count: number, save: (id: string) => void): void {
  store.transaction(() => {
    for (let n = 0; n < count; n++) save(`${kind}-${n}`);
  });
}

const createRoom = (AccountId: string, Name: string) =>
  client.send(new CreateRoomCommand({ AccountId, Name }));
const addMember = (AccountId: string, RoomId: string | undefined, MemberId: string) =>
  client.send(new CreateRoomMembershipCommand({ AccountId, RoomId, MemberId }));

test("an account has at most 1,500 rooms", async () => {
  const AccountId = SEED.largeAccountId;
  fill("room", 1380, (id) => store.collection("room").save(AccountId, id, {}));
  expect(await failure(createRoom(AccountId, "One too many"))).toMatchObject(limit);
  await client.send(new DeleteRoomCommand({ AccountId, RoomId: "room-0" }));
  expect((await createRoom(AccountId, "The last")).Room?.Name).toBe("The last");
});

test("a room has at most 1,000 members", async () => {
  const AccountId = SEED.twoHundredAccountId;
  const { Room } = await createRoom(AccountId, "Assembly");
  const ids = { AccountId, RoomId: Room?.RoomId };
  fill("member", 1000, (id) => store.collection("membership").save(ids.RoomId ?? "", id, {}));
  expect(await failure(addMember(AccountId, ids.RoomId, SEED.userId))).toMatchObject(limit);
  const batch = { ...ids, MembershipItemList: [{ MemberId: SEED.userId }] };
  expect((await client.send(new BatchCreateRoomMembershipCommand(batch))).Errors).toMatchObject([
    { MemberId: SEED.userId, ErrorCode: "ResourceLimitExceeded" },
  ]);
  await client.send(new DeleteRoomMembershipCommand({ ...ids, MemberId: "member-0" }));
  const { RoomMembership } = await addMember(AccountId, ids.RoomId, SEED.userId);
  expect(RoomMembership?.Member?.MemberId).toBe(SEED.userId);
});

test("a member is in at most 1,000 rooms, of all accounts", async () => {
  const AccountId = SEED.smallAccountId;
  const MemberId = SEED.pendingUserId;
  fill("room", 1000, (id) => store.collection("membership").save(id, MemberId, {}));
  const { Room } = await createRoom(AccountId, "Ward 3");
  expect(await failure(addMember(AccountId, Room?.RoomId, MemberId))).toMatchObject(limit);
});
