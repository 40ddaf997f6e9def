import { describe, expect, test } from "vitest";

import { SEED } from "../../../src/chime-local/seed/index.js";
import { accountGlobalId, userGlobalId } from "../../../src/graphql/resolvers/shared/globalId.js";

import { createSchema } from "../../../src/graphql/schema.js";
import { entityKeys } from "../../support/entityKeys.js";
import { type Answer, ask, useClosedGateway, useHarness } from "../../support/fixture.js";
import { allScopes, operations, withoutAccount } from "../../support/operations.js";

const harness = useHarness();
const { teamAccountId, largeAccountId, smallAccountId, twoHundredAccountId, emptyAccountId } = SEED;
const { assignedNumber } = SEED;
const closed = useClosedGateway(harness);

/** Sends a query with a token that names these accounts, after emptying the request log. */
async function askFor(
  accounts: readonly string[] | string | undefined,
  query: string,
  variables = {},
): Promise<Answer> {
  const headers = await closed.headersFor({ scope: allScopes.join(" "), chime_accounts: accounts });
  await harness.forgetCalls();
  return ask(closed.url, { query, variables }, headers);
}

/** Accounts and a user that the caller may not see, and ones that do not exist. */
const accounts = {
  accountId: teamAccountId,
  enterpriseAccountId: largeAccountId,
  emptyAccountId,
  lwaAccountId: SEED.twoHundredAccountId,
  chatAccountId: largeAccountId,
};
const hidden = { ...accounts, userId: SEED.userId, email: SEED.userEmail, assignedNumber };
const absentId = "00000000-0000-4000-8000-000000000000";
const absent = {
  accountId: absentId,
  enterpriseAccountId: absentId,
  emptyAccountId: absentId,
  lwaAccountId: absentId,
  chatAccountId: absentId,
  userId: "00000000-0000-4000-8000-000000000001",
  email: "nobody@harborstreet.example.com",
  assignedNumber: "+12065550199",
};

/** Fields that have tests of their own below. */
const others = ["accounts", ...withoutAccount];
/** Each operation on a hidden account. */
const cases = Object.entries(operations(hidden)).flatMap(([type, fields]) =>
  Object.entries(fields)
    .filter(([name]) => !others.includes(name))
    .map(([name, field]) => ({
      name,
      hiddenOperation: `${type.toLowerCase()} { ${field} }`,
      absentOperation: `${type.toLowerCase()} { ${Object.entries(operations(absent)).find(([key]) => key === type)?.[1][name]} }`,
    })),
);
const entities = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Account { name users { nodes { id } } } ... on User { displayName personalPin account { name } }
  ... on Room { roomName: name memberships { nodes { role } } } ... on Bot { securityToken }
  ... on PhoneNumber { callingName } } }`;

describe("an account that the token does not name is reported exactly like one that does not exist", () => {
  test("every field and entity key of the schema has a case here", () => {
    const schema = createSchema();
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}).filter((name) => !name.startsWith("_")),
    );
    // Orders belong to no account: they are forbidden.
    const keys = ["Account", "User", "Room", "Bot", "PhoneNumber"].flatMap((name) =>
      (schema.getType(name)?.astNode?.directives ?? [])
        .filter((directive) => directive.name.value === "key")
        .map((directive) => directive.arguments?.find((argument) => argument.name.value === "fields")?.value)
        .map((value) => `${name}.${value?.kind === "StringValue" ? value.value : ""}`),
    );

    expect([...cases.map(({ name }) => name), ...others].toSorted()).toEqual(fields.toSorted());
    expect(Object.keys(entityKeys).toSorted()).toEqual(keys.toSorted());
  });

  test.each(cases)("$name", async ({ name, hiddenOperation, absentOperation }) => {
    const answer = await askFor([smallAccountId], hiddenOperation);
    const calls = await harness.calls();

    expect(JSON.stringify(answer)).toBe(JSON.stringify(await askFor([smallAccountId], absentOperation)));
    expect(calls).toEqual(await harness.calls());
    const lookups = { userByEmail: { ListAccounts: 1 }, phoneNumber: { GetPhoneNumber: 1 } };
    expect(calls).toEqual(Object.entries(lookups).find(([field]) => field === name)?.[1] ?? {});
    // A caller that may see all accounts receives the same; DeleteEventsConfiguration has no NotFound.
    if (name === "deleteEventsConfiguration") return;
    expect(JSON.stringify(answer)).toBe(JSON.stringify(await askFor(undefined, absentOperation)));
  });

  test.each(Object.entries(entityKeys))("_entities by %s", async (_key, representation) => {
    const answer = await askFor([smallAccountId], entities, { representations: [representation(hidden)] });

    expect(answer).toEqual({ data: { _entities: [null] } });
    expect(JSON.stringify(answer)).toBe(
      JSON.stringify(await askFor([smallAccountId], entities, { representations: [representation(absent)] })),
    );
  });

  test("among the caller's accounts and users, only this account is missing", async () => {
    const [user = ""] = await harness.userIds(smallAccountId, 1);
    const ids = [
      accountGlobalId(teamAccountId),
      accountGlobalId(smallAccountId),
      userGlobalId(hidden),
      userGlobalId({ accountId: smallAccountId, userId: user }),
    ];

    expect(
      await askFor([smallAccountId], `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids }),
    ).toEqual({ data: { nodes: [null, { id: ids[1] }, null, { id: ids[3] }] } });
  });

  test("a lookup of many addresses finds only users of the caller's accounts", async () => {
    const query = `{ accounts { nodes { users(first: 5) { nodes { primaryEmail } } } } }`;
    const emailsOf = async (accountId: string): Promise<string[]> =>
      (await askFor([accountId], query)).data.accounts.nodes[0].users.nodes
        .map(({ primaryEmail }: { primaryEmail: string | null }) => primaryEmail)
        .filter(Boolean);
    const others = await emailsOf(teamAccountId);
    const own = await emailsOf(smallAccountId);
    const { data } = await askFor([smallAccountId], entities, {
      representations: [...others, ...own].map((primaryEmail) => ({ __typename: "User", primaryEmail })),
    });

    expect(data._entities.slice(0, others.length)).toEqual(others.map(() => null));
    expect(data._entities.slice(others.length)).not.toContain(null);
  });

  test("a caller without any account sees none", async () => {
    for (const accounts of [[], ""])
      expect(await askFor(accounts, `{ accounts { nodes { name } pageInfo { hasNextPage } } }`)).toEqual({
        data: { accounts: { nodes: [], pageInfo: { hasNextPage: false } } },
      });
    expect(await harness.calls()).toEqual({});
  });
});

