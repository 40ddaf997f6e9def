import {
  type Account,
  AccountType,
  InviteStatus,
  License,
  ListAccountsCommand,
  RegistrationStatus,
  type SigninDelegateGroup,
  type User,
  type UserError,
  UserType,
} from "@aws-sdk/client-chime";
import { makeExecutableSchema } from "@graphql-tools/schema";
import { chime, nameOf, valuesOf } from "./chime.js";
import { type Loaders, listUsers } from "./loaders.js";
import { updateLicenses } from "./writes.js";

export interface Context {
  readonly loaders: Loaders;
}

/** The part of the gateway's schema that the benchmark asks for. */
const typeDefs = /* GraphQL */ `
  scalar _Any
  union _Entity = User

  type Query {
    account(accountId: ID!): Account
    accounts(first: Int!, namePrefix: String): AccountConnection!
    users(accountId: ID!, userIds: [ID!]!): [User]!
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
  ${Object.entries({ AccountType, License, RegistrationStatus, InviteStatus, UserType })
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
    UserError: {
      userId: (error: UserError) => error.UserId,
      errorMessage: (error: UserError) => error.ErrorMessage,
    },
    AccountType: valuesOf(AccountType),
    License: valuesOf(License),
    RegistrationStatus: valuesOf(RegistrationStatus),
    InviteStatus: valuesOf(InviteStatus),
    UserType: valuesOf(UserType),
  },
});
