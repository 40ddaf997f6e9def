import type { Account, TelephonySettings, User, UserSettings } from "@aws-sdk/client-chime";
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

/** A user's settings, with all members. */
export type ChimeUserSettings = Valid<UserSettings>;
export type ChimeTelephonySettings = Valid<TelephonySettings>;

/** Chime's limits, from its API description of 2020-01-10. */
export const limits = {
  /** Characters of an account's name. */
  accountName: 100,
  /** Rows of one ListAccounts or ListUsers call. */
  pageSize: 200,
  /** Days of a retention period. */
  retentionDays: 5475,
} as const;
