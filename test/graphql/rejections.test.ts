import { describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { ask, startOn } from "../support/fixture.js";
import { startStub } from "../support/stub.js";

const { teamAccountId: accountId, userId, freeNumber } = SEED;

/** Runs a mutation on a Chime that refuses everything. @returns the code and path of each error, and the messages */
async function refused(exception: string, mutation: string, input: object) {
  const stub = await startStub((_request, response) => {
    const status = exception === "BadRequestException" ? 400 : 403;
    response
      .writeHead(status, { "content-type": "application/json", "x-amzn-errortype": exception })
      .end("{}");
  });
  const gateway = await startOn(stub.url);
  onTestFinished(async () => {
    await gateway.close();
    await stub.close();
  });
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const { data, errors } = await ask(gateway.url, {
    query: `mutation ($input: ${type}!) { payload: ${mutation}(input: $input) { outcome errors { code path message } } }`,
    variables: { input },
  });
  expect(errors).toBeUndefined();
  expect(data.payload).toMatchObject({ outcome: "NOT_DONE", errors: [{}] });
  return data.payload.errors[0];
}

const user = { accountId, userId };
const room = { accountId, roomId: "room" };
const alexaForBusinessMetadata = { isAlexaForBusinessEnabled: true };
const telephony = { inboundCalling: true, outboundCalling: true, sms: true };

describe("a value that Chime refuses has the path of the only field that is left:", () => {
  test.each<[string, object, string]>([
    ["updateAccount", { accountId, name: "New" }, "name"],
    ["createUser", { accountId, email: "ada@example.com" }, "email"],
    ["createUser", { accountId, username: "Ada" }, "username"],
    ["updateUser", { ...user, userType: "SHARED_DEVICE" }, "userType"],
    ["updateUser", { ...user, alexaForBusinessMetadata }, "alexaForBusinessMetadata"],
    ["updateUserSettings", { ...user, userSettings: { telephony } }, "userSettings"],
    ["updateGlobalSettings", { businessCalling: { cdrBucket: "records" } }, "businessCalling"],
    ["updateGlobalSettings", { voiceConnector: { cdrBucket: null } }, "voiceConnector"],
    ["associateSigninDelegateGroupsWithAccount", { accountId, groupNames: ["board"] }, "groupNames"],
    ["disassociateSigninDelegateGroupsFromAccount", { accountId, groupNames: ["board"] }, "groupNames"],
    ["createRoomMembership", { ...room, memberId: "member" }, "memberId"],
    ["createRoomMembership", { ...room, memberId: "member", role: "MEMBER" }, "memberId"],
    ["createRoomMembership", { ...room, memberId: "member", role: "ADMINISTRATOR" }, "role"],
  ])("%s %j", async (mutation, input, field) => {
    expect(await refused("BadRequestException", mutation, input)).toMatchObject({
      code: "BAD_REQUEST",
      path: [field],
    });
  });
});

describe("a value that Chime refuses has no path if several fields are left:", () => {
  test.each<[string, object]>([
    ["createUser", { accountId, email: "ada@example.com", username: "Ada" }],
    ["updateUser", { ...user, userType: "SHARED_DEVICE", licenseType: "PRO" }],
    [
      "updateGlobalSettings",
      { businessCalling: { cdrBucket: null }, voiceConnector: { cdrBucket: "records" } },
    ],
  ])("%s %j", async (mutation, input) => {
    expect(await refused("BadRequestException", mutation, input)).toMatchObject({
      code: "BAD_REQUEST",
      path: null,
    });
  });
});

describe("an exceeded quota is explained:", () => {
  test.each<[string, object, string[] | null, string]>([
    [
      "createPhoneNumberOrder",
      { productType: "BUSINESS_CALLING", e164PhoneNumbers: [freeNumber] },
      ["e164PhoneNumbers"],
      "has more phone numbers than",
    ],
    ["restorePhoneNumber", { phoneNumberId: freeNumber }, ["phoneNumberId"], "cannot be restored"],
    // Chime limits the members of a room and the rooms of a member.
    ["createRoomMembership", { ...room, memberId: "member" }, null, "has 1,000 members already, or"],
  ])("%s", async (mutation, input, path, message) => {
    expect(await refused("ResourceLimitExceededException", mutation, input)).toEqual({
      code: "RESOURCE_LIMIT_EXCEEDED",
      path,
      message: expect.stringContaining(message),
    });
  });
});
