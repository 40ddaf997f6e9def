import {
  type MembershipItem as ChimeMembershipItem,
  Member$,
  MemberType,
  RoomMembership$,
  RoomMembershipRole,
  type RoomMembership as SdkRoomMembership,
} from "@aws-sdk/client-chime";
import { z } from "zod";
import { malformedResponse } from "../../chime/errors.js";
import { mismatchError } from "../../chime/identity.js";
import type { ChimeMember, ChimeRoomMembership } from "../../chime/models.js";
import type { Loaders } from "../../chime/reads/loaders.js";
import { type BulkWrite, resultsByFailure, type WriteKey } from "../../chime/writes/writes.js";
import { createRequest } from "../../chime-api/requests.js";
import type {
  BatchCreateRoomMembershipInput,
  BatchCreateRoomMembershipPayloadResolvers,
  BatchCreateRoomMembershipResultResolvers,
  CreateRoomMembershipInput,
  CreateRoomMembershipPayloadResolvers,
  DeleteRoomMembershipInput,
  DeleteRoomMembershipPayloadResolvers,
  MemberResolvers,
  MembershipItem,
  MutationResolvers,
  RoomMembershipResolvers,
  UpdateRoomMembershipInput,
} from "../../generated/schema.js";
import { readBot } from "./bot.js";
import { memberships, type RoomKey, readRoom } from "./room.js";
import { type BulkRules, conflictsBy, type ReadMembership, runBulkMutation } from "./shared/bulkMutation.js";
import { readPage } from "./shared/connections.js";
import type { Context } from "./shared/context.js";
import { plainFields } from "./shared/derived.js";
import { type MembershipKey, membershipGlobalId } from "./shared/globalId.js";
import {
  enterpriseOnly,
  type FieldError,
  type MutationRules,
  readBack,
  rejected,
  runMutation,
} from "./shared/mutation.js";
import { itemOutcome, outcomeAndErrors, outcomeAndResults, written } from "./shared/payloads.js";
import { chimeId, itemList, maxPageSize, roomIds } from "./shared/validation.js";
import { readUser } from "./user.js";

const membershipIds = roomIds.extend({ memberId: chimeId });
const onlyMember = {
  field: "role",
  message: "must be MEMBER for a bot",
  appliesTo: ({ role }: { role?: string | null | undefined }) => role === RoomMembershipRole.Administrator,
} as const;
/** Chime limits both. */
const tooMany = {
  message: "The room has 1,000 members already, or the member is in 1,000 rooms already.",
} as const;

const rejectedMember: FieldError<MembershipItem>[] = [onlyMember, { field: "memberId", message: rejected }];

const newMembership: MutationRules<CreateRoomMembershipInput> = {
  rules: membershipIds,
  fieldErrors: {
    Conflict: { field: "memberId", message: "is a member of the room already" },
    BadRequest: rejectedMember,
    ResourceLimitExceeded: tooMany,
    Forbidden: {
      message:
        "The account is not an Enterprise account, or the member is a suspended user, a disabled bot or a bot without an events configuration.",
    },
  },
};
const roleChange: MutationRules<UpdateRoomMembershipInput> = {
  rules: membershipIds,
  fieldErrors: {
    ...enterpriseOnly,
    BadRequest: { field: "memberId", message: "is the id of a bot, whose role cannot change" },
  },
};
const removal: MutationRules<DeleteRoomMembershipInput> = {
  rules: membershipIds,
  fieldErrors: enterpriseOnly,
};

const newMemberships: BulkRules<BatchCreateRoomMembershipInput, "membershipItemList", MembershipItem> = {
  rules: roomIds.extend({ membershipItemList: itemList(z.unknown()) }),
  list: "membershipItemList",
  fieldErrors: enterpriseOnly,
  itemRules: z.looseObject({ memberId: chimeId }),
  itemFieldErrors: {
    NotFound: { field: "memberId", message: "is not the id of a user, or of a bot of the account" },
    Conflict: newMembership.fieldErrors.Conflict as { message: string },
    BadRequest: rejectedMember,
    ResourceLimitExceeded: tooMany,
    Forbidden: {
      field: "memberId",
      message: "is the id of a suspended user, a disabled bot or a bot without an events configuration",
    },
  },
  findConflicts: conflictsBy("memberId", ({ role }) => role ?? "Member"),
};

/**
 * Chime's response names the members that were not added. The others are found in the room's list, which is read once, if
 * one of them is selected.
 */
function batchCreateMemberships(
  key: RoomKey,
  loaders: Loaders,
): BulkWrite<"BatchCreateRoomMembership", ChimeMembershipItem, ReadMembership> {
  let byMember: Promise<ReadonlyMap<string | undefined, ChimeRoomMembership>> | undefined;
  const readAll = async () => {
    // A room has at most a thousand members.
    const { nodes } = await readPage(memberships, key, { first: maxPageSize }, loaders);
    return new Map(nodes.map((each) => [each.Member?.MemberId, each]));
  };
  const idOf = ({ MemberId = "" }: ChimeMembershipItem) => MemberId;
  return {
    operation: "BatchCreateRoomMembership",
    list: "MembershipItemList",
    keyOf: idOf,
    readResults: ({ Errors = [] }, items) =>
      resultsByFailure(
        items,
        Errors.map(({ MemberId: id, ErrorCode: code }) => ({ id, code })),
        idOf,
        (item) => async () => {
          byMember ??= readAll();
          return (await byMember).get(idOf(item)) ?? null;
        },
      ),
  };
}

