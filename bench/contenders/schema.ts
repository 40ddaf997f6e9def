import {
  type Account,
  type AccountSettings,
  AccountType,
  InviteStatus,
  License,
  ListAccountsCommand,
  type Member,
  type PhoneNumber,
  PhoneNumberStatus,
  RegistrationStatus,
  type Room,
  type RoomMembership,
  RoomMembershipRole,
  type SigninDelegateGroup,
  type User,
  type UserError,
  UserType,
} from "@aws-sdk/client-chime";
import { makeExecutableSchema } from "@graphql-tools/schema";
import { chime, nameOf, valuesOf } from "./chime.js";
import {
  getSettings,
  type Loaders,
  listMemberships,
  listPhoneNumbers,
  listUsers,
  userKeyOf,
} from "./loaders.js";
import { updateLicenses } from "./writes.js";

export interface Context {
  readonly loaders: Loaders;
}

const enums = {
  AccountType,
  License,
  RegistrationStatus,
  InviteStatus,
  UserType,
  PhoneNumberStatus,
  RoomMembershipRole,
};

/** The part of the gateway's schema that the benchmark asks for. */
const typeDefs = /* GraphQL */ `
  scalar _Any
  union _Entity = User

  type Query {
    account(accountId: ID!): Account
    accounts(first: Int!, namePrefix: String): AccountConnection!
    users(accountId: ID!, userIds: [ID!]!): [User]!
    room(accountId: ID!, roomId: ID!): Room
    _entities(representations: [_Any!]!): [_Entity]!
  }
  type Mutation {
    batchUpdateUser(input: BatchUpdateUserInput!): BatchUpdateUserPayload!
  }

  type Account {
    name: String!
    accountType: AccountType
    defaultLicense: License
    supportedLicenses: [License!]!
    signinDelegateGroups: [SigninDelegateGroup!]!
    users(first: Int!): UserConnection!
    settings: AccountSettings
    phoneNumbers(first: Int!): PhoneNumberConnection!
  }
  type AccountSettings {
    disableRemoteControl: Boolean
    enableDialOut: Boolean
  }
  type SigninDelegateGroup {
    groupName: String!
  }
  type User {
    userId: ID!
    accountId: ID!
    account: Account
    primaryEmail: String
    primaryProvisionedNumber: String
    displayName: String
    licenseType: License
    userType: UserType
    userRegistrationStatus: RegistrationStatus
    userInvitationStatus: InviteStatus
    registeredOn: DateTime
    alexaForBusinessMetadata: AlexaForBusinessMetadata
  }
  type AlexaForBusinessMetadata {
    isAlexaForBusinessEnabled: Boolean
    alexaForBusinessRoomArn: String
  }
  type AccountConnection {
    nodes: [Account!]!
  }
  type UserConnection {
    nodes: [User!]!
    pageInfo: PageInfo!
  }
  type PageInfo {
    hasNextPage: Boolean!
  }

  type PhoneNumber {
    e164PhoneNumber: String!
    callingName: String
    status: PhoneNumberStatus
    user: User
  }
  type PhoneNumberConnection {
    nodes: [PhoneNumber!]!
  }
  type Room {
    name: String
    memberships(first: Int!): RoomMembershipConnection!
  }
  type RoomMembershipConnection {
    nodes: [RoomMembership!]!
  }
  type RoomMembership {
    role: RoomMembershipRole
    member: Member
  }
  type Member {
    memberId: ID!
    fullName: String
    email: String
  }

  input BatchUpdateUserInput {
    accountId: ID!
    updateUserRequestItems: [UpdateUserRequestItem!]!
  }
  input UpdateUserRequestItem {
    userId: ID!
    licenseType: License!
  }
  type BatchUpdateUserPayload {
    userErrors: [UserError!]!
  }
  type UserError {
    userId: ID!
    errorMessage: String
  }

  scalar DateTime
  ${Object.entries(enums)
    .map(([name, values]) => `enum ${name} { ${Object.values(values).map(nameOf).join(" ")} }`)
    .join("\n")}
`;

