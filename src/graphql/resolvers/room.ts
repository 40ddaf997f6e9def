import { randomUUID } from "node:crypto";
import { Room$ } from "@aws-sdk/client-chime";
import type { FieldNode, GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { ChimeRoom, ChimeRoomMembership, UserKey } from "../../chime/models.js";
import { defineEntity, defineList } from "../../chime/reads/definitions.js";
import type { Loaders } from "../../chime/reads/loaders.js";
import { createRequest } from "../../chime-api/requests.js";
import type {
  AccountResolvers,
  AccountRoomsArgs,
  CreateRoomInput,
  DeleteRoomInput,
  MutationResolvers,
  QueryResolvers,
  RoomResolvers,
  UpdateRoomInput,
  UserResolvers,
} from "../../generated/schema.js";
import { type PageArguments, readPage } from "./shared/connections.js";
import type { Context } from "./shared/context.js";
import { plainFields } from "./shared/derived.js";
import { referenceTo } from "./shared/entityKeys.js";
import { type KeyOf, roomGlobalId } from "./shared/globalId.js";
import { type Prefetches, prefetch } from "./shared/lookahead.js";
import { accountNotFound, enterpriseOnly, type MutationRules, runMutation } from "./shared/mutation.js";
import { outcomeAndErrors, written } from "./shared/payloads.js";
import { unlessOfTeam, unlessTeam } from "./shared/teamAccounts.js";
import { chimeId, idempotencyToken, roomIds, roomName, validate } from "./shared/validation.js";

export type RoomKey = KeyOf<"Room">;

const rooms = defineList("ListRooms", {
  from: ({ Rooms }) => Rooms as ChimeRoom[] | undefined,
  idOf: ({ RoomId }) => RoomId,
});
const room = defineEntity<"GetRoom", ChimeRoom, "ListRooms", RoomKey>(
  "GetRoom",
  { from: ({ Room }) => Room as ChimeRoom | undefined },
  { definition: rooms },
);
export const memberships = defineList("ListRoomMemberships", {
  from: ({ RoomMemberships }) => RoomMemberships as ChimeRoomMembership[] | undefined,
  idOf: ({ Member }) => Member?.MemberId,
});

const roomFilter = z.looseObject({ memberId: chimeId.nullish() });

export async function readRooms(accountId: string, args: Partial<AccountRoomsArgs>, loaders: Loaders) {
  const { memberId = null } = validate(roomFilter, args);
  return readPage(rooms, { accountId, memberId }, args, loaders);
}

const readMemberships = ({ accountId, roomId }: RoomKey, args: PageArguments, loaders: Loaders) =>
  readPage(memberships, { accountId, roomId }, args, loaders);

const prefetches: Prefetches<RoomKey> = {
  memberships: (key, args, { loaders }) => readMemberships(key, args, loaders),
};

/** Loads a room together with what needs only its ids. */
export async function readRoom(
  { accountId, roomId }: RoomKey,
  context: Context,
  info: GraphQLResolveInfo,
  fields?: readonly FieldNode[],
) {
  const key = validate(roomIds, { accountId, roomId });
  prefetch("Room", prefetches, key, context, info, fields);
  return context.loaders.one(room, key);
}

export const roomQueries = {
  room: (_parent, key, context, info) => readRoom(key, context, info),
} satisfies Partial<QueryResolvers>;

const newRoom: MutationRules<CreateRoomInput> = {
  rules: z.looseObject({
    accountId: chimeId,
    name: roomName,
    clientRequestToken: idempotencyToken.nullish(),
  }),
  fieldErrors: {
    ...enterpriseOnly,
    NotFound: accountNotFound,
    BadRequest: [
      {
        message: "Chime rejected the name, or the clientRequestToken belongs to a room with another name.",
        appliesTo: ({ clientRequestToken: token }) => token != null,
      },
      { field: "name", message: "was rejected by Chime" },
    ],
    ResourceLimitExceeded: { field: "accountId", message: "is the id of an account with too many rooms" },
  },
};
const roomChange: MutationRules<UpdateRoomInput> = {
  rules: roomIds.extend({ name: roomName }),
  fieldErrors: { ...enterpriseOnly, BadRequest: { field: "name", message: "was rejected by Chime" } },
};
const roomDeletion: MutationRules<DeleteRoomInput> = { rules: roomIds, fieldErrors: enterpriseOnly };

export const roomMutations = {
  createRoom: (_parent, { input }, context) =>
    runMutation(context, newRoom, input, ({ accountId, name, clientRequestToken }) => {
      const token = clientRequestToken ?? randomUUID();
      const request = createRequest("CreateRoom", { accountId, name, clientRequestToken: token });
      return context.writes.object(room, "CreateRoom", request, ({ Room }) => ({
        accountId,
        roomId: Room?.RoomId,
      }));
    }),

  updateRoom: (_parent, { input }, context) =>
    runMutation(context, roomChange, input, (valid) =>
      context.writes.object(room, "UpdateRoom", createRequest("UpdateRoom", valid), () => valid),
    ),

  deleteRoom: (_parent, { input }, context) =>
    runMutation(context, roomDeletion, input, async (valid) => {
      await context.writes.run("DeleteRoom", createRequest("DeleteRoom", valid));
      return roomGlobalId(valid);
    }),
} satisfies Partial<MutationResolvers>;

export const accountRooms = {
  rooms: (account, args, { loaders }) =>
    unlessTeam(account, () => readRooms(account.AccountId, args, loaders)),
  room: (account, { roomId }, context, info) =>
    unlessTeam(account, () => readRoom({ accountId: account.AccountId, roomId }, context, info)),
} satisfies Partial<AccountResolvers>;

export const readRoomsOf = (
  { accountId, userId }: UserKey,
  args: Partial<AccountRoomsArgs>,
  loaders: Loaders,
) => unlessOfTeam(accountId, loaders, () => readRooms(accountId, { ...args, memberId: userId }, loaders));

export const userRooms = {
  rooms: ({ AccountId: accountId, UserId: userId }, args, { loaders }) =>
    readRoomsOf({ accountId, userId }, args, loaders),
} satisfies Partial<UserResolvers>;

const keyOf = ({ AccountId: accountId, RoomId: roomId }: ChimeRoom): RoomKey => ({ accountId, roomId });

export const Room: RoomResolvers = {
  ...plainFields<ChimeRoom>(Room$),
  __resolveReference: referenceTo("Room", readRoom),
  id: (source) => roomGlobalId(keyOf(source)),
  account: ({ AccountId }, _args, { loaders }) => loaders.accountById.load(AccountId),
  memberships: (source, args, { loaders }) => readMemberships(keyOf(source), args, loaders),
};

/** The payload of every mutation that returns a room. */
export const roomPayload = { ...outcomeAndErrors, room: written(readRoom) };
