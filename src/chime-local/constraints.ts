/**
 * Constraints on the members of requests beyond their types, which the SDK's schemas lack.
 * Source: Amazon Chime's service description of 2018-05-01, except where a comment states otherwise.
 */
import {
  type AlexaForBusinessMetadata,
  type AssociateSigninDelegateGroupsWithAccountRequest,
  type BatchUpdateUserRequest,
  type CreateAccountRequest,
  type CreateUserRequest,
  type DisassociateSigninDelegateGroupsFromAccountRequest,
  type GetAccountRequest,
  type GetUserRequest,
  type InviteUsersRequest,
  License,
  type ListAccountsRequest,
  type ListUsersRequest,
  type ResetPersonalPINRequest,
  type SigninDelegateGroup,
  type UpdateAccountRequest,
  type UpdateUserRequest,
  type UpdateUserRequestItem,
  UserType,
} from "@aws-sdk/client-chime";

export interface Constraint {
  readonly required?: true;
  readonly enum?: readonly string[];
  /** For a string its length in characters, for a list its number of items, for a number its value. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** Describes the pattern in messages, after "must". */
  readonly patternRule?: string;
  /** For each item of a list. */
  readonly item?: Constraint;
}

/** Every member must be listed: a member that the SDK adds is a compile error until it has a constraint. */
type ConstraintsOf<Input> = { readonly [Member in keyof Required<Input>]: Constraint };

const unconstrained: Constraint = {};
const notBlank: Constraint = { pattern: /\S/, patternRule: "not be blank" };
const accountName: Constraint = { ...notBlank, min: 1, max: 100 };
/** Chime's `^.+@.+\..+$` without backtracking. */
const email: Constraint = {
  pattern: /^.[^@\n\r\u2028\u2029]*@.[^.\n\r\u2028\u2029]*\..+$/,
  patternRule: "be an e-mail address",
};
const license: Constraint = { enum: Object.values(License) };
const userType: Constraint = { enum: Object.values(UserType) };
const maxResults: Constraint = { min: 1, max: 200 };
/**
 * Chime's own rule is "not blank". The ids in AWS's examples have letters, digits and hyphens only; the stricter rule
 * refuses ids such as `..` and `a/b`, which would change the path of a request.
 */
const id: Constraint = {
  required: true,
  pattern: /^[A-Za-z0-9_-]{1,128}$/,
  patternRule: "be 1 to 128 letters, digits, hyphens or underscores",
};

export const constraints = {
  CreateAccountRequest: {
    Name: { ...accountName, required: true },
  } satisfies ConstraintsOf<CreateAccountRequest>,
  GetAccountRequest: { AccountId: id } satisfies ConstraintsOf<GetAccountRequest>,
  UpdateAccountRequest: {
    AccountId: id,
    Name: accountName,
    DefaultLicense: license,
  } satisfies ConstraintsOf<UpdateAccountRequest>,
  ListAccountsRequest: {
    Name: accountName,
    UserEmail: email,
    NextToken: unconstrained,
    MaxResults: maxResults,
  } satisfies ConstraintsOf<ListAccountsRequest>,
  AssociateSigninDelegateGroupsWithAccountRequest: {
    AccountId: id,
    SigninDelegateGroups: { required: true },
  } satisfies ConstraintsOf<AssociateSigninDelegateGroupsWithAccountRequest>,
  DisassociateSigninDelegateGroupsFromAccountRequest: {
    AccountId: id,
    GroupNames: { required: true, min: 1 },
  } satisfies ConstraintsOf<DisassociateSigninDelegateGroupsFromAccountRequest>,
  CreateUserRequest: {
    AccountId: id,
    Username: unconstrained,
    Email: email,
    UserType: userType,
  } satisfies ConstraintsOf<CreateUserRequest>,
  GetUserRequest: { AccountId: id, UserId: id } satisfies ConstraintsOf<GetUserRequest>,
  UpdateUserRequest: {
    AccountId: id,
    UserId: id,
    LicenseType: license,
    UserType: userType,
    AlexaForBusinessMetadata: unconstrained,
  } satisfies ConstraintsOf<UpdateUserRequest>,
  ListUsersRequest: {
    AccountId: id,
    UserEmail: email,
    UserType: userType,
    MaxResults: maxResults,
    NextToken: unconstrained,
  } satisfies ConstraintsOf<ListUsersRequest>,
  BatchUpdateUserRequest: {
    AccountId: id,
    UpdateUserRequestItems: { required: true, max: 20 },
  } satisfies ConstraintsOf<BatchUpdateUserRequest>,
  InviteUsersRequest: {
    AccountId: id,
    UserEmailList: { required: true, max: 50, item: email },
    UserType: userType,
  } satisfies ConstraintsOf<InviteUsersRequest>,
  ResetPersonalPINRequest: { AccountId: id, UserId: id } satisfies ConstraintsOf<ResetPersonalPINRequest>,

  // Structures within the inputs.
  UpdateUserRequestItem: {
    UserId: id,
    LicenseType: license,
    UserType: userType,
    AlexaForBusinessMetadata: unconstrained,
  } satisfies ConstraintsOf<UpdateUserRequestItem>,
  AlexaForBusinessMetadata: {
    IsAlexaForBusinessEnabled: unconstrained,
    AlexaForBusinessRoomArn: unconstrained,
  } satisfies ConstraintsOf<AlexaForBusinessMetadata>,
  SigninDelegateGroup: {
    // Optional in Chime's description, but a group has no other member.
    GroupName: { ...notBlank, required: true },
  } satisfies ConstraintsOf<SigninDelegateGroup>,
};
