import {
  CreateUserCommand,
  ListAccountsCommand,
  ListUsersCommand,
  paginateListUsers,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { openDatabase } from "../../src/chime-local/store/database.js";
import { recordQueries } from "../../src/chime-local/store/records.js";
import { queries } from "../../src/chime-local/store/store.js";
import { failure, useChime } from "./fixture.js";

const chime = useChime();

const listUsers = (AccountId: string, input: object = {}) =>
  chime.client.send(new ListUsersCommand({ AccountId, ...input }));

async function pageSizes(AccountId: string, MaxResults?: number) {
  const sizes: (number | undefined)[] = [];
  const seen = new Set<string | undefined>();
  for await (const { Users = [] } of paginateListUsers({ client: chime.client }, { AccountId, MaxResults })) {
    sizes.push(Users.length);
    for (const { UserId } of Users) seen.add(UserId);
  }
  return { sizes, users: seen.size };
}

test("the seeded accounts have 450, 200, 16, 5 and no users", async () => {
  expect(await pageSizes(SEED.largeAccountId, 200)).toEqual({ sizes: [200, 200, 50], users: 450 });
  expect(await pageSizes(SEED.twoHundredAccountId, 200)).toEqual({ sizes: [200], users: 200 });
  expect(await pageSizes(SEED.teamAccountId, 200)).toEqual({ sizes: [16], users: 16 });
  expect(await pageSizes(SEED.smallAccountId, 200)).toEqual({ sizes: [5], users: 5 });
  expect(await pageSizes(SEED.emptyAccountId, 200)).toEqual({ sizes: [0], users: 0 });
});

test("a page has 100 users by default", async () => {
  expect((await pageSizes(SEED.twoHundredAccountId)).sizes).toEqual([100, 100]);
});

test.each([1, 2, 3, 7, 15, 16, 17])(
  "pages of %d contain each user once, in the order of creation",
  async (MaxResults) => {
    const all = (await listUsers(SEED.teamAccountId)).Users?.map(({ UserId }) => UserId);
    const paged: (string | undefined)[] = [];
    const pages = paginateListUsers({ client: chime.client }, { AccountId: SEED.teamAccountId, MaxResults });
    for await (const { Users = [] } of pages) paged.push(...Users.map(({ UserId }) => UserId));
    expect(paged).toEqual(all);
  },
);

test("a user created between two pages comes last", async () => {
  const { NextToken } = await listUsers(SEED.teamAccountId, { MaxResults: 10 });
  await chime.client.send(new CreateUserCommand({ AccountId: SEED.teamAccountId, Username: "Late" }));
  const { Users } = await listUsers(SEED.teamAccountId, { NextToken });
  expect(Users).toHaveLength(7);
  expect(Users?.at(-1)?.DisplayName).toBe("Late");
});

test("an address finds its user, ignores case, and only within the account", async () => {
  const UserEmail = SEED.userEmail.toUpperCase();
  expect((await listUsers(SEED.teamAccountId, { UserEmail })).Users).toMatchObject([{ UserId: SEED.userId }]);
  expect((await listUsers(SEED.smallAccountId, { UserEmail })).Users).toEqual([]);
  expect((await listUsers(SEED.teamAccountId, { UserEmail: "amara.okafor@example.com" })).Users).toEqual([]);
  expect((await listUsers(SEED.teamAccountId, { UserEmail, UserType: "SharedDevice" })).Users).toEqual([]);
});

test("a user type filters, and its pages contain each user once", async () => {
  const filter = { UserType: "SharedDevice", MaxResults: 20 } as const;
  const first = await listUsers(SEED.largeAccountId, filter);
  const second = await listUsers(SEED.largeAccountId, { ...filter, NextToken: first.NextToken });
  const users = [...(first.Users ?? []), ...(second.Users ?? [])];
  expect(new Set(users.map(({ UserId }) => UserId)).size).toBe(30);
  expect(users.every(({ UserType }) => UserType === "SharedDevice")).toBe(true);
  expect(second.NextToken).toBeUndefined();
});

test("accounts are paged in the order of creation, and by name for a prefix", async () => {
  const listAll = async (input: object) => {
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await chime.client.send(new ListAccountsCommand({ ...input, MaxResults: 1, NextToken }));
      names.push(...(page.Accounts ?? []).map(({ Name }) => Name));
      NextToken = page.NextToken;
    } while (NextToken);
    return names;
  };
  expect(await listAll({})).toHaveLength(6);
  expect(await listAll({ Name: "me" })).toEqual(["Meadow Clinic", "Meridian Logistics"]);
});

test("an unknown token is a BadRequestException", async () => {
  for (const NextToken of ["garbage", "", "W10", "bnVsbA", "WyJhIixbMV1d", "🙂"])
    expect(await failure(listUsers(SEED.teamAccountId, { NextToken }))).toMatchObject({
      name: "BadRequestException",
      message: expect.stringContaining("NextToken"),
    });
});

test("a token is valid for its own listing only", async () => {
  const { NextToken } = await listUsers(SEED.teamAccountId, { MaxResults: 2 });
  const elsewhere = [
    () => listUsers(SEED.largeAccountId, { NextToken }),
    () => listUsers(SEED.teamAccountId, { NextToken, UserType: "PrivateUser" }),
    () => listUsers(SEED.teamAccountId, { NextToken: `${NextToken}=` }),
    () => chime.client.send(new ListAccountsCommand({ NextToken })),
    () => chime.client.send(new ListAccountsCommand({ NextToken, UserEmail: SEED.userEmail })),
  ];
  for (const list of elsewhere) expect(await failure(list())).toMatchObject({ name: "BadRequestException" });
  expect((await listUsers(SEED.teamAccountId, { NextToken, MaxResults: 200 })).Users).toHaveLength(14);
});

test.each(Object.entries({ ...queries, ...recordQueries }))(
  "the query %s searches an index: its time doesn't grow with the data",
  (_name, query) => {
    const database = openDatabase(":memory:");
    const parameters = Array.from(query.matchAll(/\?/g), () => 1);
    const plan = database.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`).all(...parameters);
    database.close();
    const steps = plan.map(({ detail }) => detail).join("\n");
    expect(steps).toMatch(/^SEARCH (accounts|users|records) USING /m);
    // The subquery's page may be scanned.
    expect(steps).not.toMatch(/SCAN (accounts|users|records)|TEMP B-TREE/);
  },
);
