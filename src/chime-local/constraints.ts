/**
 * What Chime demands of the members of a request beyond their types: the SDK's schemas hold none of it.
 * Source: Amazon Chime's service description of 2018-05-01, save where a comment says otherwise.
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
  /** Of a string its length in characters, of a list its number of items, of a number itself. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** What the pattern asks for, to follow "must". */
  readonly asks?: string;
  /** For each item of a list. */
  readonly each?: Constraint;
}

/** Every member must be listed, so that a member that the SDK adds stops the compiler until somebody has judged it. */
type ConstraintsOf<Input> = { readonly [Member in keyof Required<Input>]: Constraint };

const free: Constraint = {};
const notBlank: Constraint = { pattern: /\S/, asks: "not be blank" };
const accountName: Constraint = { ...notBlank, min: 1, max: 100 };
/** `^.+@.+\..+$`, written so that no text is gone over twice. */
const email: Constraint = {
  pattern: /^.[^@\n\r\u2028\u2029]*@.[^.\n\r\u2028\u2029]*\..+$/,
  asks: "be an e-mail address",
};
const license: Constraint = { enum: Object.values(License) };
const userType: Constraint = { enum: Object.values(UserType) };
const maxResults: Constraint = { min: 1, max: 200 };
/**
 * Chime itself says "not blank". The ids in AWS's examples are letters, digits and hyphens; holding callers to that
 * refuses ids such as `..` and `a/b`, which would change the path of a request.
 */
const id: Constraint = {
  required: true,
  pattern: /^[A-Za-z0-9_-]{1,128}$/,
  asks: "be 1 to 128 letters, digits, hyphens or underscores",
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
    NextToken: free,
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
    Username: free,
    Email: email,
    UserType: userType,
  } satisfies ConstraintsOf<CreateUserRequest>,
  GetUserRequest: { AccountId: id, UserId: id } satisfies ConstraintsOf<GetUserRequest>,
  UpdateUserRequest: {
    AccountId: id,
    UserId: id,
    LicenseType: license,
    UserType: userType,
    AlexaForBusinessMetadata: free,
  } satisfies ConstraintsOf<UpdateUserRequest>,
  ListUsersRequest: {
    AccountId: id,
    UserEmail: email,
    UserType: userType,
    MaxResults: maxResults,
    NextToken: free,
  } satisfies ConstraintsOf<ListUsersRequest>,
  BatchUpdateUserRequest: {
    AccountId: id,
    UpdateUserRequestItems: { required: true, max: 20 },
  } satisfies ConstraintsOf<BatchUpdateUserRequest>,
  InviteUsersRequest: {
    AccountId: id,
    UserEmailList: { required: true, max: 50, each: email },
    UserType: userType,
  } satisfies ConstraintsOf<InviteUsersRequest>,
  ResetPersonalPINRequest: { AccountId: id, UserId: id } satisfies ConstraintsOf<ResetPersonalPINRequest>,

  // Structures within the inputs.
  UpdateUserRequestItem: {
    UserId: id,
    LicenseType: license,
    UserType: userType,
    AlexaForBusinessMetadata: free,
  } satisfies ConstraintsOf<UpdateUserRequestItem>,
  AlexaForBusinessMetadata: {
    IsAlexaForBusinessEnabled: free,
    AlexaForBusinessRoomArn: free,
  } satisfies ConstraintsOf<AlexaForBusinessMetadata>,
  SigninDelegateGroup: {
    // Chime's description leaves the name optional; a group is nothing but its name, so none can be added without.
    GroupName: { ...notBlank, required: true },
  } satisfies ConstraintsOf<SigninDelegateGroup>,
};
