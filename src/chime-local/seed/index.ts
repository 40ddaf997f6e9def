import {
  type AccountSettings,
  AccountStatus,
  AccountType,
  type GetGlobalSettingsResponse,
  InviteStatus,
  License,
  RegistrationStatus,
  type UserSettings,
  UserType,
} from "@aws-sdk/client-chime";
import type { Retention } from "../operations/accountSettings.js";
import type { Domain } from "../operations/accounts.js";
import { personOf, phoneOf } from "../people.js";
import { pinOf } from "../store/ids.js";
import { awsAccountId, type Store, type StoredAccount, type StoredUser } from "../store/store.js";
import { seedBots, seededBotId } from "./bots.js";
import { seededAccountId, seededUserId } from "./ids.js";
import { seededNumbers, seedPhoneNumbers } from "./phoneNumbers.js";
import { seededConversationId, seededMessageId, seededRoomId, seedRooms } from "./rooms.js";

interface AccountSeed
  extends Pick<StoredAccount, "Name" | "AccountType" | "DefaultLicense" | "SupportedLicenses"> {
  readonly AccountStatus?: AccountStatus;
  /** Names of its delegate groups. */
  readonly groups?: readonly string[];
  /** The domain of its users' e-mail addresses; an Enterprise account has claimed it. */
  readonly domain: string;
  /** Number of users; that of the large account is a setting. */
  readonly users: number | "large";
}

const { Basic, Plus, Pro, ProTrial } = License;
const teamDomain = "harborstreet.example.com";

/** In the order of creation: the nth has the id `seededAccountId(n)`. The domains are reserved for examples. */
const accountSeeds: readonly AccountSeed[] = [
  {
    Name: "Harbor Street Studio",
    domain: teamDomain,
    AccountType: AccountType.Team,
    DefaultLicense: Pro,
    SupportedLicenses: [Basic, Pro],
    users: 16,
  },
  {
    Name: "Meridian Logistics",
    domain: "meridian.example.com",
    AccountType: AccountType.EnterpriseDirectory,
    DefaultLicense: Pro,
    SupportedLicenses: [Basic, Plus, Pro, ProTrial],
    groups: ["executive-assistants", "front-desk"],
    users: "large",
  },
  {
    Name: "Alder University",
    domain: "alder.example.org",
    AccountType: AccountType.EnterpriseLWA,
    DefaultLicense: Plus,
    SupportedLicenses: [Basic, Plus, Pro],
    groups: ["faculty-office"],
    users: 200,
  },
  {
    Name: "Meadow Clinic",
    domain: "meadow.example.org",
    AccountType: AccountType.EnterpriseOIDC,
    DefaultLicense: Basic,
    SupportedLicenses: [Basic, Pro, ProTrial],
    groups: ["reception"],
    users: 5,
  },
  {
    Name: "Cedar Workshop",
    domain: "cedar.example.net",
    AccountType: AccountType.Team,
    DefaultLicense: Pro,
    SupportedLicenses: [Basic, Pro],
    users: 0,
  },
  {
    Name: "Quarry Press",
    domain: "quarry.example.net",
    AccountType: AccountType.Team,
    AccountStatus: AccountStatus.Suspended,
    DefaultLicense: Basic,
    SupportedLicenses: [Basic, Pro],
    users: 3,
  },
];

/** Ids and addresses of what is seeded. The users belong to the Team account. */
export const SEED = {
  awsAccountId,
  /** Team, 16 users of every kind. */
  teamAccountId: seededAccountId(0),
  /** EnterpriseDirectory, all four licenses, the number of users that the server was started with. */
  largeAccountId: seededAccountId(1),
  /** EnterpriseLWA, 200 users: one page of the largest size. */
  twoHundredAccountId: seededAccountId(2),
  /** EnterpriseOIDC, 5 users. */
  smallAccountId: seededAccountId(3),
  /** Team, without users. */
  emptyAccountId: seededAccountId(4),
  /** Team, AccountStatus Suspended, 3 users. */
  suspendedAccountId: seededAccountId(5),

  /** Registered, with every member that a person can have. */
  userId: seededUserId(0, 0),
  userEmail: personOf(0, teamDomain).email,
  pendingUserId: seededUserId(0, 4),
  suspendedUserId: seededUserId(0, 7),
  sharedDeviceUserId: seededUserId(0, 9),
  failedInviteUserId: seededUserId(0, 13),

  /** "Dispatch" of the large account: 150 members, two of them administrators, one of them the bot. */
  roomId: seededRoomId(0),
  /** The first of three in "Dispatch". */
  messageId: seededMessageId(0),
  /** A conversation of the large account, with two messages. */
  conversationId: seededConversationId,
  /** The first of two in the conversation. */
  conversationMessageId: seededMessageId(3),
  /** A bot of the large account: enabled, with an HTTPS endpoint. */
  botId: seededBotId(0),
  /** A bot of the large account: disabled, with a Lambda function. */
  stoppedBotId: seededBotId(1),
  ...seededNumbers,
} as const;

