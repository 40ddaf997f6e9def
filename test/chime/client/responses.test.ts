import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { ask, startOn } from "../../support/fixture.js";

/** A gateway on a Chime that answers each path, without its query, with what is said here. */
async function gatewayOn(
  answers: (url: URL, body: string) => object,
  env: Record<string, string> = {},
): Promise<string> {
  const chime = createServer(async (request, response) => {
    const body = await text(request);
    response
      .setHeader("content-type", "application/json")
      .end(JSON.stringify(answers(new URL(request.url ?? "", "http://chime"), body)));
  }).listen(0, "127.0.0.1");
  await once(chime, "listening");
  const { port } = chime.address() as AddressInfo;
  const gateway = await startOn(`http://127.0.0.1:${port}`, env);
  onTestFinished(async () => {
    await gateway.close();
    chime.closeAllConnections();
    chime.close();
  });
  return gateway.url;
}

describe("an answer of Chime's", () => {
  test.each<[string, object]>([
    ["no list", { Users: "oops" }],
    ["a number for an id", { Users: [{ UserId: 5 }] }],
    ["null for a user", { Users: [null] }],
    ["a date that is none", { Users: [{ UserId: "b", RegisteredOn: "yesterday" }] }],
    ["a list for a structure", ["Users"]],
  ])("of the wrong shape (%s) gives nobody a value of the wrong type", async (_what, body) => {
    const url = await gatewayOn(() => body);
    const { data, errors } = await ask(url, {
      query: `{ userByEmail(email: "ada@example.com") { userId } account(accountId: "a") { users { nodes { userId } } } }`,
    });

    expect(data).toEqual({ userByEmail: null, account: null });
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(
      new Set(["INTERNAL_SERVER_ERROR"]),
    );
  });

  test("that throttles single items of a bulk write has them, and no others, sent again", async () => {
    const sent: string[][] = [];
    const url = await gatewayOn((_, body) => {
      const ids = (JSON.parse(body).UpdateUserRequestItems as { UserId: string }[]).map(
        ({ UserId }) => UserId,
      );
      sent.push(ids);
      return sent.length > 1 ? {} : { UserErrors: [{ UserId: "b", ErrorCode: "Throttled" }] };
    });
    const { data } = await ask(url, {
      query: `mutation ($input: BatchUpdateUserInput!) {
        batchUpdateUser(input: $input) { userErrors { index errorCode } errors { code } }
      }`,
      variables: {
        input: {
          accountId: "a",
          updateUserRequestItems: ["a", "b", "c"].map((userId) => ({ userId, licenseType: "PRO" })),
        },
      },
    });

    expect(data).toEqual({ batchUpdateUser: { userErrors: [], errors: [] } });
    expect(sent).toEqual([["a", "b", "c"], ["b"]]);
  });

  test("that lacks the user or the account is no proof that there is none", async () => {
    const url = await gatewayOn(() => ({}));
    const { data, errors } = await ask(url, {
      query: `{ user(accountId: "a", userId: "b") { userId } account(accountId: "a") { name } }`,
    });

    expect(data).toEqual({ user: null, account: null });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual([
      "INTERNAL_SERVER_ERROR",
      "INTERNAL_SERVER_ERROR",
    ]);
  });

  test("that begins with an empty page hides nobody", async () => {
    const url = await gatewayOn(({ pathname, searchParams }) => {
      if (!searchParams.has("next-token")) return { Users: [], Accounts: [], NextToken: "more" };
      return pathname === "/accounts"
        ? { Accounts: [{ AccountId: "a", AwsAccountId: "1", Name: "A" }] }
        : { Users: [{ UserId: "b", PrimaryEmail: "ada@example.com" }] };
    });

    expect(await ask(url, { query: `{ userByEmail(email: "ada@example.com") { userId } }` })).toEqual({
      data: { userByEmail: { userId: "b" } },
    });
  });

  test("that is one empty page after the other is an error, after three that were followed", async () => {
    let calls = 0;
    const url = await gatewayOn(() => ({ Accounts: [], Users: [], NextToken: `t${calls++}` }));
    for (const query of [
      "{ accounts { nodes { name } } }",
      `{ userByEmail(email: "ada@example.com") { userId } }`,
    ]) {
      calls = 0;
      const { errors } = await ask(url, { query });
      expect(errors).toMatchObject([
        {
          message: "Chime's list does not end: its page tokens repeat or lead nowhere.",
          extensions: { code: "UPSTREAM_UNAVAILABLE" },
        },
      ]);
      expect(calls).toBe(4);
    }
  });

  test.each(["accounts", "users"])(
    "for each of many addresses (%s) does not multiply the calls",
    async (endless) => {
      const calls = { accounts: 0, users: 0 };
      const url = await gatewayOn(({ pathname }) => {
        const list = pathname === "/accounts" ? "accounts" : "users";
        const NextToken = endless === list ? `t${calls[list]}` : undefined;
        calls[list]++;
        return list === "accounts"
          ? { Accounts: NextToken ? [] : [{ AccountId: "a", AwsAccountId: "1", Name: "A" }], NextToken }
          : { Users: [], NextToken };
      });
      const representations = Array.from({ length: 200 }, (_, n) => ({
        __typename: "User",
        primaryEmail: `u${n}@example.com`,
      }));
      const { data, errors, extensions } = await ask(url, {
        query: `query ($representations: [_Any!]!) {
          _entities(representations: $representations) { ... on User { userId } } }`,
        variables: { representations },
      });

      expect(data._entities).toEqual(Array(200).fill(null));
      expect([errors?.length, extensions?.omittedErrors]).toEqual([100, 100]);
      expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_UNAVAILABLE");
      expect(calls.accounts + calls.users).toBeLessThanOrEqual(2 * 200 + 5);
    },
  );

  test("that begins with an empty page for each of many addresses hides nobody", async () => {
    const url = await gatewayOn(({ pathname, searchParams }) => {
      const email = searchParams.get("user-email") ?? "";
      if (!searchParams.has("next-token")) return { Users: [], Accounts: [], NextToken: "more" };
      return pathname === "/accounts"
        ? { Accounts: [{ AccountId: email.slice(0, email.indexOf("@")), AwsAccountId: "1", Name: "A" }] }
        : { Users: email ? [{ UserId: "u", PrimaryEmail: email }] : [] };
    });
    const representations = Array.from({ length: 30 }, (_, n) => ({
      __typename: "User",
      primaryEmail: `u${n}@example.com`,
    }));
    const { data, errors } = await ask(url, {
      query: `query ($representations: [_Any!]!) {
        _entities(representations: $representations) { ... on User { primaryEmail } } }`,
      variables: { representations },
    });

    expect(errors).toBeUndefined();
    expect(data._entities).toEqual(representations.map(({ primaryEmail }) => ({ primaryEmail })));
  });
});

describe("a response that names something else than was asked for is an error, and nothing of it is used:", () => {
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
    const url = await gatewayOn(() => body);
    const answer = await ask(url, { query });

    expect(answer.data).toEqual(data);
    expect(answer.errors).toMatchObject([unexpected]);
    expect(JSON.stringify(answer)).not.toMatch(/foreign|1234567890/i);
  });

  test("a row of another account among an account's users", async () => {
    const url = await gatewayOn(({ pathname }) =>
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

  test("somebody else for an address", async () => {
    const url = await gatewayOn(({ pathname }) =>
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

  test("what leaves the ids out names nothing else", async () => {
    const url = await gatewayOn(({ pathname }) =>
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

  test("nothing of it is kept in the cache", async () => {
    let foreign = true;
    const url = await gatewayOn(
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