describe("the list of accounts", () => {
  const all = [teamAccountId, largeAccountId, smallAccountId, twoHundredAccountId, emptyAccountId];
  const names = `{ nodes { accountId } pageInfo { hasNextPage endCursor } }`;

  test("contains the accounts that the token names, in the order of their ids, by one GetAccount each", async () => {
    const { data } = await askFor(`${largeAccountId} ${teamAccountId}`, `{ accounts ${names} }`);

    expect(data.accounts.nodes).toEqual(
      [largeAccountId, teamAccountId].toSorted().map((accountId) => ({ accountId })),
    );
    expect(data.accounts.pageInfo.hasNextPage).toBe(false);
    expect(await harness.calls()).toEqual({ GetAccount: 2 });
  });

  test("continues where a page ended, and skips accounts that do not exist", async () => {
    const claim = [...all, ...Array.from({ length: 30 }, (_, n) => `10000000-none-${n}`)];
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data }: Answer = await askFor(
        claim,
        `query ($after: String) { accounts(first: 1, after: $after) ${names} }`,
        { after },
      );
      seen.push(...data.accounts.nodes.map(({ accountId }: { accountId: string }) => accountId));
      after = data.accounts.pageInfo.hasNextPage ? data.accounts.pageInfo.endCursor : null;
    } while (after !== null && seen.length < 10);

    expect(seen).toEqual(all.toSorted());
  });

  test("is filtered by name prefix, ignoring letter case, as Chime's own list is", async () => {
    for (const namePrefix of ["harbor", "Harbor Street Studio", "none", "%"]) {
      const query = `query ($namePrefix: String) { accounts(namePrefix: $namePrefix) ${names} }`;
      const { data: own } = await askFor(all, query, { namePrefix });
      const { data: chimes } = await askFor(undefined, query, { namePrefix });
      const ids = ({ accounts }: typeof own) =>
        accounts.nodes.map((node: { accountId: string }) => node.accountId);

      expect(ids(own)).toEqual(ids(chimes).toSorted());
    }
  });

  test("continues among names with the same prefix", async () => {
    const query = `query ($after: String) { accounts(first: 1, after: $after, namePrefix: "Me") ${names} }`;
    const { data: first } = await askFor(all, query);
    const { data: second } = await askFor(all, query, { after: first.accounts.pageInfo.endCursor });

    expect([...first.accounts.nodes, ...second.accounts.nodes]).toEqual(
      [largeAccountId, smallAccountId].toSorted().map((accountId) => ({ accountId })),
    );
    expect([first, second].map(({ accounts }) => accounts.pageInfo.hasNextPage)).toEqual([true, false]);
  });

  test("of an address contains its account if the token names it", async () => {
    const query = `{ accounts(userEmail: "${SEED.userEmail}") { nodes { accountId } } }`;

    expect((await askFor(all, query)).data.accounts.nodes).toEqual([{ accountId: teamAccountId }]);
    expect((await askFor([smallAccountId], query)).data.accounts.nodes).toEqual([]);
  });

  test("continues after an account even if the token's accounts have changed", async () => {
    const query = `query ($after: String) { accounts(first: 2, after: $after) { edges { cursor node { accountId } } } }`;
    const ids = all.toSorted();
    const { data } = await askFor(all, `{ accounts { edges { cursor node { accountId } } } }`);
    const [first, second, third] = data.accounts.edges.map(({ cursor }: { cursor: string }) => cursor);
    const readAfter = async (cursor: string, claim: string[]) => {
      const { data: next } = await askFor(claim, query, { after: cursor });
      return next.accounts.edges.map(({ node }: { node: { accountId: string } }) => node.accountId);
    };

    expect(await readAfter(third, all)).toEqual(ids.slice(3));
    // The accounts before the cursor's are no longer the caller's, nor is its own.
    expect(await readAfter(third, ids.slice(2))).toEqual(ids.slice(3));
    expect(await readAfter(second, ids.slice(2))).toEqual(ids.slice(2, 4));
    expect(await readAfter(first, [ids[0] ?? "", ...ids.slice(3)])).toEqual(ids.slice(3));
    expect(await readAfter(second, ["0", ...all])).toEqual(ids.slice(2, 4));
  });

  test("of one caller cannot be continued with another caller's cursor", async () => {
    const page = `query ($after: String) { accounts(first: 1, after: $after) ${names} }`;
    const { data } = await askFor(undefined, page);
    const { errors } = await askFor(all, page, { after: data.accounts.pageInfo.endCursor });

    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["BAD_USER_INPUT"]);
  });
});

