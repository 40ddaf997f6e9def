import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { idOf } from "../../../src/chime-local/store/ids.js";
import { useHarness } from "../../support/fixture.js";
import { write as writeTo } from "../../support/writes.js";

const harness = useHarness();
const { teamAccountId: accountId, userId, assignedNumber, freeNumber } = SEED;
const userWithoutNumber = idOf("seeded-user", 1);
const encoded = (number: string) => number.replace("+", "%2B");

const write = (mutation: string, input: object, selection: string) =>
  writeTo(harness, mutation, input, selection);

describe("associatePhoneNumberWithUser", () => {
  const assign = (id: string, e164PhoneNumber: string, selection = "") =>
    write("associatePhoneNumberWithUser", { accountId, userId: id, e164PhoneNumber }, selection);

  test.each([freeNumber, encoded(freeNumber)])(
    "assigns %s, and returns the user and the number",
    async (number) => {
      const payload = await assign(
        userWithoutNumber,
        number,
        `user { userId primaryProvisionedNumber phoneNumber { status } }
       phoneNumber { e164PhoneNumber status user { userId } }`,
      );

      expect(payload).toEqual({
        outcome: "DONE",
        user: {
          userId: userWithoutNumber,
          primaryProvisionedNumber: freeNumber,
          phoneNumber: { status: "ASSIGNED" },
        },
        phoneNumber: { e164PhoneNumber: freeNumber, status: "ASSIGNED", user: { userId: userWithoutNumber } },
        errors: [],
      });
      expect(await harness.calls()).toEqual({
        AssociatePhoneNumberWithUser: 1,
        GetUser: 1,
        GetPhoneNumber: 1,
      });
    },
  );

  test.each([
    ["a malformed number", userWithoutNumber, "call me", "BAD_REQUEST", ["e164PhoneNumber"]],
    ["a malformed user id", "..", freeNumber, "BAD_REQUEST", ["userId"]],
    ["an unknown number", userWithoutNumber, "+12065559999", "NOT_FOUND", null],
    ["a user who has another number", userId, freeNumber, "BAD_REQUEST", null],
    [
      "another user's number",
      userWithoutNumber,
      assignedNumber,
      "PHONE_NUMBER_ASSOCIATIONS_EXIST",
      ["e164PhoneNumber"],
    ],
  ])("reports %s", async (_what, id, number, code, path) => {
    expect(await assign(id, number)).toMatchObject({ outcome: "NOT_DONE", errors: [{ code, path }] });
  });
});

describe("disassociatePhoneNumberFromUser", () => {
  const remove = (id: string) =>
    write("disassociatePhoneNumberFromUser", { accountId, userId: id }, "user { primaryProvisionedNumber }");

  test("returns the number to the inventory, and does nothing for a user without one", async () => {
    const done = { outcome: "DONE", user: { primaryProvisionedNumber: null }, errors: [] };

    expect(await remove(userId)).toEqual(done);
    expect(await remove(userId)).toEqual(done);
    const { data } = await harness.ask(`{ phoneNumber(phoneNumberId: "${assignedNumber}") { status } }`);
    expect(data.phoneNumber).toEqual({ status: "UNASSIGNED" });
  });

  test.each([
    ["nobody", "NOT_FOUND", null],
    ["..", "BAD_REQUEST", ["userId"]],
  ])("reports the user %s", async (id, code, path) => {
    expect(await remove(id)).toMatchObject({ outcome: "NOT_DONE", user: null, errors: [{ code, path }] });
  });
});

describe("updatePhoneNumberSettings", () => {
  const rename = (callingName: string) =>
    write("updatePhoneNumberSettings", { callingName }, "phoneNumberSettings { id callingName }");

  test("sets the default calling name, once in 7 days", async () => {
    expect(await rename("Main Line")).toMatchObject({
      outcome: "DONE",
      phoneNumberSettings: { callingName: "Main Line" },
      errors: [],
    });
    expect(await harness.calls()).toEqual({ UpdatePhoneNumberSettings: 1, GetPhoneNumberSettings: 1 });
    expect(await rename("Other Line")).toMatchObject({
      outcome: "NOT_DONE",
      phoneNumberSettings: null,
      errors: [{ code: "BAD_REQUEST", message: expect.stringContaining("7 days"), path: ["callingName"] }],
    });
  });

  test("removes the name if it is empty, and has a constant id", async () => {
    const { id } = (await rename("")).phoneNumberSettings;
    const { data } = await harness.ask("{ phoneNumberSettings { id callingName } }");

    expect(data.phoneNumberSettings).toEqual({ id, callingName: null });
  });

  test("rejects a name with other characters, and sends nothing", async () => {
    expect(await rename("Front-Desk")).toMatchObject({
      outcome: "NOT_DONE",
      errors: [{ code: "BAD_REQUEST", path: ["callingName"] }],
    });
    expect(await harness.calls()).toEqual({});
  });
});

describe("createMeetingDialOut", () => {
  const call = {
    meetingId: "0ca2d5d1-5b9a-4f3e-9c1d-2f0d6f6b7a11",
    fromPhoneNumber: freeNumber,
    toPhoneNumber: "+12065550199",
    joinToken: "token",
  };
  const dialOut = (changes: object) =>
    write("createMeetingDialOut", { ...call, ...changes }, "transactionId");

  test.each([freeNumber, encoded(freeNumber)])("calls from %s, in one call", async (fromPhoneNumber) => {
    expect(await dialOut({ fromPhoneNumber })).toEqual({
      outcome: "DONE",
      transactionId: expect.any(String),
      errors: [],
    });
    expect(await harness.calls()).toEqual({ CreateMeetingDialOut: 1 });
  });

  test.each([
    ["meetingId", "meeting", "must be a GUID"],
    ["toPhoneNumber", "+1", "must be a phone number in E.164 format"],
    ["joinToken", "a", "must be at least 2 characters"],
    ["joinToken", "a-b", "must have letters, digits, + and / only"],
  ])("rejects the %s %s, and sends nothing", async (field, value, message) => {
    expect(await dialOut({ [field]: value })).toEqual({
      outcome: "NOT_DONE",
      transactionId: null,
      errors: [{ code: "BAD_REQUEST", message, path: [field] }],
    });
    expect(await harness.calls()).toEqual({});
  });

  test("reports a number that is not the AWS account's", async () => {
    expect(await dialOut({ fromPhoneNumber: "+12065559999" })).toMatchObject({
      outcome: "NOT_DONE",
      errors: [{ code: "FORBIDDEN", path: ["fromPhoneNumber"] }],
    });
  });

  test.each(["500", "reset-before", "reset-after", "close"])(
    "costs money: it is never repeated while its outcome is unknown (%s)",
    async (kind) => {
      await harness.fault({ operation: "CreateMeetingDialOut", kind });

      expect(await dialOut({})).toMatchObject({ outcome: "UNKNOWN", errors: [{ code: "OUTCOME_UNKNOWN" }] });
      expect(await harness.calls()).toEqual({ CreateMeetingDialOut: 1 });
    },
  );
});
