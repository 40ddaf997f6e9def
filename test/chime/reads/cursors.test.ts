import {
  CreateAccountCommand,
  ListUsersCommand,
  UpdateAccountCommand,
  UpdateUserCommand,
  UserType,
} from "@aws-sdk/client-chime";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const { twoHundredAccountId: accountId } = SEED;
const harness = useHarness({ CHIME_LOCAL_USERS: "0" });

describe("a page of users begins after the cursor's user", () => {
  const query = `query ($accountId: ID!, $first: Int, $after: String, $userType: UserType) {
    account(accountId: $accountId) { users(first: $first, after: $after, userType: $userType) {
      edges { cursor node { userId } } pageInfo { hasNextPage endCursor }
    } }
  }`;

  interface Edge {
    readonly cursor: string;
    readonly node: { readonly userId: string };
  }

  async function page(variables: object): Promise<Edge[]> {
    const { data, errors } = await harness.ask(query, { accountId, userType: "PRIVATE_USER", ...variables });
    expect(errors).toBeUndefined();
    return data.account.users.edges;
  }

  const idsOf = (edges: readonly Edge[]) => edges.map(({ node }) => node.userId);
  const setType = (userId: string, type: UserType) =>
    harness.chime.send(new UpdateUserCommand({ AccountId: accountId, UserId: userId, UserType: type }));
  const leave = (userId: string) => setType(userId, UserType.SharedDevice);

  /** The first page of 200 as edges, and the cursor of the tenth. */
  async function begin() {
    const edges = await page({ first: 200 });
    const ids = idsOf(edges);
    const after = edges[9]?.cursor;
    await harness.forgetCalls();
    return { ids, after };
  }

  test("although a user before it no longer matches the filter", async () => {
    const { ids, after } = await begin();
    await leave(String(ids[4]));

    expect(idsOf(await page({ first: 3, after }))).toEqual(ids.slice(10, 13));
    expect(await harness.calls()).toMatchObject({ ListUsers: 1 });
  });

  test("although many users before it no longer match the filter, and others do", async () => {
    for (const id of (await harness.userIds(accountId, 4)).slice(1, 3)) await leave(id);
    const { ids, after } = await begin();
    const all = await harness.userIds(accountId, 4);
    for (const id of ids.slice(3, 8)) await leave(id);
    for (const id of all.slice(1, 3)) await setType(id, UserType.PrivateUser);

    expect(idsOf(await page({ first: 3, after }))).toEqual(ids.slice(10, 13));
  });

  test("although it and the users before it no longer match the filter", async () => {
    const { ids, after } = await begin();
    for (const count of [1, 2, 5, 10]) {
      for (const id of ids.slice(10 - count, 10)) await leave(id);
      const next = idsOf(await page({ first: 20, after }));
      // One that is still there may come again; none is left out.
      expect(next).toContain(ids[10]);
      expect(next.slice(next.indexOf(String(ids[10])))).toEqual(
        ids.slice(10, 10 + 20 - next.indexOf(String(ids[10]))),
      );
      if (count === 1 || count === 10) expect(next[0]).toBe(ids[10]);
    }
  });

  test("although all returned users no longer match the filter: no user is skipped", async () => {
    const all = idsOf(await page({ first: 1000 }));
    const seen: string[] = [];
    let after: string | undefined;
    for (let pages = 0; pages < 30 && seen.length < all.length; pages++) {
      // Pages of 7 within a page of 200 that an unlimited query has brought: its cursors are in the middle of it.
      const edges: Edge[] = (await page({ first: 200, after })).slice(0, 7);
      seen.push(...idsOf(edges));
      after = edges.at(-1)?.cursor;
      for (const id of idsOf(edges)) await leave(id);
    }

    expect(seen).toEqual(all);
  });

  test("whichever users are added and removed between two pages", { timeout: 60_000 }, async () => {
    const all = await harness.userIds(accountId);
    const types = new Map(all.map((id) => [id, UserType.PrivateUser as UserType]));
    const toggle = async (id: string) => {
      const type = types.get(id) === UserType.PrivateUser ? UserType.SharedDevice : UserType.PrivateUser;
      types.set(id, type);
      await setType(id, type);
    };
    const { Users = [] } = await harness.chime.send(
      new ListUsersCommand({ AccountId: accountId, MaxResults: 200 }),
    );
    for (const { UserId = "", UserType: type } of Users) if (type) types.set(UserId, type);
    const members = () => all.filter((id) => types.get(id) === UserType.PrivateUser);

    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.nat(59),
        fc.array(fc.nat(all.length - 1), { maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        async (size, pick, changed, first) => {
          const edges = await page({ first: size });
          const edge = edges[pick % edges.length];
          if (!edge) return;
          for (const index of new Set(changed)) await toggle(String(all[index]));
          const next = idsOf(await page({ first, after: edge.cursor }));

          const now = members();
          const rest = now.filter((id) => all.indexOf(id) > all.indexOf(edge.node.userId));
          const start = now.indexOf(next[0] ?? "");
          if (next.length > 0) expect(next).toEqual(now.slice(start, start + next.length));
          if (now.includes(edge.node.userId)) expect(next).toEqual(rest.slice(0, first));
          else if (rest[0]) expect(all.indexOf(String(next[0]))).toBeLessThanOrEqual(all.indexOf(rest[0]));
        },
      ),
      { numRuns: 60 },
    );
  });
});

test.each(["", "tampered"])("a cursor with the token %j is rejected as such", async (token) => {
  const list = (after: string) =>
    harness.ask(`query ($after: String) { accounts(first: 1, after: $after) { edges { cursor } } }`, {
      after,
    });
  const { data } = await harness.ask("{ accounts(first: 1) { edges { cursor } } }");
  const [fingerprint] = JSON.parse(Buffer.from(data.accounts.edges[0].cursor, "base64url").toString());
  const changed = Buffer.from(JSON.stringify([fingerprint, 1, token])).toString("base64url");

  expect((await list(changed)).errors).toMatchObject([
    { path: ["accounts"], extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["after"] }] } },
  ]);
});

describe("a page of accounts begins after the cursor's account", () => {
  const query = `query ($first: Int, $after: String) { accounts(namePrefix: "Filtered", first: $first, after: $after) {
    edges { cursor node { accountId } } pageInfo { hasNextPage } } }`;
  const page = async (variables: object) => {
    const { data } = await harness.ask(query, variables);
    return data.accounts.edges as { cursor: string; node: { accountId: string } }[];
  };
  const idsOf = (edges: Awaited<ReturnType<typeof page>>) => edges.map(({ node }) => node.accountId);
  const rename = (id = "") => harness.chime.send(new UpdateAccountCommand({ AccountId: id, Name: "Other" }));

  test.each<[string, readonly number[]]>([
    ["one before it", [2]],
    ["all before it", [0, 1, 2, 3, 4]],
    ["it itself", [5]],
    ["it itself and all before it", [0, 1, 2, 3, 4, 5]],
    ["it itself and one before it", [1, 5]],
  ])("although %s no longer matches the filter", async (_what, lost) => {
    for (let n = 0; n < 10; n++)
      await harness.chime.send(new CreateAccountCommand({ Name: `Filtered ${n}` }));
    const edges = await page({});
    const ids = idsOf(edges);
    for (const index of lost) await rename(ids[index]);

    expect(idsOf(await page({ first: 2, after: edges[5]?.cursor }))).toEqual(ids.slice(6, 8));
  });
});
