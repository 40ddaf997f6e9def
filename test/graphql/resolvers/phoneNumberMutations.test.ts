import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { short } from "../../support/bulk.js";
import { useHarness } from "../../support/fixture.js";
import { payloadOf } from "../../support/writes.js";

const harness = useHarness();
const { assignedNumber, freeNumber, deletedNumber } = SEED;
/** Free numbers of the seed: 0 to 4. */
const free = (n: number) => `${freeNumber.slice(0, -1)}${n}`;
const encoded = (number: string) => number.replace("+", "%2B");
const number = "phoneNumber { e164PhoneNumber status callingName productType }";

const write = (
  mutation: string,
  input: object,
  selection = `outcome ${number} errors { code message path }`,
) => payloadOf(harness, mutation, input, selection);

describe("updatePhoneNumber", () => {
  test.each([freeNumber, encoded(freeNumber)])(
    "sets a calling name, by the id %s, in one call",
    async (phoneNumberId) => {
      expect(await write("updatePhoneNumber", { phoneNumberId, callingName: "Front Desk" })).toMatchObject({
        outcome: "DONE",
        phoneNumber: { e164PhoneNumber: freeNumber, callingName: "Front Desk" },
        errors: [],
      });
      expect(await harness.calls()).toEqual({ UpdatePhoneNumber: 1 });
    },
  );

  test("removes a calling name that is empty, and changes the use", async () => {
    expect(await write("updatePhoneNumber", { phoneNumberId: freeNumber, callingName: "" })).toMatchObject({
      outcome: "DONE",
      phoneNumber: { callingName: null },
    });
    expect(
      await write("updatePhoneNumber", { phoneNumberId: freeNumber, productType: "VOICE_CONNECTOR" }),
    ).toMatchObject({ outcome: "DONE", phoneNumber: { productType: "VOICE_CONNECTOR" } });
  });

  test.each([
    [
      "neither change",
      { phoneNumberId: freeNumber },
      "productType",
      "is required unless callingName is given",
    ],
    [
      "both changes",
      { phoneNumberId: freeNumber, productType: "VOICE_CONNECTOR", callingName: "Desk" },
      "callingName",
      "must not be given together with productType",
    ],
    [
      "a short name",
      { phoneNumberId: freeNumber, callingName: "A" },
      "callingName",
      "must be empty, or 2 to 15",
    ],
    ["a malformed id", { phoneNumberId: "a/b", callingName: "Desk" }, "phoneNumberId", "E.164"],
  ])("rejects %s, and sends nothing", async (_what, input, field, message) => {
    const { outcome, errors } = await write("updatePhoneNumber", input);

    expect([outcome, errors]).toEqual([
      "NOT_DONE",
      [{ code: "BAD_REQUEST", message: expect.stringContaining(message), path: [field] }],
    ]);
    expect(await harness.calls()).toEqual({});
  });

  test.each([
    [
      "an unknown number",
      { phoneNumberId: "+12065559999", callingName: "Desk" },
      "NOT_FOUND",
      ["phoneNumberId"],
    ],
    [
      "an impossible use",
      { phoneNumberId: "+18005550100", productType: "BUSINESS_CALLING" },
      "BAD_REQUEST",
      ["productType"],
    ],
    [
      "the use of an assigned number",
      { phoneNumberId: assignedNumber, productType: "VOICE_CONNECTOR" },
      "PHONE_NUMBER_ASSOCIATIONS_EXIST",
      ["productType"],
    ],
    [
      "a number in the deletion queue",
      { phoneNumberId: deletedNumber, callingName: "Desk" },
      "BAD_REQUEST",
      null,
    ],
  ])("reports %s", async (_what, input, code, path) => {
    expect(await write("updatePhoneNumber", input)).toMatchObject({
      outcome: "NOT_DONE",
      phoneNumber: null,
      errors: [{ code, path }],
    });
  });

  test("reports a second name while the first one is in progress", async () => {
    await write("updatePhoneNumber", { phoneNumberId: freeNumber, callingName: "First" });

    expect(
      await write("updatePhoneNumber", { phoneNumberId: freeNumber, callingName: "Second" }),
    ).toMatchObject({
      errors: [{ code: "CONFLICT", path: ["callingName"] }],
    });
  });

  test("is sent once if the response is lost, and its outcome is unknown", async () => {
    await harness.fault({ operation: "UpdatePhoneNumber", kind: "reset-after" });

    expect(
      await write("updatePhoneNumber", { phoneNumberId: freeNumber, callingName: "Desk" }),
    ).toMatchObject({
      outcome: "UNKNOWN",
      phoneNumber: null,
      errors: [{ code: "OUTCOME_UNKNOWN", path: null }],
    });
    expect(await harness.calls()).toEqual({ UpdatePhoneNumber: 1 });
  });
});

