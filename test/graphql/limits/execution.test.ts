import { describe, expect, onTestFinished, test } from "vitest";
import { ask, startOn } from "../../support/fixture.js";
import { startStub } from "../../support/stub.js";

const many = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => item(index)).join(" ");

/** A gateway on a Chime that responds to each URL with the result of this function. */
async function gatewayOn(answer: (url: URL) => object): Promise<{ url: string; calls: () => number }> {
  let calls = 0;
  const stub = await startStub(({ url = "" }, response) => {
    calls++;
    response
      .setHeader("content-type", "application/json")
      .end(JSON.stringify(answer(new URL(url, "http://chime"))));
  });
  // The machine may be busy.
  const gateway = await startOn(stub.url, { READ_DEADLINE_MS: "50000" });
  onTestFinished(async () => {
    await gateway.close();
    await stub.close();
  });
  return { url: gateway.url, calls: () => calls };
}

describe("if Chime's responses exceed the estimate", () => {
  const account = { AccountId: "a", AwsAccountId: "1", Name: "A" };
  const codesOf = (errors: Awaited<ReturnType<typeof ask>>["errors"]) =>
    new Set(errors?.map(({ extensions }) => `${extensions.code} ${JSON.stringify(extensions["limit"])}`));

  test("empty pages do not multiply the calls of a request", {
    timeout: 60_000,
  }, async () => {
    let tokens = 0;
    const { url, calls } = await gatewayOn(({ pathname }) =>
      pathname === "/accounts" ? { Accounts: [account] } : { Users: [], NextToken: `t${tokens++}` },
    );
    const representations = Array.from({ length: 1_000 }, (_, i) => ({
      __typename: "User",
      primaryEmail: `user-${i}@example.com`,
    }));
    const { data, errors, extensions } = await ask(url, {
      query: "query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { id } } }",
      variables: { of: representations },
    });

    expect(calls()).toBeLessThanOrEqual(2_100);
    expect(data).toEqual({ _entities: Array(1_000).fill(null) });
    expect([errors?.length, extensions?.omittedErrors]).toEqual([100, 900]);
    expect(codesOf(errors)).toEqual(new Set(["UPSTREAM_UNAVAILABLE undefined"]));
  });

  test("lists that are longer than assumed fail before the response gets too large", async () => {
    const groups = Array.from({ length: 500 }, (_, i) => ({ GroupName: `group-${i}` }));
    const { url } = await gatewayOn(() => ({
      Accounts: Array.from({ length: 10 }, (_, i) => ({
        ...account,
        AccountId: `a${i}`,
        SigninDelegateGroups: groups,
      })),
    }));
    const query = (aliases: number) => `{ __typename accounts(first: 10) { nodes {
      ${many(aliases, (i) => `g${i}: signinDelegateGroups { groupName }`)} } } }`;
    const within = await ask(url, { query: query(19) });
    const over = await ask(url, { query: query(190) });

    expect(within.errors).toBeUndefined();
    expect(within.data.accounts.nodes[9].g18).toHaveLength(500);
    expect(codesOf(over.errors)).toEqual(
      new Set(['LIMIT_EXCEEDED {"name":"responseBytes","most":10485760}']),
    );
  });
});

describe("a large operation has the same response as a small one:", () => {
  const users = Array.from({ length: 200 }, (_, i) => ({
    UserId: `u${i}`,
    DisplayName: `User ${i}`,
    LicenseType: "Pro",
  }));
  const account = {
    AccountId: "a",
    AwsAccountId: "1",
    Name: "A",
    SigninDelegateGroups: [{ GroupName: "g" }],
  };

  test("rows in their order, each with its own values", async () => {
    const { url } = await gatewayOn(({ pathname }) =>
      pathname.endsWith("/users")
        ? { Users: users }
        : pathname.includes("/users/")
          ? { User: { ...users.find(({ UserId }) => pathname.endsWith(`/${UserId}`)), PersonalPIN: "1" } }
          : { Account: account },
    );
    const fields = `userId displayName licenseType account { name signinDelegateGroups { groupName } }`;
    const query = (aliases: number) => `query ($ids: [ID!]!) {
      account(accountId: "a") { users(first: 200) { edges { node { ${fields} } } nodes {
        ${many(aliases, (i) => `a${i}: displayName`)} ${fields} } } }
      users(accountId: "a", userIds: $ids) { ${fields} }
    }`;
    const variables = { ids: ["u7", "u5", "none", "u6"] };
    const small = await ask(url, { query: query(1), variables });
    const large = await ask(url, { query: query(150), variables });
    const rowOf = ({ UserId, DisplayName }: (typeof users)[number]) => ({
      userId: UserId,
      displayName: DisplayName,
      licenseType: "PRO",
      account: { name: "A", signinDelegateGroups: [{ groupName: "g" }] },
    });

    const { a0, ...aliases } = large.data.account.users.nodes[7];
    expect([a0, aliases.a149]).toEqual(["User 7", "User 7"]);
    expect(small.data.account.users.edges).toEqual(users.map((user) => ({ node: rowOf(user) })));
    expect(large.data.account.users.edges).toEqual(small.data.account.users.edges);
    expect(large.data.users).toEqual(small.data.users);
    expect(small.data.users.slice(0, 2)).toEqual([users[7], users[5]].map((user) => user && rowOf(user)));
  });
});
