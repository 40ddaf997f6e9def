import {
  CreateRoomCommand,
  CreateRoomMembershipCommand,
  DeleteRoomCommand,
  GetRoomCommand,
  ListRoomsCommand,
  NotFoundException,
  type Room,
} from "@aws-sdk/client-chime";
import type { ChimeTestClient } from "../support/chimeClient.js";
import { sendHttp } from "../support/http.js";
import type { Target, WriteCase } from "./writeCase.js";

/** A seeded Enterprise account, and one of its users: only such accounts have rooms. */
async function findPeople(chime: ChimeTestClient): Promise<Target> {
  const [account] = (await chime.accountsByPrefix("Alder University")).map(({ AccountId = "" }) => AccountId);
  const users = await chime.users(account ?? "", {}, 2);
  const active = users.find(({ UserRegistrationStatus }) => UserRegistrationStatus === "Registered");
  return { accountId: account ?? "", userId: active?.UserId ?? "" };
}

/** A new room for each write. */
async function createRoom(chime: ChimeTestClient): Promise<Target & { readonly roomId: string }> {
  const people = await findPeople(chime);
  const { Room } = await chime.send(new CreateRoomCommand({ AccountId: people.accountId, Name: "Target" }));
  return { ...people, roomId: Room?.RoomId ?? "" };
}

const roomIdsOf = ({ accountId, roomId = "" }: Target) => ({ AccountId: accountId, RoomId: roomId });

async function readRoom(chime: ChimeTestClient, target: Target): Promise<Room | undefined> {
  try {
    return (await chime.send(new GetRoomCommand(roomIdsOf(target)))).Room;
  } catch (error) {
    if (error instanceof NotFoundException) return undefined;
    throw error;
  }
}

/** Deletes the room after looking at it: an account has at most 1,500 rooms. */
const thenDelete =
  (happened: (chime: ChimeTestClient, target: Target, mark: string) => Promise<boolean>) =>
  async (chime: ChimeTestClient, target: Target, mark: string): Promise<number> => {
    const result = await happened(chime, target, mark);
    await chime.send(new DeleteRoomCommand(roomIdsOf(target))).catch((error: unknown) => {
      if (!(error instanceof NotFoundException)) throw error;
    });
    return Number(result);
  };

const addMember = (chime: ChimeTestClient, target: Target) =>
  chime.send(new CreateRoomMembershipCommand({ ...roomIdsOf(target), MemberId: target.userId }));

const roleOf = async (chime: ChimeTestClient, { accountId, roomId = "", userId }: Target) =>
  (await chime.members(accountId, roomId)).get(userId);

const idsOf = ({ accountId, roomId }: Target) => ({ accountId, roomId });

const mutationOf = (name: string) => {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${type}!) { write: ${name}(input: $input) { outcome } }`;
};

interface Message {
  readonly messageId: string;
  readonly isRedacted: boolean;
}

/** The embedded Chime's control endpoint: Chime's API neither creates nor returns messages. */
async function control<Reply>(chime: ChimeTestClient, method: string, body?: object): Promise<Reply> {
  const response = await sendHttp(method, `${chime.url}/_local/messages`, { body });
  if (response.status !== 200) throw new Error(response.body);
  return JSON.parse(response.body) as Reply;
}

async function createMessage(chime: ChimeTestClient, place: object): Promise<string> {
  const { ids } = await control<{ ids: string[] }>(chime, "POST", { ...place, count: 1 });
  return ids[0] ?? "";
}

const isRedacted = async (chime: ChimeTestClient, { messageId }: Target): Promise<boolean> => {
  const { messages } = await control<{ messages: Message[] }>(chime, "GET");
  return messages.some((message) => message.messageId === messageId && message.isRedacted);
};

const conversationId = "conversation-of-writes";

/** Rooms, memberships and messages. */
export const chatWriteCases: readonly WriteCase[] = [
  {
    operation: "CreateRoom",
    title: "CreateRoom",
    path: () => undefined,
    maxArrivals: 3,
    mutation: mutationOf("createRoom"),
    target: findPeople,
    input: ({ accountId }, mark) => ({ accountId, name: mark }),
    async happened(chime, { accountId }, mark) {
      const { Rooms = [] } = await chime.send(new ListRoomsCommand({ AccountId: accountId, MaxResults: 99 }));
      const created = Rooms.filter(({ Name }) => Name === mark);
      for (const { RoomId = "" } of created)
        await thenDelete(async () => true)(chime, { accountId, userId: "", roomId: RoomId }, mark);
      return created.length;
    },
  },
  {
    operation: "UpdateRoom",
    title: "UpdateRoom",
    mutation: mutationOf("updateRoom"),
    target: createRoom,
    input: (target, mark) => ({ ...idsOf(target), name: mark }),
    happened: thenDelete(async (chime, target, mark) => (await readRoom(chime, target))?.Name === mark),
  },
  {
    operation: "DeleteRoom",
    title: "DeleteRoom",
    mutation: mutationOf("deleteRoom"),
    target: createRoom,
    input: idsOf,
    happened: thenDelete(async (chime, target) => (await readRoom(chime, target)) === undefined),
  },
  {
    operation: "CreateRoomMembership",
    title: "CreateRoomMembership",
    mutation: mutationOf("createRoomMembership"),
    target: createRoom,
    input: (target) => ({ ...idsOf(target), memberId: target.userId }),
    happened: thenDelete(async (chime, target) => (await roleOf(chime, target)) === "Member"),
  },
  {
    operation: "BatchCreateRoomMembership",
    title: "BatchCreateRoomMembership",
    mutation: mutationOf("batchCreateRoomMembership"),
    target: createRoom,
    input: (target) => ({ ...idsOf(target), membershipItemList: [{ memberId: target.userId }] }),
    happened: thenDelete(async (chime, target) => (await roleOf(chime, target)) === "Member"),
  },
  {
    operation: "UpdateRoomMembership",
    title: "UpdateRoomMembership",
    mutation: mutationOf("updateRoomMembership"),
    target: createRoom,
    before: addMember,
    input: (target) => ({ ...idsOf(target), memberId: target.userId, role: "ADMINISTRATOR" }),
    happened: thenDelete(async (chime, target) => (await roleOf(chime, target)) === "Administrator"),
  },
  {
    operation: "DeleteRoomMembership",
    title: "DeleteRoomMembership",
    mutation: mutationOf("deleteRoomMembership"),
    target: createRoom,
    before: addMember,
    input: (target) => ({ ...idsOf(target), memberId: target.userId }),
    happened: thenDelete(async (chime, target) => (await roleOf(chime, target)) === undefined),
  },
  {
    operation: "RedactRoomMessage",
    title: "RedactRoomMessage",
    mutation: mutationOf("redactRoomMessage"),
    async target(chime) {
      const room = await createRoom(chime);
      return { ...room, messageId: await createMessage(chime, idsOf(room)) };
    },
    input: ({ messageId, ...target }) => ({ ...idsOf(target), messageId }),
    happened: thenDelete(isRedacted),
  },
  {
    operation: "RedactConversationMessage",
    title: "RedactConversationMessage",
    path: () => undefined,
    mutation: mutationOf("redactConversationMessage"),
    async target(chime) {
      const people = await findPeople(chime);
      const place = { accountId: people.accountId, conversationId };
      return { ...people, messageId: await createMessage(chime, place) };
    },
    input: ({ accountId, messageId }) => ({ accountId, conversationId, messageId }),
    happened: async (chime, target) => Number(await isRedacted(chime, target)),
  },
];