describe("deletePhoneNumber and restorePhoneNumber", () => {
  test("put a number into the deletion queue, and take it out again, in both forms of the id", async () => {
    const phoneNumberId = encoded(freeNumber);

    expect(await write("deletePhoneNumber", { phoneNumberId })).toMatchObject({
      outcome: "DONE",
      phoneNumber: { e164PhoneNumber: freeNumber, status: "RELEASE_IN_PROGRESS" },
      errors: [],
    });
    expect(await harness.calls()).toEqual({ DeletePhoneNumber: 1, GetPhoneNumber: 1 });
    await harness.forgetCalls();
    expect(await write("restorePhoneNumber", { phoneNumberId })).toMatchObject({
      outcome: "DONE",
      phoneNumber: { e164PhoneNumber: freeNumber, status: "UNASSIGNED" },
      errors: [],
    });
    expect(await harness.calls()).toEqual({ RestorePhoneNumber: 1 });
  });

  test.each([
    ["deletePhoneNumber", assignedNumber, "PHONE_NUMBER_ASSOCIATIONS_EXIST"],
    ["deletePhoneNumber", "+12065559999", "NOT_FOUND"],
    ["restorePhoneNumber", freeNumber, "BAD_REQUEST"],
    ["restorePhoneNumber", "+12065559999", "NOT_FOUND"],
    ["restorePhoneNumber", "x", "BAD_REQUEST"],
  ])("%s reports %s at the id", async (mutation, phoneNumberId, code) => {
    const { outcome, errors } = await write(mutation, { phoneNumberId });

    expect(outcome).toBe("NOT_DONE");
    expect(errors).toMatchObject([{ path: ["phoneNumberId"] }]);
    expect([code, "BAD_REQUEST"]).toContain(errors[0].code);
  });

  test("report a number that cannot be read back, which is in the deletion queue", async () => {
    await harness.fault({ operation: "GetPhoneNumber", kind: "500" });
    const { data, errors = [] } = await harness.ask(
      `mutation { deletePhoneNumber(input: { phoneNumberId: "${freeNumber}" }) { outcome ${number} } }`,
    );

    expect(data.deletePhoneNumber).toEqual({ outcome: "DONE", phoneNumber: null });
    expect(errors.map(({ path }) => path)).toEqual([["deletePhoneNumber", "phoneNumber"]]);
  });
});

const results = `outcome results { index phoneNumberId outcome error { code message path } }
  phoneNumberErrors { index phoneNumberId errorCode errorMessage } errors { code message path }`;

