import {
  AccountStatus,
  AccountType,
  InviteStatus,
  License,
  RegistrationStatus,
  UserType,
} from "@aws-sdk/client-chime";
import { idOf, pinOf } from "./ids.js";
import { personOf, phoneOf } from "./people.js";
import { awsAccountId } from "./store/accounts.js";
import type { Store } from "./store/store.js";
import type { StoredUser } from "./store/users.js";

/** Users of the large account: more would take minutes to make. */
export const maxUsers = 1_000_000;

interface AccountSeed {
  readonly name: string;
  readonly domain: string;
  readonly type: AccountType;
  readonly status?: AccountStatus;
  readonly defaultLicense: License;
  readonly supportedLicenses: readonly License[];
  readonly groups?: readonly string[];
  /** Number of users; the large account's is set at the start. */
  readonly users: number | "large";
}

/** A seeded account as its users see it. */
interface SeededAccount extends AccountSeed {
  readonly accountId: string;
  /** Its place in the seed. */
  readonly index: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

const { Basic, Plus, Pro, ProTrial } = License;
const teamDomain = "harborstreet.example.com";

/** In the order of creation: the nth has the id `idOf("seeded-account", n)`. The domains are reserved for examples. */
const accountSeeds: readonly AccountSeed[] = [
  {
    name: "Harbor Street Studio",
    domain: teamDomain,
    type: AccountType.Team,
    defaultLicense: Pro,
    supportedLicenses: [Basic, Pro],
    users: 16,
  },
  {
    name: "Meridian Logistics",
    domain: "meridian.example.com",
    type: AccountType.EnterpriseDirectory,
    defaultLicense: Pro,
    supportedLicenses: [Basic, Plus, Pro, ProTrial],
    groups: ["executive-assistants", "front-desk"],
    users: "large",
  },
  {
    name: "Alder University",
    domain: "alder.example.org",
    type: AccountType.EnterpriseLWA,
    defaultLicense: Plus,
    supportedLicenses: [Basic, Plus, Pro],
    groups: ["faculty-office"],
    users: 200,
  },
  {
    name: "Meadow Clinic",
    domain: "meadow.example.org",
    type: AccountType.EnterpriseOIDC,
    defaultLicense: Basic,
    supportedLicenses: [Basic, Pro, ProTrial],
    groups: ["reception"],
    users: 5,
  },
  {
    name: "Cedar Workshop",
    domain: "cedar.example.net",
    type: AccountType.Team,
    defaultLicense: Pro,
    supportedLicenses: [Basic, Pro],
    users: 0,
  },
  {
    name: "Quarry Press",
    domain: "quarry.example.net",
    type: AccountType.Team,
    status: AccountStatus.Suspended,
    defaultLicense: Basic,
    supportedLicenses: [Basic, Pro],
    users: 3,
  },
];

/** What is in the seed for everybody to use. Users are those of the Team account. */
export const SEED = {
  awsAccountId,
  /** Team, 16 users of every sort. */
  teamAccountId: idOf("seeded-account", 0),
  /** EnterpriseDirectory, all four licenses, as many users as the server was started with. */
  largeAccountId: idOf("seeded-account", 1),
  /** EnterpriseLWA, 200 users: one page of the largest size. */
  twoHundredAccountId: idOf("seeded-account", 2),
  /** EnterpriseOIDC, 5 users. */
  smallAccountId: idOf("seeded-account", 3),
  /** Team, without users. */
  emptyAccountId: idOf("seeded-account", 4),
  /** Team, AccountStatus Suspended, 3 users. */
  suspendedAccountId: idOf("seeded-account", 5),

  /** Registered, with every field that a person can have. */
  userId: seededUserId(0, 0),
  userEmail: personOf(0, teamDomain).email,
  pendingUserId: seededUserId(0, 4),
  suspendedUserId: seededUserId(0, 7),
  sharedDeviceUserId: seededUserId(0, 9),
  failedInviteUserId: seededUserId(0, 13),
} as const;

const minute = 60_000;
const day = 24 * 60 * minute;
const firstDay = Date.UTC(2019, 5, 3, 9);

/** Fills an empty store, the same way each time. */
export function seedStore({ accounts, users }: Store, largeAccountUsers: number): void {
  for (const [index, seed] of accountSeeds.entries()) {
    const account = {
      ...seed,
      index,
      accountId: idOf("seeded-account", index),
      createdAt: firstDay + index * 30 * day,
    };
    accounts.insert({
      AwsAccountId: awsAccountId,
      AccountId: account.accountId,
      Name: seed.name,
      AccountType: seed.type,
      AccountStatus: seed.status ?? AccountStatus.Active,
      CreatedTimestamp: new Date(account.createdAt),
      DefaultLicense: seed.defaultLicense,
      SupportedLicenses: [...seed.supportedLicenses],
      SigninDelegateGroups: (seed.groups ?? []).map((GroupName) => ({ GroupName })),
    });
    const count = seed.users === "large" ? largeAccountUsers : seed.users;
    for (let n = 0; n < count; n++) users.insert(seededUser(account, n));
  }
}

/** Ids of users don't depend on how large the large account is. */
function seededUserId(account: number, n: number): string {
  return idOf("seeded-user", account * maxUsers + n);
}

/** The sorts of users alternate so that the first 16 show all. */
function seededUser(account: SeededAccount, n: number): StoredUser {
  const invitedOn = account.createdAt + (n + 1) * minute;
  const user: StoredUser = {
    UserId: seededUserId(account.index, n),
    AccountId: account.accountId,
    LicenseType: account.supportedLicenses[n % account.supportedLicenses.length] ?? account.defaultLicense,
    UserType: UserType.PrivateUser,
    UserRegistrationStatus: RegistrationStatus.Registered,
    AlexaForBusinessMetadata: { IsAlexaForBusinessEnabled: false },
    // From a stretch of PINs that the counter of created users won't reach.
    PersonalPIN: pinOf((account.index + 1) * 1_000_000_007 + n),
  };
  if (n % 15 === 9) return { ...user, ...sharedDevice(account, n, invitedOn) };
  const { name, email } = personOf(n, account.domain);
  const invited = { ...user, PrimaryEmail: email, InvitedOn: new Date(invitedOn) };
  if (n % 10 === 4) return { ...invited, ...unregistered(InviteStatus.Pending) };
  if (n % 50 === 13) return { ...invited, ...unregistered(InviteStatus.Failed) };
  return {
    ...invited,
    DisplayName: name,
    PrimaryProvisionedNumber: n % 3 === 0 ? phoneOf(firstPhone(account) + n / 3) : undefined,
    UserRegistrationStatus: n % 25 === 7 ? RegistrationStatus.Suspended : RegistrationStatus.Registered,
    UserInvitationStatus: InviteStatus.Accepted,
    RegisteredOn: new Date(invitedOn + day),
  };
}

/** The large account takes what is left after the others have had a hundred each. */
function firstPhone({ users, index }: SeededAccount): number {
  return users === "large" ? accountSeeds.length * 100 : index * 100;
}

function unregistered(UserInvitationStatus: InviteStatus) {
  return { UserInvitationStatus, UserRegistrationStatus: RegistrationStatus.Unregistered };
}

/** A meeting room's device; every other one is known to Alexa for Business. */
function sharedDevice({ accountId, domain }: SeededAccount, n: number, registeredOn: number) {
  const room = 101 + Math.floor(n / 15);
  const alexa = {
    IsAlexaForBusinessEnabled: true,
    AlexaForBusinessRoomArn: `arn:aws:a4b:us-east-1:${awsAccountId}:room/${accountId}/${room}`,
  };
  return {
    DisplayName: `Room ${room}`,
    PrimaryEmail: `room-${room}@${domain}`,
    UserType: UserType.SharedDevice,
    LicenseType: Pro,
    RegisteredOn: new Date(registeredOn),
    ...(room % 2 === 1 && { AlexaForBusinessMetadata: alexa }),
  };
}