test("in the accounts that the token names, everything works", async () => {
  for (const [type, fields] of Object.entries(operations(hidden)))
    for (const [name, field] of Object.entries(fields).filter(([key]) => !withoutAccount.includes(key))) {
      const { data, errors } = await askFor(Object.values(accounts), `${type.toLowerCase()} { ${field} }`);
      expect(errors, name).toBeUndefined();
      expect(data[name], name).not.toBeNull();
      expect(data[name].errors ?? [], name).toEqual([]);
    }
});

test("in 1,000 concurrent requests of two callers, neither sees the other's data", {
  timeout: 60_000,
}, async () => {
  const [userOfLarge = ""] = await harness.userIds(largeAccountId, 1);
  const callers = [
    {
      accounts: [teamAccountId],
      scope: "chime:read chime:pin",
      own: teamAccountId,
      id: SEED.userId,
      pin: expect.any(String),
    },
    { accounts: [largeAccountId], scope: "chime:read", own: largeAccountId, id: userOfLarge, pin: null },
  ];
  const headers = await Promise.all(
    callers.map(({ accounts, scope }) => closed.headersFor({ scope, chime_accounts: accounts })),
  );
  const query = `{ accounts { nodes { accountId } }
    team: user(accountId: "${teamAccountId}", userId: "${SEED.userId}") { userId personalPin }
    large: user(accountId: "${largeAccountId}", userId: "${userOfLarge}") { userId personalPin } }`;
  let wrong = 0;
  let next = 0;
  const work = async () => {
    for (let n = next++; n < 1000; n = next++) {
      const caller = callers[n % 2];
      const { data } = await ask(closed.url, { query }, headers[n % 2]);
      const seen = { userId: caller?.id, personalPin: caller?.pin };
      const right = {
        accounts: { nodes: [{ accountId: caller?.own }] },
        team: n % 2 === 0 ? seen : null,
        large: n % 2 === 1 ? seen : null,
      };
      if (!expect.objectContaining(right).asymmetricMatch(data)) wrong++;
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));

  expect(wrong).toBe(0);
});
