import { expect, test } from "vitest";
import { camelName, enumName } from "../../src/chime-api/names.js";
import { operations } from "../../src/chime-api/operations.js";
import { createRequest } from "../../src/chime-api/requests.js";
import { findIssues } from "../../src/chime-api/validation.js";

test.each([
  ["AccountId", "accountId"],
  ["PersonalPIN", "personalPin"],
  ["SMS", "sms"],
  ["E164PhoneNumber", "e164PhoneNumber"],
  ["OutboundEventsHTTPSEndpoint", "outboundEventsHttpsEndpoint"],
])("the member %s is %s in GraphQL", (member, name) => {
  expect(camelName(member)).toBe(name);
});

test.each([
  ["EnterpriseLWA", "ENTERPRISE_LWA"],
  ["ProTrial", "PRO_TRIAL"],
  ["SipMediaApplicationDialIn", "SIP_MEDIA_APPLICATION_DIAL_IN"],
])("the enum value %s is %s in GraphQL", (value, name) => {
  expect(enumName(value)).toBe(name);
});

test("an input becomes a request, without null and unknown members", () => {
  const input = {
    accountId: "a",
    updateUserRequestItems: [
      { userId: "u", licenseType: null, alexaForBusinessMetadata: { isAlexaForBusinessEnabled: true } },
    ],
    clientMutationId: "1",
  };
  expect(createRequest("BatchUpdateUser", input)).toEqual({
    AccountId: "a",
    UpdateUserRequestItems: [{ UserId: "u", AlexaForBusinessMetadata: { IsAlexaForBusinessEnabled: true } }],
  });
  expect(
    createRequest("UpdateUserSettings", {
      accountId: "a",
      userId: "u",
      userSettings: { telephony: { inboundCalling: true, outboundCalling: false, sms: true } },
    }).UserSettings?.Telephony,
  ).toEqual({ InboundCalling: true, OutboundCalling: false, SMS: true });
});

test("all issues of a request are found, each with its path", () => {
  const request = createRequest("BatchCreateRoomMembership", {
    accountId: "..",
    roomId: "r",
    membershipItemList: [{ memberId: "m" }, { memberId: "m/n", role: "Guest" as "Member" }],
  });
  expect(findIssues(operations.BatchCreateRoomMembership.input, request)).toEqual([
    { path: ["AccountId"], message: "must be 1 to 128 letters, digits, '-' or '_'" },
    {
      path: ["MembershipItemList", 1, "MemberId"],
      message: "must be 1 to 128 letters, digits, '-' or '_'",
    },
    { path: ["MembershipItemList", 1, "Role"], message: "must be one of Administrator, Member" },
  ]);
});
