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
  // A router without tokens hides these fields from now on: the README describes what it needs.
  "DANGEROUS Account.@requiresScopes: Directive 'requiresScopes' was added to object 'Account'",
  "DANGEROUS User.@requiresScopes: Directive 'requiresScopes' was added to object 'User'",
  "DANGEROUS Query.node.@requiresScopes: Directive 'requiresScopes' was added to field 'Query.node'",
  "DANGEROUS Query.nodes.@requiresScopes: Directive 'requiresScopes' was added to field 'Query.nodes'",
  "DANGEROUS Query.account.@requiresScopes: Directive 'requiresScopes' was added to field 'Query.account'",
  "DANGEROUS Query.accounts.@requiresScopes: Directive 'requiresScopes' was added to field 'Query.accounts'",
  "DANGEROUS Query.user.@requiresScopes: Directive 'requiresScopes' was added to field 'Query.user'",
  "DANGEROUS Query.users.@requiresScopes: Directive 'requiresScopes' was added to field 'Query.users'",
  "DANGEROUS Query.userByEmail.@requiresScopes: Directive 'requiresScopes' was added to field 'Query.userByEmail'",
  "DANGEROUS Mutation.createAccount.@requiresScopes: Directive 'requiresScopes' was added to field 'Mutation.createAccount'",
  "DANGEROUS Mutation.updateAccount.@requiresScopes: Directive 'requiresScopes' was added to field 'Mutation.updateAccount'",
  "DANGEROUS Mutation.associateSigninDelegateGroupsWithAccount.@requiresScopes: Directive 'requiresScopes' was added to field 'Mutation.associateSigninDelegateGroupsWithAccount'",
  "DANGEROUS Mutation.disassociateSigninDelegateGroupsFromAccount.@requiresScopes: Directive 'requiresScopes' was added to field 'Mutation.disassociateSigninDelegateGroupsFromAccount'",
  "DANGEROUS Mutation.createUser.@requiresScopes: Directive 'requiresScopes' was added to field 'Mutation.createUser'",
  "DANGEROUS Mutation.updateUser.@requiresScopes: Directive 'requiresScopes' was added to field 'Mutation.updateUser'",
  "DANGEROUS Mutation.batchUpdateUser.@requiresScopes: Directive 'requiresScopes' was added to field 'Mutation.batchUpdateUser'",
  "DANGEROUS Mutation.inviteUsers.@requiresScopes: Directive 'requiresScopes' was added to field 'Mutation.inviteUsers'",
  "DANGEROUS Mutation.resetPersonalPin.@requiresScopes: Directive 'requiresScopes' was added to field 'Mutation.resetPersonalPin'",
  "DANGEROUS User.personalPin.@requiresScopes: Directive 'requiresScopes' was added to field 'User.personalPin'",
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
  // What looking up an id, writing and reading back cost at most: a router's price for them rises.
  "DANGEROUS Query.users.userIds.@cost.weight: Argument 'weight' was removed from '@cost'",
  "DANGEROUS BatchUpdateUserInput.updateUserRequestItems.@cost: Directive 'cost' was added to input field 'updateUserRequestItems' in input object 'BatchUpdateUserInput'",
  "DANGEROUS BatchUpdateUserPayload.users.@cost: Directive 'cost' was added to field 'BatchUpdateUserPayload.users'",
];
