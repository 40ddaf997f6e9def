import type { InviteStatus, License, RegistrationStatus, User, UserType } from "@aws-sdk/client-chime";
import { foldCase } from "./emailPlan.js";

/** Conditions on users that Chime cannot filter by. A user meets all that are given; of a list, any value. */
export interface UserFilter {
  readonly licenseTypes?: readonly License[] | null | undefined;
  readonly userTypes?: readonly UserType[] | null | undefined;
  readonly userRegistrationStatuses?: readonly RegistrationStatus[] | null | undefined;
  readonly userInvitationStatuses?: readonly InviteStatus[] | null | undefined;
  readonly displayNameContains?: string | null | undefined;
  readonly primaryEmailContains?: string | null | undefined;
  readonly emailDomain?: string | null | undefined;
  readonly registeredBefore?: Date | null | undefined;
  readonly registeredAfter?: Date | null | undefined;
  readonly hasPhoneNumber?: boolean | null | undefined;
}

type Condition = (user: User) => boolean;

const isAscii = /^[\0-\x7f]*$/;

/**
 * Equal for texts that differ in letter case only, or in how letters with marks are encoded: ς is Σ, ß is SS, and both of
 * Turkish's i are I. Lists have tens of thousands of names, most of them ASCII.
 */
const foldText = (text: string): string =>
  isAscii.test(text)
    ? text.toUpperCase()
    : // Upper case alone would leave ẞ.
      text.normalize("NFKC").toLowerCase().toUpperCase().replaceAll("I\u0307", "I").normalize("NFC");

const conditions: {
  readonly [Name in keyof UserFilter]-?: (wanted: NonNullable<UserFilter[Name]>) => Condition;
} = {
  licenseTypes: isAnyOf("LicenseType"),
  userTypes: isAnyOf("UserType"),
  userRegistrationStatuses: isAnyOf("UserRegistrationStatus"),
  userInvitationStatuses: isAnyOf("UserInvitationStatus"),
  displayNameContains: contains("DisplayName"),
  primaryEmailContains: contains("PrimaryEmail"),
  emailDomain(domain) {
    // Not as texts: straße.de and strasse.de are two domains.
    const end = foldCase(`@${domain}`);
    return ({ PrimaryEmail }) => foldCase(PrimaryEmail ?? "").endsWith(end);
  },
  registeredBefore:
    (time) =>
    ({ RegisteredOn }) =>
      RegisteredOn !== undefined && RegisteredOn < time,
  registeredAfter:
    (time) =>
    ({ RegisteredOn }) =>
      RegisteredOn !== undefined && RegisteredOn > time,
  hasPhoneNumber:
    (isWanted) =>
    ({ PrimaryProvisionedNumber }) =>
      Boolean(PrimaryProvisionedNumber) === isWanted,
};

function isAnyOf<Member extends keyof User>(member: Member) {
  return (wanted: readonly User[Member][]): Condition =>
    (user) =>
      wanted.includes(user[member]);
}

function contains(member: "DisplayName" | "PrimaryEmail") {
  return (part: string): Condition => {
    const folded = foldText(part);
    return (user) => foldText(user[member] ?? "").includes(folded);
  };
}

const namesOf = (filter: UserFilter) =>
  (Object.keys(conditions) as (keyof UserFilter)[]).filter((name) => filter[name] != null);

/** @returns whether a user meets all conditions */
export function createMatcher(filter: UserFilter): Condition {
  const given = namesOf(filter).map((name) => conditions[name](filter[name] as never));
  return (user) => given.every((isMet) => isMet(user));
}

/** Equal for equal filters, whatever the order of their members. */
export const filterKey = (filter: UserFilter): readonly unknown[] =>
  namesOf(filter).map((name) => {
    const wanted = filter[name];
    return [name, Array.isArray(wanted) ? [...new Set(wanted)].toSorted() : wanted];
  });
