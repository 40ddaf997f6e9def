import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { type Entry, short } from "../../support/bulk.js";
import { useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { largeAccountId, teamAccountId } = SEED;

const updates = `mutation ($input: BatchUpdateUserInput!) { payload: batchUpdateUser(input: $input) {
  outcome
  results { index userId outcome user { userId licenseType } error { code message path } }
  users { userId }
  userErrors { index userId errorCode errorMessage }
  errors { code path message }
} }`;
/** The payload; its lists must agree with its results. */
async function update(accountId: string, updateUserRequestItems: readonly object[]) {
  const { data, errors } = await harness.ask(updates, { input: { accountId, updateUserRequestItems } });
  expect(errors).toBeUndefined();
  const { results, users, userErrors } = data.payload;
  expect(users).toEqual(
    results.flatMap(({ user }: { user: { userId: string } | null }) => (user ? { userId: user.userId } : [])),
  );
  expect(userErrors).toEqual(
    results.flatMap(({ index, userId, error }: Entry & { userId: string }) =>
      error ? { index, userId, errorCode: error.code, errorMessage: expect.any(String) } : [],
    ),
  );
  return data.payload;
}

const basic = (userId: string) => ({ userId, licenseType: "BASIC" });

describe("batchUpdateUser", () => {
  test("returns a result for each item in input order, with its index, id, and user or error", async () => {
    const [a = "", b = ""] = await harness.userIds(largeAccountId, 2);
    const { outcome, results } = await update(largeAccountId, [basic(b), basic("nobody"), basic(a)]);

    expect(outcome).toBe("PARTIAL");
    expect(results).toEqual([
      { index: 0, userId: b, outcome: "DONE", user: basic(b), error: null },
      {
        index: 1,
        userId: "nobody",
        outcome: "NOT_DONE",
        user: null,
        error: {
          code: "NOT_FOUND",
          message: "is not the id of a user of the account",
          path: ["updateUserRequestItems", "1", "userId"],
        },
      },
      { index: 2, userId: a, outcome: "DONE", user: basic(a), error: null },
    ]);
  });

  test.each<[string, object, string[]]>([
    ["an id that leads elsewhere", { userId: "../x", licenseType: "PRO" }, ["userId"]],
    ["an empty id", { userId: "", licenseType: "PRO" }, ["userId"]],
    ["a blank id", { userId: "  ", licenseType: "PRO" }, ["userId"]],
    ["nothing to change", { userId: "u" }, ["licenseType"]],
    ["null alone", { userId: "u", licenseType: null, alexaForBusinessMetadata: null }, ["licenseType"]],
    ["empty metadata", { userId: "u", alexaForBusinessMetadata: {} }, ["alexaForBusinessMetadata"]],
    [
      "text that cannot be stored",
      { userId: "u", alexaForBusinessMetadata: { alexaForBusinessRoomArn: "a\0" } },
      ["alexaForBusinessMetadata", "alexaForBusinessRoomArn"],
    ],
  ])("rejects only the malformed item: %s", async (_what, malformed, path) => {
    const ids = await harness.userIds(largeAccountId, 45);
    const items: object[] = ids.map(basic);
    items.splice(21, 0, malformed);
    const { outcome, results } = await update(largeAccountId, items);

    expect(outcome).toBe("PARTIAL");
    expect(short(results)).toEqual(
      items.map((_, index) =>
        index === 21 ? ["NOT_DONE", "BAD_REQUEST", ["updateUserRequestItems", "21", ...path]] : ["DONE"],
      ),
    );
    expect((await harness.calls())["BatchUpdateUser"]).toBe(3);
  });

  test("rejects only the item whose license Chime does not support", async () => {
    const [a = "", b = ""] = await harness.userIds(teamAccountId, 2);
    const { results } = await update(teamAccountId, [{ userId: a, licenseType: "PLUS" }, basic(b)]);

    expect(short(results)).toEqual([
      ["NOT_DONE", "BAD_REQUEST", ["updateUserRequestItems", "0", "licenseType"]],
      ["DONE"],
    ]);
  });

  test("rejects different changes of one user, and no other item", async () => {
    const [a = "", b = "", c = ""] = await harness.userIds(largeAccountId, 3);
    const { outcome, results } = await update(largeAccountId, [
      basic(a),
      basic(b),
      { userId: a, licenseType: "PRO" },
      { userId: c, userType: "PRIVATE_USER" },
      basic(a),
      { userId: c, userType: "PRIVATE_USER" },
    ]);

    expect(outcome).toBe("PARTIAL");
    expect(results.map(({ error }: Entry) => error)).toEqual([
      conflict(0, 2),
      null,
      conflict(2, 0),
      null,
      conflict(4, 2),
      null,
    ]);
    const [call] = await harness.arrivals();
    expect(call?.operation).toBe("BatchUpdateUser");
    expect((await harness.calls())["BatchUpdateUser"]).toBe(1);
  });

  const conflict = (index: number, other: number) => ({
    code: "BAD_REQUEST",
    message: `conflicts with the change in item ${other}`,
    path: ["updateUserRequestItems", String(index), "userId"],
  });

  test("sends a change although another one of the same user is malformed", async () => {
    const [a = ""] = await harness.userIds(largeAccountId, 1);
    const { results } = await update(largeAccountId, [basic(a), { userId: a }]);

    expect(short(results)).toEqual([
      ["DONE"],
      ["NOT_DONE", "BAD_REQUEST", ["updateUserRequestItems", "1", "licenseType"]],
    ]);
  });

  test("sends a repeated change once, and reports it at both items", async () => {
    const [a = ""] = await harness.userIds(largeAccountId, 1);
    const { outcome, results } = await update(largeAccountId, [
      basic(a),
      basic("nobody"),
      { licenseType: "BASIC", userType: null, userId: a },
      basic("nobody"),
    ]);

    expect(outcome).toBe("PARTIAL");
    expect(short(results)).toEqual([
      ["DONE"],
      ["NOT_DONE", "NOT_FOUND", ["updateUserRequestItems", "1", "userId"]],
      ["DONE"],
      ["NOT_DONE", "NOT_FOUND", ["updateUserRequestItems", "3", "userId"]],
    ]);
  });

  test("sends nothing if no item is valid", async () => {
    const { outcome, results, errors } = await update(largeAccountId, [basic(".."), { userId: "u" }]);

    expect(outcome).toBe("NOT_DONE");
    expect(short(results).map(([item]) => item)).toEqual(["NOT_DONE", "NOT_DONE"]);
    expect(errors).toEqual([]);
    expect(await harness.calls()).toEqual({});
  });

  test("is rejected as a whole, and sends nothing, if the account's id is malformed", async () => {
    expect(await update("a/b", [basic("u"), basic("..")])).toEqual({
      outcome: "NOT_DONE",
      results: [],
      users: [],
      userErrors: [],
      errors: [
        { code: "BAD_REQUEST", path: ["accountId"], message: "must be 1 to 128 letters, digits, '-' or '_'" },
      ],
    });
    expect(await harness.calls()).toEqual({});
  });

  test("is rejected as a whole without items", async () => {
    expect(await update(largeAccountId, [])).toMatchObject({
      outcome: "NOT_DONE",
      results: [],
      errors: [{ code: "BAD_REQUEST", path: ["updateUserRequestItems"] }],
    });
    expect(await harness.calls()).toEqual({});
  });

  test("returns UNKNOWN for the items of a lost call, and PARTIAL if others are done", async () => {
    const ids = await harness.userIds(largeAccountId, 41);
    await harness.fault({ operation: "BatchUpdateUser", kind: "reset-after", next: 1 });
    const { outcome, results } = await update(largeAccountId, ids.map(basic));
    const lost = results.filter((entry: Entry) => entry.outcome === "UNKNOWN");

    expect(outcome).toBe("PARTIAL");
    expect([1, 20]).toContain(lost.length);
    for (const { error } of lost) expect(error).toMatchObject({ code: "OUTCOME_UNKNOWN", path: null });
    expect(results.filter((entry: Entry) => entry.outcome === "DONE")).toHaveLength(41 - lost.length);
  });

  test("is UNKNOWN if all calls are lost, even if one item is certainly not done", async () => {
    const ids = await harness.userIds(largeAccountId, 25);
    await harness.fault({ operation: "BatchUpdateUser", kind: "500" });
    const whole = await update(largeAccountId, ids.map(basic));
    const mixed = await update(largeAccountId, [...ids.map(basic), basic("..")]);

    expect(whole.outcome).toBe("UNKNOWN");
    expect(new Set(whole.results.map((entry: Entry) => entry.outcome))).toEqual(new Set(["UNKNOWN"]));
    expect(mixed.outcome).toBe("UNKNOWN");
    expect(mixed.results.at(-1).outcome).toBe("NOT_DONE");
  });

  test("is NOT_DONE for each item if the account does not exist", async () => {
    const { outcome, results } = await update("nothing", [basic("a"), basic("b")]);

    expect(outcome).toBe("NOT_DONE");
    expect(short(results)).toEqual([
      ["NOT_DONE", "NOT_FOUND", ["accountId"]],
      ["NOT_DONE", "NOT_FOUND", ["accountId"]],
    ]);
  });

  test("reads users back once, whether they are selected in users, in results or in both", async () => {
    const ids = await harness.userIds(largeAccountId, 50);
    await update(largeAccountId, ids.map(basic));

    expect(await harness.calls()).toEqual({ BatchUpdateUser: 3, ListUsers: 1 });
  });
});