const minute = 60_000;
const day = 24 * 60 * minute;
const firstDay = Date.UTC(2019, 5, 3, 9);

/** Fills an empty store, always in the same way. */
export function seedStore(store: Store, largeAccountUsers: number): void {
  const { accounts, users } = store;
  const domains = store.collection<Domain>("domain");
  for (const [index, seed] of accountSeeds.entries()) {
    const { groups = [], domain, users: count, ...members } = seed;
    const account: StoredAccount = {
      AwsAccountId: awsAccountId,
      AccountId: seededAccountId(index),
      AccountStatus: AccountStatus.Active,
      CreatedTimestamp: new Date(firstDay + index * 30 * day),
      SigninDelegateGroups: groups.map((GroupName) => ({ GroupName })),
      ...members,
    };
    accounts.save(account);
    if (account.AccountType !== AccountType.Team)
      domains.save(account.AccountId, domain, { isReleased: false });
    for (let n = 0; n < (count === "large" ? largeAccountUsers : count); n++)
      users.save(seededUser(account, seed, index, n));
  }
  seedSettings(store);
  seedBots(store);
  seedRooms(store, largeAccountUsers);
  seedPhoneNumbers(store);
}

/** Seeds the settings of the large account, of one user, and of the AWS account; all others have Chime's defaults. */
function seedSettings(store: Store): void {
  const { teamAccountId, largeAccountId, userId } = SEED;
  store
    .collection<AccountSettings>("accountSettings")
    .save(largeAccountId, "", { DisableRemoteControl: true, EnableDialOut: true });
  store.collection<Retention>("retention").save(largeAccountId, "", {
    RetentionSettings: {
      RoomRetentionSettings: { RetentionDays: 365 },
      ConversationRetentionSettings: { RetentionDays: 90 },
    },
  });
  store
    .collection<UserSettings>("userSettings")
    .save(teamAccountId, userId, { Telephony: { InboundCalling: true, OutboundCalling: true, SMS: false } });
  store
    .collection<GetGlobalSettingsResponse>("globalSettings")
    .save("", "", { BusinessCalling: { CdrBucket: `call-records-${awsAccountId}` } });
}

/** The kinds of users alternate: the first 16 have them all. */
function seededUser(account: StoredAccount, seed: AccountSeed, index: number, n: number): StoredUser {
  const { AccountId, SupportedLicenses, DefaultLicense } = account;
  const invitedOn = account.CreatedTimestamp.getTime() + (n + 1) * minute;
  const user: StoredUser = {
    UserId: seededUserId(index, n),
    AccountId,
    LicenseType: SupportedLicenses[n % SupportedLicenses.length] ?? DefaultLicense,
    UserType: UserType.PrivateUser,
    UserRegistrationStatus: RegistrationStatus.Registered,
    AlexaForBusinessMetadata: { IsAlexaForBusinessEnabled: false },
    // Far from the PINs of created users, whose counter starts at 1.
    PersonalPIN: pinOf((index + 1) * 1_000_000_007 + n),
  };
  if (n % 15 === 9) return { ...user, ...sharedDevice(AccountId, seed.domain, n, invitedOn) };
  const { name, email } = personOf(n, seed.domain);
  const invited = { ...user, PrimaryEmail: email, InvitedOn: new Date(invitedOn) };
  if (n % 10 === 4) return { ...invited, ...unregistered(InviteStatus.Pending) };
  if (n % 50 === 13) return { ...invited, ...unregistered(InviteStatus.Failed) };
  return {
    ...invited,
    DisplayName: name,
    PrimaryProvisionedNumber: n % 3 === 0 ? phoneOf(firstPhone(seed, index) + n / 3) : undefined,
    UserRegistrationStatus: n % 25 === 7 ? RegistrationStatus.Suspended : RegistrationStatus.Registered,
    UserInvitationStatus: InviteStatus.Accepted,
    RegisteredOn: new Date(invitedOn + day),
  };
}

/** The other accounts have a hundred numbers each, the large one has the rest. */
function firstPhone({ users }: AccountSeed, index: number): number {
  return (users === "large" ? accountSeeds.length : index) * 100;
}

function unregistered(UserInvitationStatus: InviteStatus) {
  return { UserInvitationStatus, UserRegistrationStatus: RegistrationStatus.Unregistered };
}

/** A meeting room's device; every other one is in Alexa for Business. */
function sharedDevice(accountId: string, domain: string, n: number, registeredOn: number) {
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
