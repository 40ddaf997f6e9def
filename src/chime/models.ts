import type {
  Account,
  Bot,
  EventsConfiguration,
  Member,
  Room,
  RoomMembership,
  TelephonySettings,
  User,
  UserSettings,
} from "@aws-sdk/client-chime";
import { constraintOf } from "../chime-api/constraints.js";
import type { Valid } from "../chime-api/types.js";

/** User ids are unique within their account only. */
export interface UserKey {
  readonly accountId: string;
  readonly userId: string;
}

/** The SDK's account, with the members that Chime's API description marks as required. */
export type ChimeAccount = Account & { AccountId: string; AwsAccountId: string; Name: string };

/** The SDK's user, with both ids. */
export type ChimeUser = User & { UserId: string; AccountId: string };

/** The SDK's room, with both ids. */
export type ChimeRoom = Room & { RoomId: string; AccountId: string };

/** The SDK's membership, with the ids of its room and member. */
export type ChimeRoomMembership = RoomMembership & {
  RoomId: string;
  AccountId: string;
  Member: Member & { MemberId: string };
};

/** The SDK's member; its AccountId may be another than the room's. */
export type ChimeMember = ChimeRoomMembership["Member"] & { RoomAccountId: string };

/** The SDK's bot, with both ids. */
export type ChimeBot = Bot & { BotId: string; AccountId: string };
export type ChimeEventsConfiguration = EventsConfiguration & { BotId: string };

/** A user's settings, with all members. */
export type ChimeUserSettings = Valid<UserSettings>;
export type ChimeTelephonySettings = Valid<TelephonySettings>;

const max = (structure: string, member: string): number =>
  constraintOf(structure, member).max ?? Number.POSITIVE_INFINITY;

/** Chime's limits. */
export const chimeLimits = {
  /** Characters of an account's name. */
  accountName: max("CreateAccountRequest", "Name"),
  /** Rows of one ListAccounts or ListUsers call. */
  pageSize: max("ListUsersRequest", "MaxResults"),
  /** Days of a retention period. */
  retentionDays: max("RoomRetentionSettings", "RetentionDays"),
} as const;
