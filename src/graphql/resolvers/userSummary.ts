import type { ValueCount } from "../../chime/reads/userWalk.js";
import type {
  AccountResolvers,
  LicenseTypeCountResolvers,
  UserInvitationStatusCountResolvers,
  UserRegistrationStatusCountResolvers,
  UserSummaryResolvers,
  UserTypeCountResolvers,
} from "../../generated/schema.js";

export const userSummaryFields = {
  userSummary: ({ AccountId }, _args, { loaders }) => loaders.userSummary(AccountId),
} satisfies Partial<AccountResolvers>;

export const UserSummary: UserSummaryResolvers = {
  total: ({ scannedCount }) => scannedCount,
  byLicenseType: ({ counts }) => counts.LicenseType,
  byUserRegistrationStatus: ({ counts }) => counts.UserRegistrationStatus,
  byUserType: ({ counts }) => counts.UserType,
  byUserInvitationStatus: ({ counts }) => counts.UserInvitationStatus,
  isComplete: ({ isComplete }) => isComplete,
  scannedCount: ({ scannedCount }) => scannedCount,
};

const counted = <Value>({ value }: ValueCount<Value>) => value;
const count = (found: ValueCount<unknown>) => found.count;

export const LicenseTypeCount: LicenseTypeCountResolvers = { licenseType: counted, count };
export const UserRegistrationStatusCount: UserRegistrationStatusCountResolvers = {
  userRegistrationStatus: counted,
  count,
};
export const UserTypeCount: UserTypeCountResolvers = { userType: counted, count };
export const UserInvitationStatusCount: UserInvitationStatusCountResolvers = {
  userInvitationStatus: counted,
  count,
};