export const schema = makeExecutableSchema<Context>({
  typeDefs,
  resolvers: {
    Query: {
      account: (_, { accountId }, { loaders }) => loaders.account.load(accountId),
      async accounts(_, { first, namePrefix }) {
        const { Accounts } = await chime.send(
          new ListAccountsCommand({ MaxResults: first, Name: namePrefix }),
        );
        return { nodes: Accounts ?? [] };
      },
      users: (_, { accountId, userIds }, { loaders }) =>
        loaders.user.loadMany(userIds.map((userId: string) => ({ accountId, userId }))),
      room: (_, { accountId, roomId }, { loaders }) => loaders.room.load({ accountId, roomId }),
      _entities: (_, { representations }, { loaders }) =>
        loaders.userByEmail.loadMany(
          representations.map(({ primaryEmail }: { primaryEmail: string }) => primaryEmail),
        ),
    },
    Mutation: {
      batchUpdateUser: async (_, { input }) => ({
        userErrors: await updateLicenses(input.accountId, input.updateUserRequestItems),
      }),
    },
    _Entity: { __resolveType: () => "User" },
    Account: {
      name: (account: Account) => account.Name,
      accountType: (account: Account) => account.AccountType,
      defaultLicense: (account: Account) => account.DefaultLicense,
      supportedLicenses: (account: Account) => account.SupportedLicenses ?? [],
      signinDelegateGroups: (account: Account) => account.SigninDelegateGroups ?? [],
      users: (account: Account, { first }) => listUsers(account.AccountId ?? "", first),
      settings: (account: Account) => getSettings(account.AccountId ?? ""),
      phoneNumbers: (account: Account, { first }) => listPhoneNumbers(account.AccountId ?? "", first),
    },
    AccountSettings: {
      disableRemoteControl: (settings: AccountSettings) => settings.DisableRemoteControl,
      enableDialOut: (settings: AccountSettings) => settings.EnableDialOut,
    },
    SigninDelegateGroup: { groupName: (group: SigninDelegateGroup) => group.GroupName },
    UserConnection: { pageInfo: ({ more }) => ({ hasNextPage: more }) },
    User: {
      userId: (user: User) => user.UserId,
      accountId: (user: User) => user.AccountId,
      account: (user: User, _, { loaders }) => loaders.account.load(user.AccountId ?? ""),
      primaryEmail: (user: User) => user.PrimaryEmail,
      primaryProvisionedNumber: (user: User) => user.PrimaryProvisionedNumber,
      displayName: (user: User) => user.DisplayName,
      licenseType: (user: User) => user.LicenseType,
      userType: (user: User) => user.UserType,
      userRegistrationStatus: (user: User) => user.UserRegistrationStatus,
      userInvitationStatus: (user: User) => user.UserInvitationStatus,
      registeredOn: (user: User) => user.RegisteredOn,
      alexaForBusinessMetadata: (user: User) => user.AlexaForBusinessMetadata,
    },
    AlexaForBusinessMetadata: {
      isAlexaForBusinessEnabled: (metadata) => metadata.IsAlexaForBusinessEnabled,
      alexaForBusinessRoomArn: (metadata) => metadata.AlexaForBusinessRoomArn,
    },
    PhoneNumber: {
      e164PhoneNumber: (number: PhoneNumber) => number.E164PhoneNumber,
      callingName: (number: PhoneNumber) => number.CallingName,
      status: (number: PhoneNumber) => number.Status,
      user(number: PhoneNumber, _, { loaders }) {
        const key = userKeyOf(number);
        return key ? loaders.user.load(key) : null;
      },
    },
    Room: {
      name: (room: Room) => room.Name,
      memberships: ({ AccountId = "", RoomId = "" }: Room, { first }) =>
        listMemberships({ accountId: AccountId, roomId: RoomId }, first),
    },
    RoomMembership: {
      role: (membership: RoomMembership) => membership.Role,
      member: (membership: RoomMembership) => membership.Member,
    },
    Member: {
      memberId: (member: Member) => member.MemberId,
      fullName: (member: Member) => member.FullName,
      email: (member: Member) => member.Email,
    },
    UserError: {
      userId: (error: UserError) => error.UserId,
      errorMessage: (error: UserError) => error.ErrorMessage,
    },
    ...Object.fromEntries(Object.entries(enums).map(([name, values]) => [name, valuesOf<string>(values)])),
  },
});
