import { SEED } from "../../src/chime-local/seed/index.js";
import { idOf } from "../../src/chime-local/store/ids.js";
import { read, write } from "./canaryRequests.js";

const { teamAccountId, assignedNumber, freeNumber, deletedNumber, orderId, userId } = SEED;

/** Without the plus sign: each is part of the number, of Chime's id of it, and of the number in a URL. */
const digits = ["19195550147", "19195550163", "19195550181"];
const [ordered, other, called] = digits.map((number) => `+${number}`);
/** Ordered numbers take two seconds until they are in the inventory. */
const otherFreeNumber = freeNumber.replace(/.$/, "1");
const callingNames = ["Quilla Desk", "Ossian Desk", "Brandywine Co"];
/** Never in a response. */
export const joinToken = "canaryJoinToken/77";
export const phoneNumberValues: readonly string[] = [...digits, ...callingNames];

const everything = `id phoneNumberId e164PhoneNumber country type productType status capabilities { inboundCall }
  associations { name value associatedTimestamp } callingName callingNameStatus createdTimestamp updatedTimestamp
  deletionTimestamp user { displayName phoneNumber { e164PhoneNumber } }`;
const phoneNumber = `phoneNumber { ${everything} }`;
const page = `edges { cursor node { e164PhoneNumber } } pageInfo { endCursor }`;
const error = "{ code message path }";
const errors = `errors ${error}`;
const results = `outcome results { index phoneNumberId outcome ${phoneNumber} error ${error} }
  phoneNumbers { ${everything} } phoneNumberErrors { index phoneNumberId errorCode errorMessage } ${errors}`;
const order = `status orderedPhoneNumbers { e164PhoneNumber status ${phoneNumber} }`;

/** Every operation on phone numbers, with all personal data in its response and in its variables. */
export const phoneNumberOperations = {
  availablePhoneNumbers: read(
    `availablePhoneNumbers(first: 200, areaCode: "919", country: "US", phoneNumberType: LOCAL) { nodes { e164PhoneNumber } edges { cursor } }`,
  ),
  createPhoneNumberOrder: write("createPhoneNumberOrder", `phoneNumberOrder { ${order} } ${errors}`, {
    productType: "BUSINESS_CALLING",
    e164PhoneNumbers: [ordered, other],
  }),
  invalidOrder: write("createPhoneNumberOrder", errors, {
    productType: "BUSINESS_CALLING",
    e164PhoneNumbers: [`${ordered} or ${other}`, callingNames[0]],
  }),
  phoneNumberOrder: read(`phoneNumberOrder(phoneNumberOrderId: "${orderId}") { ${order} }`),
  phoneNumberOrders: read(`phoneNumberOrders(first: 5) { nodes { ${order} } }`),
  phoneNumber: read(`phoneNumber(phoneNumberId: "${ordered}") { ${everything} }`),
  encodedPhoneNumber: read(`phoneNumber(phoneNumberId: "${other?.replace("+", "%2B")}") { ${everything} }`),
  phoneNumbers: read(`phoneNumbers(first: 5, status: UNASSIGNED, productType: BUSINESS_CALLING) { ${page} }`),
  phoneNumbersOfUser: read(
    `phoneNumbers(association: { name: USER_ID, value: "${userId}" }) { nodes { ${everything} } }`,
  ),
  phoneNumbersOfAccount: read(
    `account(accountId: "${teamAccountId}") { phoneNumbers(first: 5) { ${page} } users(first: 5) { nodes { ${phoneNumber} } } }`,
  ),
  updatePhoneNumber: write("updatePhoneNumber", `${phoneNumber} ${errors}`, {
    phoneNumberId: freeNumber,
    callingName: callingNames[0],
  }),
  batchUpdatePhoneNumber: write("batchUpdatePhoneNumber", results, {
    updatePhoneNumberRequestItems: [otherFreeNumber, ordered, other, called, `${ordered} `].map(
      (phoneNumberId) => ({ phoneNumberId, callingName: callingNames[1] }),
    ),
  }),
  associatePhoneNumberWithUser: write(
    "associatePhoneNumberWithUser",
    `user { displayName } ${phoneNumber} ${errors}`,
    { accountId: teamAccountId, userId: idOf("seeded-user", 1), e164PhoneNumber: ordered },
  ),
  disassociatePhoneNumberFromUser: write(
    "disassociatePhoneNumberFromUser",
    `user { displayName } ${errors}`,
    {
      accountId: teamAccountId,
      userId: idOf("seeded-user", 1),
    },
  ),
  deletePhoneNumber: write("deletePhoneNumber", `${phoneNumber} ${errors}`, { phoneNumberId: ordered }),
  batchDeletePhoneNumber: write("batchDeletePhoneNumber", results, {
    phoneNumberIds: [ordered, other, called, assignedNumber, callingNames[2]],
  }),
  restorePhoneNumber: write("restorePhoneNumber", `${phoneNumber} ${errors}`, {
    phoneNumberId: deletedNumber,
  }),
  updatePhoneNumberSettings: write(
    "updatePhoneNumberSettings",
    `phoneNumberSettings { callingName } ${errors}`,
    {
      callingName: callingNames[2],
    },
  ),
  phoneNumberSettings: read("phoneNumberSettings { id callingName callingNameUpdatedTimestamp }"),
  supportedPhoneNumberCountries: read(
    "supportedPhoneNumberCountries(productType: VOICE_CONNECTOR) { countryCode supportedPhoneNumberTypes }",
  ),
  createMeetingDialOut: write("createMeetingDialOut", `transactionId ${errors}`, {
    meetingId: "0ca2d5d1-5b9a-4f3e-9c1d-2f0d6f6b7a11",
    fromPhoneNumber: ordered,
    toPhoneNumber: called,
    joinToken,
  }),
};
