import {
  AccountStatus,
  AccountType,
  BotType,
  CallingNameStatus,
  EmailStatus,
  InviteStatus,
  License,
  MemberType,
  OrderedPhoneNumberStatus,
  PhoneNumberAssociationName,
  PhoneNumberOrderStatus,
  PhoneNumberProductType,
  PhoneNumberStatus,
  PhoneNumberType,
  RegistrationStatus,
  RoomMembershipRole,
  UserType,
} from "@aws-sdk/client-chime";
import { ErrorCode } from "../../../chime/errors.js";
import { enumValues } from "./derived.js";

/** Internally, enum values are Chime's own: `ENTERPRISE_LWA` is "EnterpriseLWA". */
export const enums = {
  AccountStatus: enumValues(AccountStatus),
  AccountType: enumValues(AccountType),
  BotType: enumValues(BotType),
  CallingNameStatus: enumValues(CallingNameStatus),
  EmailStatus: enumValues(EmailStatus),
  InviteStatus: enumValues(InviteStatus),
  License: enumValues(License),
  MemberType: enumValues(MemberType),
  OrderedPhoneNumberStatus: enumValues(OrderedPhoneNumberStatus),
  PhoneNumberAssociationName: enumValues(PhoneNumberAssociationName),
  PhoneNumberOrderStatus: enumValues(PhoneNumberOrderStatus),
  PhoneNumberProductType: enumValues(PhoneNumberProductType),
  PhoneNumberStatus: enumValues(PhoneNumberStatus),
  PhoneNumberType: enumValues(PhoneNumberType),
  RegistrationStatus: enumValues(RegistrationStatus),
  RoomMembershipRole: enumValues(RoomMembershipRole),
  UserType: enumValues(UserType),
  ErrorCode: enumValues(ErrorCode),
};
