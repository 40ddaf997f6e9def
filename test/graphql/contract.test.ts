import * as sdk from "@aws-sdk/client-chime";
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  print,
} from "graphql";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { accountGlobalId } from "../../src/graphql/resolvers/shared/globalId.js";
import { createSchema, readTypeDefs } from "../../src/graphql/schema.js";
import { useHarness } from "../support/fixture.js";
import { operations } from "../support/operations.js";
import { chatMembers } from "./chatMembers.js";
import { phoneNumberMembers } from "./phoneNumberMembers.js";
import { settingsMembers } from "./settingsMembers.js";

const harness = useHarness();
const schema = createSchema();
const { teamAccountId: accountId, userId } = SEED;

/** Federation's own machinery, not ours to describe. */
const isOurs = ({ name }: GraphQLNamedType | GraphQLField<unknown, unknown>) =>
  !/^_|^(FieldSet|federation__.*|link__.*)$/.test(name);

const ourTypes = Object.values(schema.getTypeMap()).filter(
  (type) => isOurs(type) && !isSpecifiedScalarType(type),
);

const fieldsOf = (type: string): Record<string, GraphQLField<unknown, unknown>> => {
  const named = schema.getType(type);
  return isObjectType(named) || isInterfaceType(named) ? named.getFields() : {};
};

describe("every query and mutation of the schema succeeds", () => {
  const examples = operations({ accountId, userId, email: SEED.userEmail });

  test.each(["Query", "Mutation"] as const)("%s has an example for each of its fields", (type) => {
    const fields = Object.values(fieldsOf(type))
      .filter(isOurs)
      .map(({ name }) => name);

    expect(Object.keys(examples[type]).toSorted()).toEqual(fields.toSorted());
  });

  const all = Object.entries(examples).flatMap(([type, fields]) =>
    Object.entries(fields).map(([name, field]) => ({
      name,
      operation: `${type.toLowerCase()} { ${field} }`,
    })),
  );
  test.each(all)("$name", async ({ name, operation }) => {
    const { data, errors } = await harness.ask(operation);

    expect(errors).toBeUndefined();
    expect(data[name]).not.toBeNull();
    if (data[name].errors) expect(data[name].errors).toEqual([]);
  });
});

