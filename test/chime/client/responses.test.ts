import { describe, expect, test } from "vitest";
import { ask, startOnResponses, startOnStub } from "../../support/fixture.js";

describe("a response of Chime", () => {
  test.each<[string, object]>([
    ["not a list", { Users: "oops" }],
    ["a number for an id", { Users: [{ UserId: 5 }] }],
    ["null for a user", { Users: [null] }],
    ["an invalid date", { Users: [{ UserId: "b", RegisteredOn: "yesterday" }] }],
    ["a list for a structure", ["Users"]],
  ])("with a wrong type (%s) never yields a value of the wrong type", async (_what, body) => {
    const url = await startOnResponses(() => body);
    const { data, errors } = await ask(url, {
      query: `{ userByEmail(email: "ada@example.com") { userId } account(accountId: "a") { users { nodes { userId } } } }`,
    });

    expect(data).toEqual({ userByEmail: null, account: null });
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(
      new Set(["INTERNAL_SERVER_ERROR"]),
    );
  });

  const lists = `{ accounts { nodes { name } } availablePhoneNumbers(areaCode: "206") { nodes { e164PhoneNumber } } phoneNumberOrders { nodes { status } }
    supportedPhoneNumberCountries(productType: BUSINESS_CALLING) { countryCode } userByEmail(email: "a@b.example") { userId } }`;

  test.each([
    ["an empty body", ""],
    ["no list", "{}"],
    ["null for the list", '{"Accounts":null,"Users":null,"PhoneNumberOrders":null,"E164PhoneNumbers":null}'],
  ])("with %s is an error, not an empty list or a missing user", async (_what, body) => {
    const url = await startOnStub((_request, response) => void response.end(body));
    const { data, errors } = await ask(url, { query: lists });
    expect(new Set(Object.values(data))).toEqual(new Set([null]));
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(
      new Set(["INTERNAL_SERVER_ERROR"]),
    );
  });

  test.each([
    ["batchSuspendUser", { userIdList: ["u"] }],
    ["batchUpdateUser", { updateUserRequestItems: [{ userId: "u", licenseType: "PRO" }] }],
    ["inviteUsers", { userEmailList: ["a@b.example"] }],
    ["updateAccount", { name: "New" }],
  ])("with an empty body leaves the outcome of a write unknown: %s", async (mutation, input) => {
    const url = await startOnStub((_request, response) => void response.end());
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
    const { data } = await ask(url, {
      query: `mutation ($input: ${type}) { ${mutation}(input: $input) { outcome } }`,
      variables: { input: { accountId: "a", ...input } },
    });
    expect(data).toEqual({ [mutation]: { outcome: "UNKNOWN" } });
  });

  test("that throttles some items of a bulk write causes only those to be sent again", async () => {
    const sent: string[][] = [];
    const url = await startOnResponses((_, body) => {
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

  test("without the user or the account is an error, not a missing object", async () => {
    const url = await startOnResponses(() => ({}));
    const { data, errors } = await ask(url, {
      query: `{ user(accountId: "a", userId: "b") { userId } account(accountId: "a") { name } }`,
    });

    expect(data).toEqual({ user: null, account: null });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual([
      "INTERNAL_SERVER_ERROR",
      "INTERNAL_SERVER_ERROR",
    ]);
  });

  test("that begins with an empty page still yields the user", async () => {
    const url = await startOnResponses(({ pathname, searchParams }) => {
      if (!searchParams.has("next-token")) return { Users: [], Accounts: [], NextToken: "more" };
      return pathname === "/accounts"
        ? { Accounts: [{ AccountId: "a", AwsAccountId: "1", Name: "A" }] }
        : { Users: [{ UserId: "b", PrimaryEmail: "ada@example.com" }] };
    });

    expect(await ask(url, { query: `{ userByEmail(email: "ada@example.com") { userId } }` })).toEqual({
      data: { userByEmail: { userId: "b" } },
    });
  });

  test("with only empty pages is an error after three of them were followed", async () => {
    let calls = 0;
    const url = await startOnResponses(() => ({ Accounts: [], Users: [], NextToken: `t${calls++}` }));
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
    "with only empty pages for each of many addresses (%s) does not multiply the calls",
    async (endless) => {
      const calls = { accounts: 0, users: 0 };
      const url = await startOnResponses(({ pathname }) => {
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

  test("that begins with an empty page for each of many addresses still yields all users", async () => {
    const url = await startOnResponses(({ pathname, searchParams }) => {
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
