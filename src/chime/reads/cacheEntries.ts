import {
  Account$,
  AccountStatus,
  AccountType,
  InviteStatus,
  License,
  RegistrationStatus,
  User$,
  UserType,
} from "@aws-sdk/client-chime";
import { NormalizedSchema } from "@smithy/core/schema";
import { z } from "zod";
import { MalformedResponseError } from "../callErrors.js";
import { readerOf } from "../client/protocol.js";
import type { ChimeAccount, ChimeUser } from "../models.js";
import type { UserSummary } from "./userWalk.js";

export interface Kinds {
  readonly account: ChimeAccount;
  /** The fields of ListUsers rows: no PersonalPIN, no InvitedOn. */
  readonly user: ChimeUser;
  /** The summary of an account's users; its id is the account's. */
  readonly summary: UserSummary;
}

export type Kind = keyof Kinds;

/** A stored value. */
export interface Entry {
  readonly version: string;
  readonly value: object;
}

export function isEntry(stored: unknown): stored is Entry {
  if (typeof stored !== "object" || stored === null) return false;
  const { version, value }: Partial<Record<keyof Entry, unknown>> = stored;
  return typeof version === "string" && typeof value === "object" && value !== null;
}

const count = z.int().nonnegative();
const countsOf = <Values extends Readonly<Record<string, string>>>(values: Values) =>
  z.array(z.strictObject({ value: z.enum(values).nullable(), count }));
const summary: z.ZodType<UserSummary> = z.strictObject({
  AccountId: z.string(),
  scannedCount: count,
  isComplete: z.boolean(),
  counts: z.strictObject({
    LicenseType: countsOf(License),
    UserRegistrationStatus: countsOf(RegistrationStatus),
    UserType: countsOf(UserType),
    UserInvitationStatus: countsOf(InviteStatus),
  }),
});

const readers: Readonly<Record<Kind, (stored: unknown, kind: string) => unknown>> = {
  account: readerOf(NormalizedSchema.of(Account$)),
  user: readerOf(NormalizedSchema.of(User$)),
  summary: (stored) => stored,
};

/**
 * Reads an account or user from a store that others may write to, such as other versions of the gateway.
 *
 * @returns undefined unless this gateway could have stored the value under these ids
 */
export function readCached<K extends Kind>(
  kind: K,
  accountId: string,
  id: string,
  stored: object,
): Kinds[K] | undefined {
  try {
    const value = readers[kind](stored, kind) as Kinds[K];
    return isValid(kind, value) && hasIds(value, accountId, id) ? value : undefined;
  } catch (error) {
    if (error instanceof MalformedResponseError) return undefined;
    throw error;
  }
}

/** The value to store; undefined if the schema could not represent it. */
export function cacheableValue(kind: Kind, { ...value }: Partial<ChimeUser>): object | undefined {
  delete value.PersonalPIN;
  delete value.InvitedOn;
  return isValid(kind, value) ? value : undefined;
}

const hasIds = ({ AccountId, UserId }: Partial<ChimeUser>, accountId: string, id: string): boolean =>
  AccountId === accountId && (UserId ?? AccountId) === id;

/** Whether the schema can represent the value without an error, and it has no field that is never stored. */
function isValid(kind: Kind, value: Partial<ChimeAccount & ChimeUser>): boolean {
  if (kind === "summary") return summary.safeParse(value).success;
  if (value.PersonalPIN !== undefined || value.InvitedOn !== undefined) return false;
  const isKnown = Object.entries(enums).every(([member, values]) => {
    const found = value[member as keyof typeof enums];
    return found === undefined || [found].flat().every((each) => values.has(each));
  });
  if (!isKnown) return false;
  if (kind === "user") return value.UserId !== undefined;
  const groups = value.SigninDelegateGroups ?? [];
  return (
    value.AwsAccountId !== undefined &&
    value.Name !== undefined &&
    groups.every(({ GroupName }) => GroupName !== undefined)
  );
}

const valuesOf = (values: Readonly<Record<string, string>>): ReadonlySet<string> =>
  new Set(Object.values(values));

const enums = {
  AccountStatus: valuesOf(AccountStatus),
  AccountType: valuesOf(AccountType),
  DefaultLicense: valuesOf(License),
  LicenseType: valuesOf(License),
  SupportedLicenses: valuesOf(License),
  UserInvitationStatus: valuesOf(InviteStatus),
  UserRegistrationStatus: valuesOf(RegistrationStatus),
  UserType: valuesOf(UserType),
};
