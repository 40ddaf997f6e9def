import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
const { teamAccountId: accountId, smallAccountId, userId, userEmail, pendingUserId } = SEED;

/** The errors of a mutation's payload, those of items included, without their messages. */
async function errorsOf(name: string, input: object) {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const isBulk = ["batchUpdateUser", "inviteUsers"].includes(name);
  const { data, errors } = await harness.ask(
    `mutation ($input: ${type}!) { payload: ${name}(input: $input) {
      ${isBulk ? "results { error { code message path } }" : ""} errors { code message path } } }`,
    { input },
  );
  expect(errors).toBeUndefined();
  const { results = [], errors: whole } = data.payload;
  const found: { code: string; message: string; path: string[] | null }[] = [
    ...whole,
    ...results.flatMap(({ error }: { error: object | null }) => error ?? []),
  ];
  for (const { message } of found) expect(message).not.toMatch(/\.example\.com|nothing|nobody/);
  return found.map(({ code, path }) => [code, path]);
}

const user = { accountId, userId };
const item = (more: object) => ({
  accountId,
  updateUserRequestItems: [{ userId, licenseType: "PRO" }, more],
});

describe("an error from Chime has the path of the field that caused it, if no other field can have:", () => {
  test.each<[string, string, object, [string, string[] | null][]]>([
    ["the address of a user", "createUser", { accountId, email: userEmail }, [["CONFLICT", ["email"]]]],
    [
      "the address, in other letter case, beside a name and a type",
      "createUser",
      { accountId, email: userEmail.toUpperCase(), username: "Ada", userType: "SHARED_DEVICE" },
      [["CONFLICT", ["email"]]],
    ],
    [
      "a missing account",
      "createUser",
      { accountId: "nothing", username: "Ada" },
      [["NOT_FOUND", ["accountId"]]],
    ],
    [
      "a missing account",
      "updateAccount",
      { accountId: "nothing", name: "New" },
      [["NOT_FOUND", ["accountId"]]],
    ],
    [
      "a missing account",
      "associateSigninDelegateGroupsWithAccount",
      { accountId: "nothing", groupNames: ["board"] },
      [["NOT_FOUND", ["accountId"]]],
    ],
    [
      "a missing account",
      "disassociateSigninDelegateGroupsFromAccount",
      { accountId: "nothing", groupNames: ["board"] },
      [["NOT_FOUND", ["accountId"]]],
    ],
    [
      "a missing account, at each address",
      "inviteUsers",
      { accountId: "nothing", userEmailList: ["a@example.com", "b@example.com"] },
      [
        ["NOT_FOUND", ["accountId"]],
        ["NOT_FOUND", ["accountId"]],
      ],
    ],
    [
      "a missing account, at each item",
      "batchUpdateUser",
      { ...item({ userId: "other", licenseType: "PRO" }), accountId: "nothing" },
      [
        ["NOT_FOUND", ["accountId"]],
        ["NOT_FOUND", ["accountId"]],
      ],
    ],
    [
      "an account that is not a Team account",
      "inviteUsers",
      { accountId: smallAccountId, userEmailList: ["a@example.com"] },
      [["FORBIDDEN", ["accountId"]]],
    ],
    ["a license", "updateUser", { ...user, licenseType: "PLUS" }, [["BAD_REQUEST", ["licenseType"]]]],
    [
      "a license",
      "updateAccount",
      { accountId, defaultLicense: "PLUS" },
      [["BAD_REQUEST", ["defaultLicense"]]],
    ],
    [
      "a license beside a name, which is checked before",
      "updateAccount",
      { accountId, defaultLicense: "PRO_TRIAL", name: "New" },
      [["BAD_REQUEST", ["defaultLicense"]]],
    ],
    [
      "the license of one item",
      "batchUpdateUser",
      item({ userId: pendingUserId, licenseType: "PLUS" }),
      [["BAD_REQUEST", ["updateUserRequestItems", "1", "licenseType"]]],
    ],
    [
      "the user of one item, since Chime has found the account",
      "batchUpdateUser",
      item({ userId: "nobody", licenseType: "PRO" }),
      [["NOT_FOUND", ["updateUserRequestItems", "1", "userId"]]],
    ],
    [
      "an item with several changes, of which any may be at fault",
      "batchUpdateUser",
      item({ userId: pendingUserId, licenseType: "PLUS", userType: "PRIVATE_USER" }),
      [["BAD_REQUEST", ["updateUserRequestItems", "1"]]],
    ],
  ])("%s (%s)", async (_what, name, input, errors) => {
    expect(await errorsOf(name, input)).toEqual(errors);
  });
});

describe("an error from Chime that several fields may have caused has no path:", () => {
  test.each<[string, string, object, string]>([
    ["the account or the user", "updateUser", { ...user, userId: "nobody", licenseType: "PRO" }, "NOT_FOUND"],
    [
      "the account or the user",
      "updateUser",
      { ...user, accountId: "nothing", licenseType: "PRO" },
      "NOT_FOUND",
    ],
    ["the account or the user", "resetPersonalPin", { ...user, userId: "nobody" }, "NOT_FOUND"],
    ["the account or the user", "resetPersonalPin", { ...user, accountId: "nothing" }, "NOT_FOUND"],
    [
      "one of two changes",
      "updateUser",
      { ...user, licenseType: "PLUS", alexaForBusinessMetadata: { alexaForBusinessRoomArn: "arn" } },
      "BAD_REQUEST",
    ],
  ])("%s (%s)", async (_what, name, input, code) => {
    expect(await errorsOf(name, input)).toEqual([[code, null]]);
  });
});

test("an unknown outcome has no path", async () => {
  await harness.fault({ operation: "*", kind: "500" });

  expect(await errorsOf("updateUser", { ...user, licenseType: "PRO" })).toEqual([["OUTCOME_UNKNOWN", null]]);
  expect(await errorsOf("batchUpdateUser", item({ userId: pendingUserId, licenseType: "PRO" }))).toEqual([
    ["OUTCOME_UNKNOWN", null],
    ["OUTCOME_UNKNOWN", null],
  ]);
});