describe("batchUpdatePhoneNumber", () => {
  const update = (updatePhoneNumberRequestItems: readonly object[], more = "") =>
    write("batchUpdatePhoneNumber", { updatePhoneNumberRequestItems }, `${results} ${more}`);
  const named = (phoneNumberId: string, callingName: string | null = "Desk") => ({
    phoneNumberId,
    callingName,
  });

  test("accounts for 500 items, valid and invalid ones, in both forms of the id", async () => {
    const unknown = Array.from({ length: 492 }, (_, n) => named(`+1206556${String(n).padStart(4, "0")}`));
    const items = [
      named(free(0)),
      named(encoded(free(1))),
      named(encoded(free(0))),
      named("x"),
      named(free(2), null),
      named(free(3), "Desk"),
      named(encoded(free(3)), "Lobby"),
      { phoneNumberId: assignedNumber, productType: "VOICE_CONNECTOR" },
      ...unknown,
    ];
    const payload = await update(items);
    const path = (n: number, field: string) => ["updatePhoneNumberRequestItems", String(n), field];

    expect(payload.outcome).toBe("PARTIAL");
    expect(payload.results.map((each: { phoneNumberId: string }) => each.phoneNumberId)).toEqual(
      items.map(({ phoneNumberId }) => phoneNumberId),
    );
    expect(short(payload.results.slice(0, 9))).toEqual([
      ["DONE"],
      ["DONE"],
      ["DONE"],
      ["NOT_DONE", "BAD_REQUEST", path(3, "phoneNumberId")],
      ["NOT_DONE", "BAD_REQUEST", path(4, "productType")],
      ["NOT_DONE", "BAD_REQUEST", path(5, "phoneNumberId")],
      ["NOT_DONE", "BAD_REQUEST", path(6, "phoneNumberId")],
      ["NOT_DONE", "PHONE_NUMBER_ASSOCIATIONS_EXIST", path(7, "productType")],
      ["NOT_DONE", "NOT_FOUND", path(8, "phoneNumberId")],
    ]);
    expect(payload.results[5].error.message).toBe("conflicts with the change in item 6");
    expect(payload.phoneNumberErrors).toHaveLength(497);
    expect(payload.phoneNumberErrors[0]).toMatchObject({
      index: 3,
      phoneNumberId: "x",
      errorCode: "BAD_REQUEST",
    });
    // 495 distinct changes.
    expect(await harness.calls()).toEqual({ BatchUpdatePhoneNumber: 10 });
  });

  test("reads the changed numbers back in at most one call more than there are", async () => {
    const items = [0, 1, 2, 3].map((n) => named(encoded(free(n))));
    const payload = await update(items, `phoneNumbers { callingName } results { ${number} }`);

    expect(payload.phoneNumbers).toEqual(items.map(() => ({ callingName: "Desk" })));
    expect(payload.results[3].phoneNumber.e164PhoneNumber).toBe(free(3));
    const { BatchUpdatePhoneNumber, ...reads } = await harness.calls();
    expect(BatchUpdatePhoneNumber).toBe(1);
    expect(Object.values(reads).reduce((sum, count) => sum + count)).toBeLessThanOrEqual(items.length + 1);
  });

  test("reads free numbers with a new use back in one call", async () => {
    const items = [0, 1, 2].map((n) => ({ phoneNumberId: free(n), productType: "VOICE_CONNECTOR" }));
    expect((await update(items, "phoneNumbers { status }")).outcome).toBe("DONE");
    expect(await harness.calls()).toEqual({ BatchUpdatePhoneNumber: 1, ListPhoneNumbers: 1 });
  });

  test("sends nothing without an item", async () => {
    expect(await update([])).toMatchObject({
      outcome: "NOT_DONE",
      results: [],
      errors: [{ code: "BAD_REQUEST", path: ["updatePhoneNumberRequestItems"] }],
    });
    expect(await harness.calls()).toEqual({});
  });
});

describe("batchDeletePhoneNumber", () => {
  const remove = (phoneNumberIds: readonly string[], more = "") =>
    write("batchDeletePhoneNumber", { phoneNumberIds }, `${results} ${more}`);

  test("accounts for each number, sends a repeated one once, and sends Chime its own form of the id", async () => {
    const ids = [free(0), encoded(free(0)), free(1).slice(1), "x", assignedNumber, "+12065559999"];
    const payload = await remove(ids, "phoneNumbers { e164PhoneNumber status }");

    expect(payload.outcome).toBe("PARTIAL");
    expect(short(payload.results).map(([outcome, , path]) => [outcome, path])).toEqual([
      ["DONE", undefined],
      ["DONE", undefined],
      ["DONE", undefined],
      ["NOT_DONE", ["phoneNumberIds", "3"]],
      ["NOT_DONE", ["phoneNumberIds", "4"]],
      ["NOT_DONE", ["phoneNumberIds", "5"]],
    ]);
    expect(payload.phoneNumberErrors.map((each: { phoneNumberId: string }) => each.phoneNumberId)).toEqual(
      ids.slice(3),
    );
    expect(payload.phoneNumbers).toEqual(
      [free(0), free(0), free(1)].map((e164PhoneNumber) => ({
        e164PhoneNumber,
        status: "RELEASE_IN_PROGRESS",
      })),
    );
    expect((await harness.calls())["BatchDeletePhoneNumber"]).toBe(1);
  });

  test("reads the numbers back from the deletion queue", async () => {
    const ids = [0, 1, 2, 3].map(free);
    const payload = await remove(ids, "phoneNumbers { e164PhoneNumber }");

    expect(payload.phoneNumbers).toEqual(ids.map((e164PhoneNumber) => ({ e164PhoneNumber })));
    expect(await harness.calls()).toEqual({ BatchDeletePhoneNumber: 1, ListPhoneNumbers: 1 });
  });

  test("does what Chime confirms when the response to one of several calls is lost", async () => {
    const ids = Array.from({ length: 500 }, (_, n) => `+1206556${String(n).padStart(4, "0")}`);
    await harness.fault({ operation: "BatchDeletePhoneNumber", kind: "reset-after", next: 1 });
    const { outcome, results: each } = await remove(ids);

    expect([outcome, each.length]).toEqual(["UNKNOWN", 500]);
    expect(each.filter((result: { outcome: string }) => result.outcome === "UNKNOWN")).toHaveLength(50);
    expect(await harness.calls()).toEqual({ BatchDeletePhoneNumber: 10 });
  });
});