/** The members of Chime's shapes, and where each is in the schema: a field, or an argument of one in brackets. */
const accountMembers = {
  AwsAccountId: "Account.awsAccountId",
  AccountId: "Account.accountId",
  Name: "Account.name",
  AccountType: "Account.accountType",
  CreatedTimestamp: "Account.createdTimestamp",
  DefaultLicense: "Account.defaultLicense",
  SupportedLicenses: "Account.supportedLicenses",
  AccountStatus: "Account.accountStatus",
  SigninDelegateGroups: "Account.signinDelegateGroups",
};
const userMembers = {
  UserId: "User.userId",
  AccountId: "User.accountId",
  PrimaryEmail: "User.primaryEmail",
  PrimaryProvisionedNumber: "User.primaryProvisionedNumber",
  DisplayName: "User.displayName",
  LicenseType: "User.licenseType",
  UserType: "User.userType",
  UserRegistrationStatus: "User.userRegistrationStatus",
  UserInvitationStatus: "User.userInvitationStatus",
  RegisteredOn: "User.registeredOn",
  InvitedOn: "User.invitedOn",
  AlexaForBusinessMetadata: "User.alexaForBusinessMetadata",
  PersonalPIN: "User.personalPin",
};
const members: Record<string, Record<string, string>> = {
  Account: accountMembers,
  User: userMembers,
  SigninDelegateGroup: { GroupName: "SigninDelegateGroup.groupName" },
  AlexaForBusinessMetadata: {
    IsAlexaForBusinessEnabled: "AlexaForBusinessMetadata.isAlexaForBusinessEnabled",
    AlexaForBusinessRoomArn: "AlexaForBusinessMetadata.alexaForBusinessRoomArn",
  },
  Invite: {
    InviteId: "Invite.inviteId",
    Status: "Invite.status",
    EmailAddress: "Invite.emailAddress",
    EmailStatus: "Invite.emailStatus",
  },
  ...settingsMembers,
  ...chatMembers,
  ...phoneNumberMembers,
  UserError: {
    UserId: "UserError.userId",
    ErrorCode: "UserError.errorCode",
    ErrorMessage: "UserError.errorMessage",
  },
  CreateAccountRequest: { Name: "CreateAccountInput.name" },
  CreateAccountResponse: { Account: "CreateAccountPayload.account" },
  GetAccountRequest: { AccountId: "Query.account(accountId)" },
  GetAccountResponse: { Account: "Query.account" },
  UpdateAccountRequest: {
    AccountId: "UpdateAccountInput.accountId",
    Name: "UpdateAccountInput.name",
    DefaultLicense: "UpdateAccountInput.defaultLicense",
  },
  UpdateAccountResponse: { Account: "UpdateAccountPayload.account" },
  ListAccountsRequest: {
    Name: "Query.accounts(namePrefix)",
    UserEmail: "Query.accounts(userEmail)",
    NextToken: "Query.accounts(after)",
    MaxResults: "Query.accounts(first)",
  },
  ListAccountsResponse: { Accounts: "AccountConnection.nodes", NextToken: "PageInfo.endCursor" },
  CreateUserRequest: {
    AccountId: "CreateUserInput.accountId",
    Username: "CreateUserInput.username",
    Email: "CreateUserInput.email",
    UserType: "CreateUserInput.userType",
  },
  CreateUserResponse: { User: "CreateUserPayload.user" },
  GetUserRequest: { AccountId: "Query.user(accountId)", UserId: "Query.user(userId)" },
  GetUserResponse: { User: "Query.user" },
  UpdateUserRequest: {
    AccountId: "UpdateUserInput.accountId",
    UserId: "UpdateUserInput.userId",
    LicenseType: "UpdateUserInput.licenseType",
    UserType: "UpdateUserInput.userType",
    AlexaForBusinessMetadata: "UpdateUserInput.alexaForBusinessMetadata",
  },
  UpdateUserResponse: { User: "UpdateUserPayload.user" },
  ListUsersRequest: {
    AccountId: "Account.accountId",
    UserEmail: "Account.users(userEmail)",
    UserType: "Account.users(userType)",
    MaxResults: "Account.users(first)",
    NextToken: "Account.users(after)",
  },
  ListUsersResponse: { Users: "UserConnection.nodes", NextToken: "PageInfo.endCursor" },
  BatchUpdateUserRequest: {
    AccountId: "BatchUpdateUserInput.accountId",
    UpdateUserRequestItems: "BatchUpdateUserInput.updateUserRequestItems",
  },
  UpdateUserRequestItem: {
    UserId: "UpdateUserRequestItem.userId",
    LicenseType: "UpdateUserRequestItem.licenseType",
    UserType: "UpdateUserRequestItem.userType",
    AlexaForBusinessMetadata: "UpdateUserRequestItem.alexaForBusinessMetadata",
  },
  BatchUpdateUserResponse: { UserErrors: "BatchUpdateUserPayload.userErrors" },
  InviteUsersRequest: {
    AccountId: "InviteUsersInput.accountId",
    UserEmailList: "InviteUsersInput.userEmailList",
    UserType: "InviteUsersInput.userType",
  },
  InviteUsersResponse: { Invites: "InviteUsersPayload.invites" },
  ResetPersonalPINRequest: {
    AccountId: "ResetPersonalPinInput.accountId",
    UserId: "ResetPersonalPinInput.userId",
  },
  ResetPersonalPINResponse: { User: "ResetPersonalPinPayload.user" },
  AssociateSigninDelegateGroupsWithAccountRequest: {
    AccountId: "AssociateSigninDelegateGroupsWithAccountInput.accountId",
    SigninDelegateGroups: "AssociateSigninDelegateGroupsWithAccountInput.groupNames",
  },
  AssociateSigninDelegateGroupsWithAccountResponse: {},
  DisassociateSigninDelegateGroupsFromAccountRequest: {
    AccountId: "DisassociateSigninDelegateGroupsFromAccountInput.accountId",
    GroupNames: "DisassociateSigninDelegateGroupsFromAccountInput.groupNames",
  },
  DisassociateSigninDelegateGroupsFromAccountResponse: {},
};

