import { describe, expect, test } from "vitest";
import { type Answer, ask, startOnStub } from "../../support/fixture.js";

/** A gateway on a Chime that answers every write with this response, and every read with 404. */
const gatewayOn = (body: object): Promise<string> =>
  startOnStub(({ method }, response) => {
    response.writeHead(method === "GET" ? 404 : 200, {
      "content-type": "application/json",
      ...(method === "GET" && { "x-amzn-errortype": "NotFoundException" }),
    });
    response.end(JSON.stringify(method === "GET" ? {} : body));
  });

const updateAccount = `updateAccount(input: { accountId: "own", name: "New" })`;
const updateUser = `updateUser(input: { accountId: "own", userId: "ada", licenseType: PRO })`;
const resetPin = `resetPersonalPin(input: { accountId: "own", userId: "ada" })`;
const createUser = `createUser(input: { accountId: "own", email: "ada@example.com" })`;

const account = { AccountId: "own", AwsAccountId: "111122223333", Name: "Foreign name" };
const user = {
  UserId: "ada",
  AccountId: "own",
  PrimaryEmail: "ada@example.com",
  DisplayName: "Foreign name",
};

const located = ({ errors = [] }: Answer) => errors.map(({ path, extensions }) => [path, extensions.code]);

describe("a write whose response is about another object is DONE, and none of the response is returned:", () => {
  test.each<[string, string, string, object]>([
    [
      "UpdateAccount, another account",
      updateAccount,
      "account { name }",
      { Account: { ...account, AccountId: "b" } },
    ],
    ["UpdateUser, another user", updateUser, "user { displayName }", { User: { UserId: "bob" } }],
    [
      "UpdateUser, another account",
      updateUser,
      "user { displayName }",
      { User: { ...user, AccountId: "b" } },
    ],
    [
      "ResetPersonalPIN, another user",
      resetPin,
      "user { displayName }",
      { User: { ...user, UserId: "bob" } },
    ],
    [
      "ResetPersonalPIN, another account",
      resetPin,
      "user { displayName }",
      { User: { ...user, AccountId: "b" } },
    ],
    [
      "CreateUser, another account",
      createUser,
      "user { displayName }",
      { User: { ...user, AccountId: "b" } },
    ],
    [
      "CreateUser, another address",
      createUser,
      "user { displayName }",
      { User: { ...user, PrimaryEmail: "bob@example.com" } },
    ],
  ])("%s", async (_what, field, object, response) => {
    const url = await gatewayOn(response);
    const answer = await ask(url, {
      query: `mutation { payload: ${field} { outcome ${object} errors { code } } }`,
    });
    const name = object.split(" ")[0] ?? "";

    expect(answer.data.payload).toEqual({ outcome: "DONE", [name]: null, errors: [] });
    expect(located(answer)).toEqual([[["payload", name], "INTERNAL_SERVER_ERROR"]]);
    expect(JSON.stringify(answer)).not.toMatch(/Foreign|bob/);
  });

  test("it is DONE without an error if the object is not selected", async () => {
    const url = await gatewayOn({ Account: { ...account, AccountId: "b" } });

    expect(await ask(url, { query: `mutation { ${updateAccount} { outcome errors { code } } }` })).toEqual({
      data: { updateAccount: { outcome: "DONE", errors: [] } },
    });
  });

  test("a later mutation of the same operation does not find the foreign object by its id", async () => {
    const url = await gatewayOn({ Account: { ...account, AccountId: "b" } });
    const answer = await ask(url, {
      query: `mutation { ${updateAccount} { account { name } }
        groups: associateSigninDelegateGroupsWithAccount(input: { accountId: "b", groupNames: ["g"] }) {
          outcome account { name } } }`,
    });

    expect(answer.data).toEqual({
      updateAccount: { account: null },
      groups: { outcome: "DONE", account: null },
    });
    expect(located(answer)).toEqual([
      [["updateAccount", "account"], "INTERNAL_SERVER_ERROR"],
      [["groups", "account"], "UPSTREAM_UNAVAILABLE"],
    ]);
  });
});

describe("a write whose response is about the requested object is returned:", () => {
  test.each<[string, string, string, object, object]>([
    ["an account", updateAccount, "account { name }", { Account: account }, { name: "Foreign name" }],
    ["a user", resetPin, "user { displayName }", { User: user }, { displayName: "Foreign name" }],
    [
      "a user, without the account",
      resetPin,
      "user { accountId }",
      { User: { UserId: "ada" } },
      { accountId: "own" },
    ],
    [
      "a user whose address has another letter case",
      createUser,
      "user { primaryEmail }",
      { User: { ...user, PrimaryEmail: "Ada@Example.com" } },
      { primaryEmail: "Ada@Example.com" },
    ],
  ])("%s", async (_what, field, object, response, expected) => {
    const url = await gatewayOn(response);
    const name = object.split(" ")[0] ?? "";

    expect(await ask(url, { query: `mutation { payload: ${field} { outcome ${object} } }` })).toEqual({
      data: { payload: { outcome: "DONE", [name]: expected } },
    });
  });
});

describe("a bulk write whose response is about other objects", () => {
  test("leaves the outcome of its items unknown: InviteUsers", async () => {
    const url = await gatewayOn({
      Invites: [{ EmailAddress: "bob@example.com" }, { EmailAddress: "a@example.com" }],
    });

    expect(
      await ask(url, {
        query: `mutation { inviteUsers(input: { accountId: "own", userEmailList: ["a@example.com", "c@example.com"] }) {
          outcome results { outcome invite { emailAddress } error { code } } } }`,
      }),
    ).toEqual({
      data: {
        inviteUsers: {
          outcome: "PARTIAL",
          results: [
            { outcome: "DONE", invite: { emailAddress: "a@example.com" }, error: null },
            { outcome: "UNKNOWN", invite: null, error: { code: "OUTCOME_UNKNOWN" } },
          ],
        },
      },
    });
  });

  test("leaves the outcome of its items unknown: BatchUpdateUser", async () => {
    const url = await gatewayOn({
      UserErrors: [
        { UserId: "bob", ErrorCode: "NotFound" },
        { UserId: "ada", ErrorCode: "Forbidden" },
      ],
    });

    expect(
      await ask(url, {
        query: `mutation { batchUpdateUser(input: { accountId: "own", updateUserRequestItems: [
          { userId: "ada", licenseType: PRO }, { userId: "eve", licenseType: PRO }] }) {
          outcome results { outcome error { code path } } } }`,
      }),
    ).toEqual({
      data: {
        batchUpdateUser: {
          outcome: "UNKNOWN",
          results: [
            { outcome: "NOT_DONE", error: { code: "FORBIDDEN", path: ["updateUserRequestItems", "0"] } },
            { outcome: "UNKNOWN", error: { code: "OUTCOME_UNKNOWN", path: null } },
          ],
        },
      },
    });
  });
});
