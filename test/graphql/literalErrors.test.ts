import { describe, expect, test } from "vitest";
import { useHarness } from "../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });

describe("a literal of the wrong type is rejected with its path:", () => {
  test.each<[string, string, string[], string]>([
    [
      "an unknown field",
      `mutation { createUser(input: { accountId: "a", nickname: "secret" }) { errors { code } } }`,
      ["input", "nickname"],
      `is not defined by type "CreateUserInput"`,
    ],
    [
      "an unknown field of a nested input",
      `mutation { batchUpdateUser(input: { accountId: "a", updateUserRequestItems: [
        { userId: "u" }, { userId: "u", alexaForBusinessMetadata: { roomArn: "secret" } }] }) { errors { code } } }`,
      ["input", "updateUserRequestItems", "1", "alexaForBusinessMetadata", "roomArn"],
      `is not defined by type "AlexaForBusinessMetadataInput"`,
    ],
    [
      "a required field that is missing",
      `mutation { createUser(input: { email: "ada@example.com" }) { errors { code } } }`,
      ["input", "accountId"],
      "is required",
    ],
    [
      "an unknown value of an enum",
      `mutation { updateUser(input: { accountId: "a", userId: "u", licenseType: SECRET }) { errors { code } } }`,
      ["input", "licenseType"],
      unknownLiteral("License"),
    ],
    [
      "a text for an enum",
      `mutation { updateUser(input: { accountId: "a", userId: "u", licenseType: "PRO" }) { errors { code } } }`,
      ["input", "licenseType"],
      `Enum "License" cannot represent non-enum value.`,
    ],
    [
      "a number for an address",
      `mutation { inviteUsers(input: { accountId: "a", userEmailList: ["a@b.c", 5] }) { errors { code } } }`,
      ["input", "userEmailList", "1"],
      "EmailAddress must be a string",
    ],
    [
      "a text for a number",
      `{ accounts(first: "secret") { nodes { name } } }`,
      ["first"],
      "Int cannot represent non-integer value.",
    ],
    [
      "null for an id",
      `{ account(accountId: null) { name } }`,
      ["accountId"],
      `Expected value of type "ID!".`,
    ],
    ["an argument that is missing", `{ account { name } }`, ["accountId"], "is required"],
    [
      "an unknown argument",
      `{ account(accountId: "a", secretly: true) { name } }`,
      ["secretly"],
      `Unknown argument "secretly" on field "Query.account".`,
    ],
    [
      "a variable's default",
      `query ($first: Int = "secret") { accounts(first: $first) { nodes { name } } }`,
      ["first"],
      "Int cannot represent non-integer value.",
    ],
  ])("%s", async (what, query, path, message) => {
    const answer = await harness.ask(query);
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: "GRAPHQL_VALIDATION_FAILED", problems: [{ path, message }] },
    ]);
    if (what !== "an unknown argument") expect(JSON.stringify(answer)).not.toMatch(/secret|ada@/i);
    expect(await harness.calls()).toEqual({});
  });

  test("a missing variable within an input", async () => {
    const query = `query ($id: ID = "a") { account(accountId: $id) { name } }`;
    expect((await harness.ask(query, { id: null })).errors).toMatchObject([
      {
        extensions: {
          code: "BAD_USER_INPUT",
          problems: [{ path: ["accountId"], message: "must not be null" }],
        },
      },
    ]);
  });

  test("an error in the query itself has no problems", async () => {
    const { errors } = await harness.ask('{ account(accountId: "a") { nothing } }');
    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: "GRAPHQL_VALIDATION_FAILED" }]);
  });

  function unknownLiteral(type: string) {
    return `The value does not exist in "${type}" enum.`;
  }
});
