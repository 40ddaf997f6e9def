import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { startOnStub, useHarness } from "../../support/fixture.js";
import { ask } from "../../support/graphqlClient.js";
import { write } from "../../support/writes.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
const { largeAccountId: accountId, roomId, userId, botId, stoppedBotId, deletedNumber } = SEED;
const room = { accountId, roomId };
const tollFree = "+18005550100";
const [ofUs, british] = ["+19195550100", "+442079460100"];

const inQueue =
  "Chime rejected the change: the phone number may be in the deletion queue, or not be acquired yet.";
const wrongUse =
  "is not possible for all of the numbers: toll-free numbers must not be BUSINESS_CALLING, and numbers outside the US must be SIP_MEDIA_APPLICATION_DIAL_IN";
const number = (phoneNumberId: string, productType: string) => ({ phoneNumberId, productType });
const order = (productType: string, ...e164PhoneNumbers: string[]) => ({ productType, e164PhoneNumbers });

describe("what Chime rejects is reported at a field that is the cause, or at none:", () => {
  test.each([
    [
      "the role of a bot, as it is",
      "updateRoomMembership",
      { ...room, memberId: botId, role: "MEMBER" },
      ["memberId"],
    ],
    [
      "the role of a bot",
      "updateRoomMembership",
      { ...room, memberId: botId, role: "ADMINISTRATOR" },
      ["memberId"],
    ],
    [
      "a bot as administrator",
      "createRoomMembership",
      { ...room, memberId: stoppedBotId, role: "ADMINISTRATOR" },
      ["role"],
    ],
    [
      "the use of a deleted number",
      "updatePhoneNumber",
      number(deletedNumber, "VOICE_CONNECTOR"),
      null,
      inQueue,
    ],
    [
      "the name of a deleted number",
      "updatePhoneNumber",
      { phoneNumberId: deletedNumber, callingName: "Desk" },
      null,
      inQueue,
    ],
    [
      "the use of a toll-free number",
      "updatePhoneNumber",
      number(tollFree, "BUSINESS_CALLING"),
      ["productType"],
    ],
    [
      "an order of a toll-free number",
      "createPhoneNumberOrder",
      order("BUSINESS_CALLING", ofUs, tollFree),
      ["productType"],
      wrongUse,
    ],
    [
      "an order of a British number",
      "createPhoneNumberOrder",
      order("VOICE_CONNECTOR", british),
      ["productType"],
      wrongUse,
    ],
  ])("%s", async (_what, mutation, input, path, message = expect.any(String)) => {
    expect(await write(harness, mutation, input, "")).toEqual({
      outcome: "NOT_DONE",
      errors: [{ code: "BAD_REQUEST", message, path }],
    });
  });

  test("numbers of a bulk write", async () => {
    const items = [number(deletedNumber, "VOICE_CONNECTOR"), number(tollFree, "BUSINESS_CALLING")];
    const { results } = await write(
      harness,
      "batchUpdatePhoneNumber",
      { updatePhoneNumberRequestItems: items },
      "results { error { code message path } }",
    );

    expect(results.map(({ error }: { error: object }) => error)).toEqual([
      { code: "BAD_REQUEST", message: inQueue, path: ["updatePhoneNumberRequestItems", "0"] },
      {
        code: "BAD_REQUEST",
        message: "is not possible for this phone number",
        path: ["updatePhoneNumberRequestItems", "1", "productType"],
      },
    ]);
  });

  test.each([
    ["with a token", { clientRequestToken: "token-1" }, null],
    ["without a token", {}, ["name"]],
  ])("a new room's name, %s", async (_what, token, path) => {
    const url = await startOnStub((_request, response) => {
      response.writeHead(400, { "x-amzn-errortype": "BadRequestException" });
      response.end(JSON.stringify({ Code: "BadRequest", Message: "no" }));
    });
    const { data } = await ask(url, {
      query: `mutation ($input: CreateRoomInput!) { createRoom(input: $input) { outcome errors { code path } } }`,
      variables: { input: { accountId, name: "Rejected", ...token } },
    });

    expect(data.createRoom).toEqual({ outcome: "NOT_DONE", errors: [{ code: "BAD_REQUEST", path }] });
  });
});

test("a full room is reported as such, and not as a quota of the account", async () => {
  const url = await startOnStub(({ url: path = "" }, response) => {
    const error = { MemberId: userId, ErrorCode: "ResourceLimitExceeded" };
    if (!path.includes("batch-create")) {
      response.writeHead(400, { "x-amzn-errortype": "ResourceLimitExceededException" });
      response.end(JSON.stringify({ Code: "ResourceLimitExceeded" }));
    } else response.end(JSON.stringify({ Errors: [error] }));
  });
  const ids = `accountId: "${accountId}", roomId: "${roomId}"`;
  const { data } = await ask(url, {
    query: `mutation {
      one: createRoomMembership(input: { ${ids}, memberId: "${userId}" }) { errors { code message path } }
      batch: batchCreateRoomMembership(input: { ${ids}, membershipItemList: [{ memberId: "${userId}" }] }) {
        results { error { code message path } } } }`,
  });
  const code = "RESOURCE_LIMIT_EXCEEDED";
  const message = "The room has 1,000 members already, or the member is in 1,000 rooms already.";

  expect(data.one.errors).toEqual([{ code, message, path: null }]);
  expect(data.batch.results).toEqual([{ error: { code, message, path: ["membershipItemList", "0"] } }]);
});
