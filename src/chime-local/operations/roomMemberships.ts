import {
  type EventsConfiguration,
  type Member,
  type MembershipItem,
  MemberType,
  RegistrationStatus,
  type RoomMembership,
  RoomMembershipRole,
} from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import { badRequest, collectError, conflict, forbidden, notFound, resourceLimit } from "../errors.js";
import type { Store, StoredUser } from "../store/store.js";
import type { StoredBot } from "./bots.js";
import { type Listing, readPage } from "./paging.js";
import { callerArn, findRoom, roomPageSize } from "./rooms.js";

/** Its owner is the room, its id the member. The member itself is looked up when it is listed. */
export interface Membership {
  readonly Role: RoomMembershipRole;
  readonly InvitedBy: string;
  readonly UpdatedTimestamp: Date;
}

/** Source: AWS General Reference, "Amazon Chime endpoints and quotas". */
const maxMembers = 1000;
const maxRoomsOfMember = 1000;

/** A user of any account of the AWS account, or a bot of the room's account. */
type FoundMember = { readonly user: StoredUser } | { readonly bot: StoredBot };

export function roomMembershipOperations(store: Store) {
  const memberships = store.collection<Membership>("membership");
  const bots = store.collection<StoredBot>("bot");
  const events = store.collection<EventsConfiguration>("events");

  /** Assumption: users of other accounts can be members. A bot can't: see AWS's User Guide, "Using chatbots". */
  function findMembers(accountId: string, memberIds: readonly string[]): Map<string, FoundMember> {
    const users = store.users.listById(memberIds);
    const found = new Map<string, FoundMember>(users.map((user) => [user.UserId, { user }]));
    for (const id of memberIds) {
      const bot = found.has(id) ? undefined : bots.find(accountId, id);
      if (bot) found.set(id, { bot });
    }
    return found;
  }

  function findMembership(accountId: string, roomId: string, memberId: string): Membership {
    findRoom(store, accountId, roomId);
    const membership = memberships.find(roomId, memberId);
    if (!membership) throw notFound("The room has no member with this MemberId.");
    return membership;
  }

  /** AWS documents that such bots cannot be added to a room. Assumption: the classes of the errors. */
  function requireRunningBot(accountId: string, { BotId, Disabled }: StoredBot, role: RoomMembershipRole) {
    if (role === RoomMembershipRole.Administrator) throw badRequest("A bot cannot be an administrator.");
    if (Disabled) throw forbidden("The bot is disabled.");
    if (!events.find(accountId, BotId)) throw forbidden("The bot has no events configuration.");
  }

  function addMember(
    accountId: string,
    roomId: string,
    { MemberId = "", Role = RoomMembershipRole.Member }: MembershipItem,
  ): RoomMembership {
    const members = findMembers(accountId, [MemberId]);
    const member = members.get(MemberId);
    if (!member) throw notFound("There is no user or bot with this MemberId.");
    if (memberships.find(roomId, MemberId)) throw conflict("The room already has this member.");
    if ("bot" in member) requireRunningBot(accountId, member.bot, Role);
    // Assumption: AWS documents that suspended users cannot use Chime, not this error.
    else if (member.user.UserRegistrationStatus === RegistrationStatus.Suspended)
      throw forbidden("The user is suspended.");
    if (memberships.count(roomId) >= maxMembers) throw resourceLimit(`The room has ${maxMembers} members.`);
    if (memberships.countById(MemberId) >= maxRoomsOfMember)
      throw resourceLimit(`The member is in ${maxRoomsOfMember} rooms.`);
    const membership: Membership = { Role, InvitedBy: callerArn, UpdatedTimestamp: store.now() };
    memberships.save(roomId, MemberId, membership);
    return describe(accountId, roomId, [{ id: MemberId, body: membership }], members)[0] ?? {};
  }

  /** Adds names and addresses as they are now. */
  function describe(
    accountId: string,
    roomId: string,
    rows: readonly { readonly id: string; readonly body: Membership }[],
    members = findMembers(
      accountId,
      rows.map(({ id }) => id),
    ),
  ): RoomMembership[] {
    return rows.map(({ id, body }) => {
      const member = members.get(id);
      return { RoomId: roomId, ...(member && { Member: memberOf(accountId, member) }), ...body };
    });
  }

  return {
    CreateRoomMembership({ AccountId, RoomId, ...item }) {
      findRoom(store, AccountId, RoomId);
      return { RoomMembership: addMember(AccountId, RoomId, item) };
    },

    /** Adds each member independently, in the order of the request. */
    BatchCreateRoomMembership({ AccountId, RoomId, MembershipItemList }) {
      findRoom(store, AccountId, RoomId);
      const Errors = MembershipItemList.flatMap((item) =>
        collectError({ MemberId: item.MemberId }, () => addMember(AccountId, RoomId, item)),
      );
      return { Errors };
    },

    /** Assumption: without a Role nothing changes. */
    UpdateRoomMembership({ AccountId, RoomId, MemberId, Role }) {
      const current = findMembership(AccountId, RoomId, MemberId);
      if (bots.find(AccountId, MemberId)) throw badRequest("The role of a bot cannot be updated.");
      const body = Role ? { ...current, Role, UpdatedTimestamp: store.now() } : current;
      memberships.save(RoomId, MemberId, body);
      const [membership] = describe(AccountId, RoomId, [{ id: MemberId, body }]);
      return { RoomMembership: membership };
    },

    /** Assumption: the last administrator can be removed, too. */
    DeleteRoomMembership({ AccountId, RoomId, MemberId }) {
      findMembership(AccountId, RoomId, MemberId);
      memberships.remove(RoomId, MemberId);
      return {};
    },

    /** Assumption: in the order of joining. */
    ListRoomMemberships({ AccountId, RoomId, MaxResults = roomPageSize, NextToken }) {
      findRoom(store, AccountId, RoomId);
      const listing: Listing = ["ListRoomMemberships", AccountId, RoomId];
      const { page, NextToken: next } = readPage(listing, { MaxResults, NextToken }, (afterSeq, limit) =>
        memberships.list(RoomId, afterSeq, limit),
      );
      return { RoomMemberships: describe(AccountId, RoomId, page), NextToken: next };
    },
  } satisfies Partial<Operations>;
}

function memberOf(accountId: string, member: FoundMember): Member {
  if ("bot" in member) {
    const { BotId, BotEmail, DisplayName } = member.bot;
    return {
      MemberId: BotId,
      MemberType: MemberType.Bot,
      Email: BotEmail,
      FullName: DisplayName,
      AccountId: accountId,
    };
  }
  const { UserId, PrimaryEmail, DisplayName, AccountId } = member.user;
  return {
    MemberId: UserId,
    MemberType: MemberType.User,
    Email: PrimaryEmail,
    FullName: DisplayName,
    AccountId,
  };
}
