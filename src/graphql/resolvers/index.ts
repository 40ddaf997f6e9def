import {
  AccountStatus,
  AccountType,
  EmailStatus,
  InviteStatus,
  License,
  RegistrationStatus,
  UserType,
} from "@aws-sdk/client-chime";
import { MalformedResponseError } from "../../chime/callErrors.js";
import { ErrorCode } from "../../chime/errors.js";
import type { Resolvers } from "../../generated/schema.js";
import { Account, accountMutations, accountPayload, accountQueries } from "./account.js";
import { AccountConnection, UserConnection } from "./connections.js";
import { Node, nodeQueries } from "./node.js";
import { DateTime, EmailAddress } from "./scalars.js";
import { AlexaForBusinessMetadata, Invite, User, userQueries } from "./user.js";
import {
  BatchUpdateUserPayload,
  BatchUpdateUserResult,
  InviteUsersPayload,
  InviteUsersResult,
  userMutations,
  userPayload,
} from "./userMutations.js";

const missingMember = (name: string): never => {
  throw new MalformedResponseError(`The response lacks ${name}.`);
};

/** Types whose resolvers return objects with the schema's own fields. */
type PlainType =
  | "AccountEdge"
  | "UserEdge"
  | "PageInfo"
  | "MutationError"
  | "UserError"
  | "InviteError"
  | "WriteOutcome";

/** All resolvers. A field or mutation of the SDL without a resolver does not compile. */
export const resolvers: Omit<Resolvers, PlainType> = {
  Query: { ...accountQueries, ...userQueries, ...nodeQueries },
  Mutation: { ...accountMutations, ...userMutations },

  Node,
  Account,
  AccountConnection,
  SigninDelegateGroup: { groupName: ({ GroupName }) => GroupName ?? missingMember("GroupName") },
  User,
  UserConnection,
  AlexaForBusinessMetadata,
  Invite,

  CreateAccountPayload: accountPayload,
  UpdateAccountPayload: accountPayload,
  AssociateSigninDelegateGroupsWithAccountPayload: accountPayload,
  DisassociateSigninDelegateGroupsFromAccountPayload: accountPayload,
  CreateUserPayload: userPayload,
  UpdateUserPayload: userPayload,
  ResetPersonalPinPayload: userPayload,
  BatchUpdateUserPayload,
  BatchUpdateUserResult,
  InviteUsersPayload,
  InviteUsersResult,

  DateTime,
  EmailAddress,

  // Internally, enum values are Chime's own: `ENTERPRISE_LWA` is "EnterpriseLWA".
  AccountStatus: { ACTIVE: AccountStatus.Active, SUSPENDED: AccountStatus.Suspended },
  AccountType: {
    TEAM: AccountType.Team,
    ENTERPRISE_DIRECTORY: AccountType.EnterpriseDirectory,
    ENTERPRISE_LWA: AccountType.EnterpriseLWA,
    ENTERPRISE_OIDC: AccountType.EnterpriseOIDC,
  },
  EmailStatus: { NOT_SENT: EmailStatus.NotSent, SENT: EmailStatus.Sent, FAILED: EmailStatus.Failed },
  InviteStatus: {
    PENDING: InviteStatus.Pending,
    ACCEPTED: InviteStatus.Accepted,
    FAILED: InviteStatus.Failed,
  },
  License: {
    BASIC: License.Basic,
    PLUS: License.Plus,
    PRO: License.Pro,
    PRO_TRIAL: License.ProTrial,
  },
  RegistrationStatus: {
    UNREGISTERED: RegistrationStatus.Unregistered,
    REGISTERED: RegistrationStatus.Registered,
    SUSPENDED: RegistrationStatus.Suspended,
  },
  UserType: { PRIVATE_USER: UserType.PrivateUser, SHARED_DEVICE: UserType.SharedDevice },
  ErrorCode: {
    ACCESS_DENIED: ErrorCode.AccessDenied,
    BAD_REQUEST: ErrorCode.BadRequest,
    CONFLICT: ErrorCode.Conflict,
    FORBIDDEN: ErrorCode.Forbidden,
    NOT_FOUND: ErrorCode.NotFound,
    OUTCOME_UNKNOWN: ErrorCode.OutcomeUnknown,
    PHONE_NUMBER_ASSOCIATIONS_EXIST: ErrorCode.PhoneNumberAssociationsExist,
    PRECONDITION_FAILED: ErrorCode.PreconditionFailed,
    RESOURCE_LIMIT_EXCEEDED: ErrorCode.ResourceLimitExceeded,
    SERVICE_FAILURE: ErrorCode.ServiceFailure,
    SERVICE_UNAVAILABLE: ErrorCode.ServiceUnavailable,
    THROTTLED: ErrorCode.Throttled,
    THROTTLING: ErrorCode.Throttling,
    UNAUTHORIZED: ErrorCode.Unauthorized,
    UNPROCESSABLE: ErrorCode.Unprocessable,
    VOICE_CONNECTOR_GROUP_ASSOCIATIONS_EXIST: ErrorCode.VoiceConnectorGroupAssociationsExist,
  },
};
