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
import { UnfitAnswerError } from "../callErrors.js";
import { readerOf } from "../client/protocol.js";
import type { ChimeAccount, ChimeUser } from "../models.js";

export interface Kinds {
  readonly account: ChimeAccount;
  /** With what ListUsers rows have: no PersonalPIN, no InvitedOn. */
  readonly user: ChimeUser;
}

export type Kind = keyof Kinds;

/** What the cache puts into its store. */
export interface Entry {
  readonly version: string;
  readonly thing: object;
}

export function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  const { version, thing }: Partial<Record<keyof Entry, unknown>> = value;
  return typeof version === "string" && typeof thing === "object" && thing !== null;
}

const readers = {
  account: readerOf(NormalizedSchema.of(Account$)),
  user: readerOf(NormalizedSchema.of(User$)),
};

/**
 * An account or user from what a store has kept, with its dates as dates. Anybody may have written to a store that is
 * shared, and other versions of the gateway do.
 *
 * @returns undefined unless it is one that this gateway might have kept under these ids
 */
export function readThing<K extends Kind>(
  kind: K,
  accountId: string,
  id: string,
  kept: object,
): Kinds[K] | undefined {
  try {
    const thing = readers[kind](kept, kind) as Kinds[K];
    return isWhole(kind, thing) && isNamed(thing, accountId, id) ? thing : undefined;
  } catch (error) {
    if (error instanceof UnfitAnswerError) return undefined;
    throw error;
  }
}

/** The thing as it is kept; undefined if it is not to be: a value that the schema does not know could be no other's then. */
export function thingToKeep(kind: Kind, { ...thing }: Partial<ChimeUser>): object | undefined {
  delete thing.PersonalPIN;
  delete thing.InvitedOn;
  return isWhole(kind, thing) ? thing : undefined;
}

const isNamed = ({ AccountId, ...thing }: Partial<ChimeUser>, accountId: string, id: string): boolean =>
  AccountId === accountId && (thing.UserId ?? AccountId) === id;

/** Whether the schema can show it without an error, and it holds nothing that is not kept. */
function isWhole(kind: Kind, thing: Partial<ChimeAccount & ChimeUser>): boolean {
  if (thing.PersonalPIN !== undefined || thing.InvitedOn !== undefined) return false;
  const isKnown = Object.entries(enums).every(([member, values]) => {
    const value = thing[member as keyof typeof enums];
    return value === undefined || [value].flat().every((each) => values.has(each));
  });
  if (!isKnown) return false;
  if (kind === "user") return thing.UserId !== undefined;
  const groups = thing.SigninDelegateGroups ?? [];
  return (
    thing.AwsAccountId !== undefined &&
    thing.Name !== undefined &&
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