/** The membership that Chime has confirmed; an error if its response does not contain it. */
function membershipOf(
  operation: "CreateRoomMembership" | "UpdateRoomMembership",
  found: SdkRoomMembership | undefined,
  { accountId, roomId, memberId }: MembershipKey,
): WriteKey<ChimeRoomMembership> {
  const MemberId = found?.Member?.MemberId;
  if (!MemberId) return malformedResponse(operation, "RoomMembership.Member.MemberId");
  const requested = { RoomId: roomId, MemberId: memberId };
  const mismatch = mismatchError(operation, { RoomId: found.RoomId, MemberId }, requested);
  return mismatch ?? (Object.assign(found, { AccountId: accountId, RoomId: roomId }) as ChimeRoomMembership);
}

export const roomMembershipMutations = {
  createRoomMembership: (_parent, { input }, context) =>
    runMutation(context, newMembership, input, async (valid) => {
      const request = createRequest("CreateRoomMembership", valid);
      const { RoomMembership } = await context.writes.run("CreateRoomMembership", request);
      return membershipOf("CreateRoomMembership", RoomMembership, valid);
    }),

  batchCreateRoomMembership: (_parent, { input }, context) =>
    runBulkMutation(context, newMemberships, input, (valid, items) => {
      const { MembershipItemList = [], ...room } = createRequest("BatchCreateRoomMembership", {
        ...valid,
        membershipItemList: items,
      });
      return context.writes.bulk(batchCreateMemberships(valid, context.loaders), room, MembershipItemList);
    }),

  updateRoomMembership: (_parent, { input }, context) =>
    runMutation(context, roleChange, input, async (valid) => {
      const request = createRequest("UpdateRoomMembership", valid);
      const { RoomMembership } = await context.writes.run("UpdateRoomMembership", request);
      return membershipOf("UpdateRoomMembership", RoomMembership, valid);
    }),

  deleteRoomMembership: (_parent, { input }, context) =>
    runMutation(context, removal, input, async (valid) => {
      await context.writes.run("DeleteRoomMembership", createRequest("DeleteRoomMembership", valid));
      return valid;
    }),
} satisfies Partial<MutationResolvers>;

export const RoomMembership: RoomMembershipResolvers = {
  ...plainFields<ChimeRoomMembership>(RoomMembership$),
  id: ({ AccountId: accountId, RoomId: roomId, Member: { MemberId: memberId } }) =>
    membershipGlobalId({ accountId, roomId, memberId }),
  room: ({ AccountId: accountId, RoomId: roomId }, _args, context, info) =>
    readRoom({ accountId, roomId }, context, info),
  member: ({ AccountId, Member }, _args, { sees }) =>
    visibleMember({ ...Member, RoomAccountId: AccountId }, sees),
};

/** Users of other accounts can be members: of an account that the caller may not see, only the ids in the room remain. */
function visibleMember(member: ChimeMember, sees: Context["sees"]): ChimeMember {
  const { MemberId, MemberType: type, RoomAccountId, AccountId } = member;
  // Bots and webhooks belong to the room's account.
  if (sees(AccountId ?? (type === MemberType.User ? undefined : RoomAccountId))) return member;
  return { MemberId, MemberType: type, RoomAccountId };
}

export const Member: MemberResolvers = {
  ...plainFields<ChimeMember>(Member$),
  user: ({ AccountId: accountId, MemberId: userId, MemberType: type }, _args, context, info) =>
    accountId && type === MemberType.User ? readUser({ accountId, userId }, context, info) : null,
  bot: ({ RoomAccountId: accountId, MemberId: botId, MemberType: type }, _args, context, info) =>
    type === MemberType.Bot ? readBot({ accountId, botId }, context, info) : null,
};

export const membershipPayload: CreateRoomMembershipPayloadResolvers = {
  ...outcomeAndErrors,
  roomMembership: written((membership: ChimeRoomMembership) => membership),
};

export const BatchCreateRoomMembershipPayload: BatchCreateRoomMembershipPayloadResolvers = {
  ...outcomeAndResults,
  roomMemberships: ({ results }) =>
    results.flatMap(({ value }) => (value ? [readBack(value, (read) => read())] : [])),
  memberErrors: ({ results }) =>
    results.flatMap(({ index, item: { memberId }, error }) =>
      error ? [{ index, memberId, errorCode: error.code, errorMessage: error.summary }] : [],
    ),
};

export const BatchCreateRoomMembershipResult: BatchCreateRoomMembershipResultResolvers = {
  ...itemOutcome,
  memberId: ({ item }) => item.memberId,
  roomMembership: ({ value }) => readBack(value, (read) => read()),
};

export const DeleteRoomMembershipPayload: DeleteRoomMembershipPayloadResolvers = {
  ...outcomeAndErrors,
  deletedId: ({ value }) => value && membershipGlobalId(value),
  room: written(readRoom),
};
