/** By type. */
const scopedFields = {
  Query: "node nodes account accounts user users userByEmail",
  Mutation:
    "createAccount updateAccount associateSigninDelegateGroupsWithAccount disassociateSigninDelegateGroupsFromAccount createUser updateUser batchUpdateUser inviteUsers resetPersonalPin",
  User: "personalPin account primaryProvisionedNumber displayName licenseType userType userRegistrationStatus userInvitationStatus registeredOn invitedOn alexaForBusinessMetadata",
  Account:
    "awsAccountId name accountType accountStatus createdTimestamp defaultLicense supportedLicenses signinDelegateGroups users user",
  AccountConnection: "nodes",
  AccountEdge: "node",
  CreateAccountPayload: "account",
  UpdateAccountPayload: "account",
  AssociateSigninDelegateGroupsWithAccountPayload: "account",
  DisassociateSigninDelegateGroupsFromAccountPayload: "account",
  UserConnection: "nodes",
  UserEdge: "node",
  CreateUserPayload: "user",
  UpdateUserPayload: "user",
  BatchUpdateUserPayload: "users",
  ResetPersonalPinPayload: "user",
};
const fieldsWithScopes = Object.entries(scopedFields).flatMap(([type, fields]) =>
  fields.split(" ").map((field) => `${type}.${field}`),
);

/**
 * Changes against `released.graphql` that break clients or may do so, and that have been agreed on: the lines that the
 * test prints, each with the reason beside it. A line that no longer applies fails too.
 *
 * At a release: `npm run --silent schema > test/federation/released.graphql`, and empty this list.
 */
export const acknowledged: readonly string[] = [
  // The schema imports the directive and uses it: under its own name, it is no longer under that of the specification.
  "BREAKING @federation__requiresScopes: Directive 'federation__requiresScopes' was removed",
  "DANGEROUS .@link.import: Argument 'import' was removed from '@link'",
  // Routers hide these fields from callers without scopes: docs/authentication.md describes what a router needs.
  ...fieldsWithScopes.map(
    (field) => `DANGEROUS ${field}.@requiresScopes: Directive 'requiresScopes' was added to field '${field}'`,
  ),
  // New entities: only a router queries `_entities`, and it asks for the types that it has composed.
  "DANGEROUS _Entity: Member 'PhoneNumber' was added to Union type '_Entity'",
  "DANGEROUS _Entity: Member 'PhoneNumberOrder' was added to Union type '_Entity'",
  // WunderGraph Cosmo rejects both sizes together; routers take the default of `first` instead.
  "DANGEROUS Account.users.@listSize.assumedSize: Argument 'assumedSize' was removed from '@listSize'",
  "DANGEROUS Query.accounts.@listSize.assumedSize: Argument 'assumedSize' was removed from '@listSize'",
  // A field that calls Chime is nullable, so that its failure leaves the other fields their data.
  "BREAKING Account.users: Field 'Account.users' changed type from 'UserConnection!' to 'UserConnection'",
  "BREAKING Query.nodes: Field 'Query.nodes' changed type from '[Node]!' to '[Node]'",
  "BREAKING Query.accounts: Field 'Query.accounts' changed type from 'AccountConnection!' to 'AccountConnection'",
  "BREAKING Query.users: Field 'Query.users' changed type from '[User]!' to '[User]'",
  "BREAKING Mutation.createAccount: Field 'Mutation.createAccount' changed type from 'CreateAccountPayload!' to 'CreateAccountPayload'",
  "BREAKING Mutation.updateAccount: Field 'Mutation.updateAccount' changed type from 'UpdateAccountPayload!' to 'UpdateAccountPayload'",
  "BREAKING Mutation.associateSigninDelegateGroupsWithAccount: Field 'Mutation.associateSigninDelegateGroupsWithAccount' changed type from 'AssociateSigninDelegateGroupsWithAccountPayload!' to 'AssociateSigninDelegateGroupsWithAccountPayload'",
  "BREAKING Mutation.disassociateSigninDelegateGroupsFromAccount: Field 'Mutation.disassociateSigninDelegateGroupsFromAccount' changed type from 'DisassociateSigninDelegateGroupsFromAccountPayload!' to 'DisassociateSigninDelegateGroupsFromAccountPayload'",
  "BREAKING Mutation.createUser: Field 'Mutation.createUser' changed type from 'CreateUserPayload!' to 'CreateUserPayload'",
  "BREAKING Mutation.updateUser: Field 'Mutation.updateUser' changed type from 'UpdateUserPayload!' to 'UpdateUserPayload'",
  "BREAKING Mutation.batchUpdateUser: Field 'Mutation.batchUpdateUser' changed type from 'BatchUpdateUserPayload!' to 'BatchUpdateUserPayload'",
  "BREAKING Mutation.inviteUsers: Field 'Mutation.inviteUsers' changed type from 'InviteUsersPayload!' to 'InviteUsersPayload'",
  "BREAKING Mutation.resetPersonalPin: Field 'Mutation.resetPersonalPin' changed type from 'ResetPersonalPinPayload!' to 'ResetPersonalPinPayload'",
  "BREAKING BatchUpdateUserPayload.users: Field 'BatchUpdateUserPayload.users' changed type from '[User]!' to '[User]'",
  // Only routers ask for entities, by a type of their own choice.
  "DANGEROUS _Entity: Member 'Bot' was added to Union type '_Entity'",
  "DANGEROUS _Entity: Member 'Room' was added to Union type '_Entity'",
  // What looking up an id, writing and reading back cost at most: a router's price for them rises.
  "DANGEROUS Query.users.userIds.@cost.weight: Argument 'weight' was removed from '@cost'",
  "DANGEROUS BatchUpdateUserInput.updateUserRequestItems.@cost: Directive 'cost' was added to input field 'updateUserRequestItems' in input object 'BatchUpdateUserInput'",
  "DANGEROUS BatchUpdateUserPayload.users.@cost: Directive 'cost' was added to field 'BatchUpdateUserPayload.users'",
  // An optional argument: a router that has it in its queries needs this version of the gateway.
  "DANGEROUS Account.users.filter: Argument 'filter: UserFilter' added to field 'Account.users'",
];