describe("every member of Chime's requests and responses is reachable", () => {
  test.each(Object.entries(members))("%s", (shape, table) => {
    // A structure in the SDK is [kind, namespace, name, traits, member names, ...].
    const structure: unknown = Object.entries(sdk).find(([name]) => name === `${shape}$`)?.[1];
    expect(Array.isArray(structure) && structure[4], `the members of ${shape} in the SDK`).toEqual(
      expect.arrayContaining(Object.keys(table)),
    );
    expect(Object.keys(table)).toEqual(expect.arrayContaining((structure as string[][])[4] as string[]));

    for (const place of Object.values(table)) expect(exists(place), place).toBe(true);
  });

  function exists(place: string): boolean {
    const [, typeName = "", fieldName = "", argument] = /^(\w+)\.(\w+)(?:\((\w+)\))?$/.exec(place) ?? [];
    const type = schema.getType(typeName);
    if (isInputObjectType(type)) return fieldName in type.getFields();
    const field = fieldsOf(typeName)[fieldName];
    return (
      field !== undefined && (argument === undefined || field.args.some(({ name }) => name === argument))
    );
  }

  test.each([
    ["AccountStatus", sdk.AccountStatus],
    ["AccountType", sdk.AccountType],
    ["BotType", sdk.BotType],
    ["CallingNameStatus", sdk.CallingNameStatus],
    ["EmailStatus", sdk.EmailStatus],
    ["InviteStatus", sdk.InviteStatus],
    ["License", sdk.License],
    ["MemberType", sdk.MemberType],
    ["OrderedPhoneNumberStatus", sdk.OrderedPhoneNumberStatus],
    ["PhoneNumberAssociationName", sdk.PhoneNumberAssociationName],
    ["PhoneNumberOrderStatus", sdk.PhoneNumberOrderStatus],
    ["PhoneNumberProductType", sdk.PhoneNumberProductType],
    ["PhoneNumberStatus", sdk.PhoneNumberStatus],
    ["PhoneNumberType", sdk.PhoneNumberType],
    ["RegistrationStatus", sdk.RegistrationStatus],
    ["RoomMembershipRole", sdk.RoomMembershipRole],
    ["UserType", sdk.UserType],
    ["ErrorCode", { ...sdk.ErrorCode, OutcomeUnknown: "OutcomeUnknown" }],
  ])("every value of %s", (name, values) => {
    const type = schema.getType(name);

    expect(
      isEnumType(type) &&
        type
          .getValues()
          .map(({ value }) => value)
          .toSorted(),
    ).toEqual(Object.values(values).toSorted());
  });
});

describe("the schema is documented:", () => {
  test("every type, field, argument and enum value has a description", () => {
    const silent: string[] = [];
    const note = (place: string, { description }: { description?: string | null | undefined }) => {
      if (!description?.trim()) silent.push(place);
    };
    for (const type of ourTypes) {
      if (type.name !== "Query" && type.name !== "Mutation") note(type.name, type);
      if (isEnumType(type)) for (const value of type.getValues()) note(`${type.name}.${value.name}`, value);
      if (isInputObjectType(type))
        for (const field of Object.values(type.getFields())) note(`${type.name}.${field.name}`, field);
      for (const field of Object.values(fieldsOf(type.name)).filter(isOurs)) {
        note(`${type.name}.${field.name}`, field);
        for (const argument of field.args as GraphQLArgument[])
          note(`${type.name}.${field.name}(${argument.name})`, argument);
      }
    }

    expect(silent).toEqual([]);
  });

  test("the ids in its examples exist in the embedded Chime", () => {
    const sdl = print(readTypeDefs());
    expect(new Set(sdl.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g))).toEqual(
      new Set([accountId, userId]),
    );
    expect(new Set(sdl.match(/(?<=`)(?:QWNjb3VudD|VXNlcj)[\w-]+/g))).toEqual(
      new Set([accountGlobalId(accountId)]),
    );
  });

  test.each(["Query", "Mutation"])(
    "the description of every field of %s ends with its upstream operations",
    (type) => {
      const operations = Object.keys(sdk).flatMap((name) => name.match(/^(\w+)Command$/)?.[1] ?? []);
      for (const { name, description } of Object.values(fieldsOf(type)).filter(isOurs)) {
        const upstream = /\n\nUpstream: ([\s\S]*)\.$/.exec(description ?? "")?.[1] ?? "";
        expect(
          operations.some((operation) => new RegExp(`\\b${operation}\\b`).test(upstream)),
          name,
        ).toBe(true);
      }
    },
  );
});
