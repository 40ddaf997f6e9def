import { describe, expect, test } from "vitest";
import { ask, startOnResponses } from "../../support/fixture.js";

describe("a response about another object than the requested one is an error, and none of it is used:", () => {
  const unexpected = {
    message: "Chime returned an unexpected response.",
    extensions: { code: "INTERNAL_SERVER_ERROR" },
  };
  const name = { AwsAccountId: "1", Name: "Foreign" };
  const user = { DisplayName: "Foreign", PersonalPIN: "1234567890", PrimaryEmail: "foreign@example.com" };

  test.each<[string, string, object, object]>([
    [
      "an account",
      `{ account(accountId: "a") { accountId name } }`,
      { Account: { AccountId: "b", ...name } },
      { account: null },
    ],
    [
      "a user",
      `{ user(accountId: "a", userId: "u") { userId displayName } }`,
      { User: { UserId: "v", ...user } },
      { user: null },
    ],
    [
      "a user of another account",
      `{ user(accountId: "a", userId: "u") { userId personalPin } }`,
      { User: { UserId: "u", AccountId: "b", ...user } },
      { user: null },
    ],
    [
      "a user whose ids differ in their letters' case",
      `{ user(accountId: "a", userId: "u") { userId } }`,
      { User: { UserId: "U", ...user } },
      { user: null },
    ],
    [
      "the account of a global id",
      `{ node(id: "${Buffer.from("Account:a").toString("base64url")}") { id } }`,
      { Account: { AccountId: "b", ...name } },
      { node: null },
    ],
    [
      "an entity",
      `{ _entities(representations: [{ __typename: "User", accountId: "a", userId: "u" }]) { ... on User { userId } } }`,
      { User: { UserId: "v", ...user } },
      { _entities: [null] },
    ],
    [
      "one of many users",
      `{ users(accountId: "a", userIds: ["u"]) { userId displayName } }`,
      { User: { UserId: "v", ...user } },
      { users: [null] },
    ],
  ])("%s", async (_what, query, body, data) => {
    const url = await startOnResponses(() => body);
    const answer = await ask(url, { query });

    expect(answer.data).toEqual(data);
    expect(answer.errors).toMatchObject([unexpected]);
    expect(JSON.stringify(answer)).not.toMatch(/foreign|1234567890/i);
  });

  test("a row of another account among an account's users", async () => {
    const url = await startOnResponses(({ pathname }) =>
      pathname.endsWith("/users")
        ? {
            Users: [
              { UserId: "u", AccountId: "a" },
              { UserId: "v", AccountId: "b", ...user },
            ],
          }
        : pathname.includes("/users/")
          ? { User: { UserId: pathname.split("/").at(-1), DisplayName: "Own" } }
          : { Account: { AccountId: "a", AwsAccountId: "1", Name: "Own" } },
    );
    const walked = await ask(url, {
      query: `{ users(accountId: "a", userIds: ["u", "v", "w", "x"]) { displayName } }`,
    });
    // The page counts for nothing: each is asked for by itself.
    expect(walked).toEqual({ data: { users: Array(4).fill({ displayName: "Own" }) } });

    const listed = await ask(url, {
      query: `query ($representations: [_Any!]!) {
        _entities(representations: $representations) { ... on Account { users { nodes { displayName } } } }
        user(accountId: "a", userId: "v") { displayName }
      }`,
      variables: { representations: [{ __typename: "Account", accountId: "a" }] },
    });
    expect(listed.data.user).toEqual({ displayName: "Own" });
    expect(listed.errors).toMatchObject([unexpected]);
    expect(JSON.stringify(listed)).not.toContain("Foreign");
  });

  test("another user for an address", async () => {
    const url = await startOnResponses(({ pathname }) =>
      pathname === "/accounts"
        ? { Accounts: [{ AccountId: "a", AwsAccountId: "1", Name: "A" }] }
        : { Users: [{ UserId: "v", ...user }] },
    );
    const { data, errors } = await ask(url, {
      query: `{ userByEmail(email: "ada@example.com") { userId displayName } }`,
    });

    expect(data).toEqual({ userByEmail: null });
    expect(errors).toMatchObject([unexpected]);
    const same = await ask(url, { query: `{ userByEmail(email: "FOREIGN@example.com") { userId } }` });
    expect(same).toEqual({ data: { userByEmail: { userId: "v" } } });
  });

  test("a response without ids is accepted", async () => {
    const url = await startOnResponses(({ pathname }) =>
      pathname.includes("/users/") ? { User: { DisplayName: "Ada" } } : { Account: name },
    );
    const query = `{ user(accountId: "a", userId: "u") { userId accountId displayName account { accountId name } } }`;

    expect(await ask(url, { query })).toEqual({
      data: {
        user: {
          userId: "u",
          accountId: "a",
          displayName: "Ada",
          account: { accountId: "a", name: "Foreign" },
        },
      },
    });
  });

  test("none of it is cached", async () => {
    let foreign = true;
    const url = await startOnResponses(
      () => ({
        Account: { AccountId: foreign ? "b" : "a", AwsAccountId: "1", Name: foreign ? "Foreign" : "Own" },
      }),
      { CACHE_TTL_SECONDS: "600" },
    );
    const nameOf = async (accountId: string) =>
      (await ask(url, { query: `{ account(accountId: "${accountId}") { name } }` })).data.account;
    expect(await nameOf("a")).toBeNull();
    foreign = false;

    expect(await nameOf("a")).toEqual({ name: "Own" });
    expect(await nameOf("b")).toBeNull();
  });
});
