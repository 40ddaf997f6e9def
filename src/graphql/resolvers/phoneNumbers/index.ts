import {
  CallingNameStatus,
  OrderedPhoneNumberStatus,
  PhoneNumberAssociationName,
  PhoneNumberOrderStatus,
  PhoneNumberProductType,
  PhoneNumberStatus,
  PhoneNumberType,
} from "@aws-sdk/client-chime";
import { connection } from "../shared/connections.js";
import { enumValues } from "../shared/derived.js";
import { userPayload } from "../userMutations.js";
import * as meeting from "./meeting.js";
import * as numbers from "./phoneNumber.js";
import * as assignment from "./phoneNumberAssignment.js";
import * as mutations from "./phoneNumberMutations.js";
import * as orders from "./phoneNumberOrder.js";
import * as settings from "./phoneNumberSettings.js";

export const { phoneNumberOfUser, phoneNumbersOfAccount } = numbers;

export const phoneNumberQueries = {
  ...numbers.phoneNumberQueries,
  ...settings.phoneNumberSettingsQueries,
  ...orders.phoneNumberOrderQueries,
};

export const phoneNumberMutations = {
  ...mutations.phoneNumberMutations,
  ...assignment.phoneNumberAssignmentMutations,
  ...settings.phoneNumberSettingsMutations,
  ...orders.phoneNumberOrderMutations,
  ...meeting.meetingMutations,
};

/** The resolvers of the types of phone numbers. */
export const phoneNumberTypes = {
  PhoneNumber: numbers.PhoneNumber,
  PhoneNumberConnection: connection,
  PhoneNumberCapabilities: numbers.PhoneNumberCapabilities,
  PhoneNumberAssociation: numbers.PhoneNumberAssociation,
  PhoneNumberSettings: settings.PhoneNumberSettings,
  PhoneNumberOrder: orders.PhoneNumberOrder,
  PhoneNumberOrderConnection: connection,
  OrderedPhoneNumber: orders.OrderedPhoneNumber,
  AvailablePhoneNumber: orders.AvailablePhoneNumber,
  AvailablePhoneNumberConnection: connection,
  PhoneNumberCountry: orders.PhoneNumberCountry,

  UpdatePhoneNumberPayload: mutations.phoneNumberPayload,
  DeletePhoneNumberPayload: mutations.phoneNumberPayload,
  RestorePhoneNumberPayload: mutations.phoneNumberPayload,
  BatchUpdatePhoneNumberPayload: mutations.BatchUpdatePhoneNumberPayload,
  BatchUpdatePhoneNumberResult: mutations.BatchUpdatePhoneNumberResult,
  BatchDeletePhoneNumberPayload: mutations.BatchDeletePhoneNumberPayload,
  BatchDeletePhoneNumberResult: mutations.BatchDeletePhoneNumberResult,
  AssociatePhoneNumberWithUserPayload: assignment.AssociatePhoneNumberWithUserPayload,
  DisassociatePhoneNumberFromUserPayload: userPayload,
  UpdatePhoneNumberSettingsPayload: settings.UpdatePhoneNumberSettingsPayload,
  CreatePhoneNumberOrderPayload: orders.CreatePhoneNumberOrderPayload,
  CreateMeetingDialOutPayload: meeting.CreateMeetingDialOutPayload,

  CallingNameStatus: enumValues(CallingNameStatus),
  OrderedPhoneNumberStatus: enumValues(OrderedPhoneNumberStatus),
  PhoneNumberAssociationName: enumValues(PhoneNumberAssociationName),
  PhoneNumberOrderStatus: enumValues(PhoneNumberOrderStatus),
  PhoneNumberProductType: enumValues(PhoneNumberProductType),
  PhoneNumberStatus: enumValues(PhoneNumberStatus),
  PhoneNumberType: enumValues(PhoneNumberType),
};
