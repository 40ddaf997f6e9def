import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";
import { payloadOf } from "../../support/writes.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
/** Chime accepts one change of a name at a time: two free numbers. */
const otherNumber = SEED.freeNumber.replace(/.$/, "1");
const { freeNumber, largeAccountId: accountId, botId, teamAccountId, pendingUserId: userId } = SEED;

const write = (mutation: string, input: object, selection: string) =>
  payloadOf(harness, mutation, input, selection);

const error = "{ code message path }";
const single = async (phoneNumberId: string, callingName: string) =>
  write(
    "updatePhoneNumber",
    { phoneNumberId, callingName },
    `outcome phoneNumber { e164PhoneNumber callingName } errors ${error}`,
  );
const batch = async (items: object[]) =>
  write(
    "batchUpdatePhoneNumber",
    { updatePhoneNumberRequestItems: items },
    `outcome results { outcome phoneNumber { e164PhoneNumber callingName } error ${error} }`,
  );
const defaultName = async (callingName: string) =>
  write(
    "updatePhoneNumberSettings",
    { callingName },
    `outcome phoneNumberSettings { callingName } errors ${error}`,
  );

describe("a calling name", () => {
  test.each([" Harbor ", "\tHarbor", "Harbor\r\n", "\u200eHarbor\u200f", "\u00a0Harbor\u200b"])(
    "is stored without the white space around it: %j",
    async (callingName) => {
      const phoneNumber = { e164PhoneNumber: freeNumber, callingName: "Harbor" };

      expect(await single(freeNumber, callingName)).toEqual({ outcome: "DONE", phoneNumber, errors: [] });
      // With and without white space it is the same change.
      const items = [callingName, "Harbor"].map((name) => ({
        phoneNumberId: otherNumber,
        callingName: name,
      }));
      const other = { ...phoneNumber, e164PhoneNumber: otherNumber };
      const done = { outcome: "DONE", phoneNumber: other, error: null };
      expect(await batch(items)).toEqual({ outcome: "DONE", results: [done, done] });
      expect(await defaultName(callingName)).toMatchObject({
        outcome: "DONE",
        phoneNumberSettings: { callingName: "Harbor" },
      });
    },
  );

  test.each(["  ", "\t\n", "\u00a0", "\u200e\u200f", "\u200b", "\u2800"])(
    "is not removed by white space, and nothing is sent: %j",
    async (callingName) => {
      const rejected = { code: "BAD_REQUEST", message: "must not be blank", path: ["callingName"] };

      expect(await single(freeNumber, callingName)).toMatchObject({
        outcome: "NOT_DONE",
        errors: [rejected],
      });
      expect(await defaultName(callingName)).toMatchObject({ outcome: "NOT_DONE", errors: [rejected] });
      expect(await batch([{ phoneNumberId: freeNumber, callingName }])).toMatchObject({
        outcome: "NOT_DONE",
        results: [{ error: { ...rejected, path: ["updatePhoneNumberRequestItems", "0", "callingName"] } }],
      });
      expect(await harness.calls()).toEqual({});
    },
  );

  test("is too short if only its white space makes it two characters long", async () => {
    expect((await single(freeNumber, " A")).errors).toMatchObject([{ path: ["callingName"] }]);
    expect(await harness.calls()).toEqual({});
  });
});

describe("what is copied with a value is trimmed:", () => {
  test("around a phone number", async () => {
    const pasted = `\u202a${freeNumber}\u202c `;

    expect((await single(pasted, "Desk")).phoneNumber).toEqual({
      e164PhoneNumber: freeNumber,
      callingName: "Desk",
    });
    const copied = `\u2066${otherNumber}\u2069`;
    expect((await batch([{ phoneNumberId: copied, callingName: "Desk" }])).outcome).toBe("DONE");
    const { data } = await harness.ask(
      "query ($id: ID!) { phoneNumber(phoneNumberId: $id) { callingName } }",
      {
        id: pasted,
      },
    );
    expect(data.phoneNumber).toEqual({ callingName: "Desk" });
    expect(
      await write(
        "associatePhoneNumberWithUser",
        { accountId: teamAccountId, userId, e164PhoneNumber: pasted },
        `outcome phoneNumber { e164PhoneNumber } errors ${error}`,
      ),
    ).toEqual({ outcome: "DONE", phoneNumber: { e164PhoneNumber: freeNumber }, errors: [] });
  });

  test.each([
    ["outboundEventsHttpsEndpoint", "https://bots.example.com/"],
    ["lambdaFunctionArn", "arn:aws:lambda:us-east-1:111122223333:function:dispatch"],
  ])("around a bot's %s", async (field, value) => {
    const put = (given: string) =>
      write(
        "putEventsConfiguration",
        { accountId, botId, [field]: given },
        `outcome bot { eventsConfiguration { ${field} } } errors ${error}`,
      );

    expect(await put(`\u200e ${value}\n`)).toEqual({
      outcome: "DONE",
      bot: { eventsConfiguration: { [field]: value } },
      errors: [],
    });
    expect((await put(`${value}\u200bx`)).errors).toMatchObject([{ code: "BAD_REQUEST", path: [field] }]);
  });
});
