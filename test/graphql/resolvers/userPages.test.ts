import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { largeAccountId, smallAccountId, teamAccountId, userId } = SEED;

describe("the users of an account", () => {
  const page = `query ($id: ID!, $first: Int, $after: String, $userEmail: EmailAddress, $userType: UserType) {
    account(accountId: $id) { users(first: $first, after: $after, userEmail: $userEmail, userType: $userType) {
      edges { cursor node { userId } }
      nodes { userId }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } } }`;
  const usersOf = async (variables: object) =>
    (await harness.ask(page, { id: largeAccountId, ...variables })).data.account.users;

  const idsOf = ({ nodes }: { nodes: { userId: string }[] }) => nodes.map((node) => node.userId);

  test("are 50 by default", async () => {
    expect(idsOf(await usersOf({}))).toHaveLength(50);
    expect(idsOf(await usersOf({ first: null }))).toHaveLength(50);
  });

  test.each([7, 100, 200, 333])(
    "are each on exactly one page of %i, and each 200 cost one call",
    async (first) => {
      const all = await harness.userIds(largeAccountId);
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const users: Awaited<ReturnType<typeof usersOf>> = await usersOf({ first, after });
        expect(users.pageInfo.hasPreviousPage).toBe(after !== null);
        seen.push(...idsOf(users));
        after = users.pageInfo.hasNextPage ? users.pageInfo.endCursor : null;
      } while (after);

      expect(seen).toEqual(all);
      const pages = Math.ceil(all.length / first);
      expect((await harness.calls())["ListUsers"]).toBeLessThanOrEqual(first <= 200 ? pages : 2 * pages);
    },
  );

  test("cost one call for each 200, also if a page has 1000", async () => {
    expect(idsOf(await usersOf({ first: 1000 }))).toEqual(await harness.userIds(largeAccountId));
    await usersOf({ first: 1000 });
    expect((await harness.calls())["ListUsers"]).toBe(3);
  });

  test("continue after any edge", async () => {
    const all = await harness.userIds(largeAccountId);
    const { edges } = await usersOf({ first: 300 });

    for (const index of [0, 1, 98, 198, 199, 200, 201, 299])
      expect(idsOf(await usersOf({ first: 3, after: edges[index].cursor }))).toEqual(
        all.slice(index + 1, index + 4),
      );
  });

  test("can be filtered by type and by address, page after page", async () => {
    const all = await usersOf({ id: teamAccountId, first: 100, userType: "SHARED_DEVICE" });
    const first = await usersOf({ id: teamAccountId, first: 1, userType: "SHARED_DEVICE" });
    const second = await usersOf({
      id: teamAccountId,
      first: 1,
      userType: "SHARED_DEVICE",
      after: first.pageInfo.endCursor,
    });

    expect(idsOf(all)).toContain(SEED.sharedDeviceUserId);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(idsOf(all).slice(0, 2));
    expect(idsOf(await usersOf({ id: teamAccountId, userEmail: SEED.userEmail }))).toEqual([userId]);
    expect(idsOf(await usersOf({ id: teamAccountId, userEmail: "nobody@example.com" }))).toEqual([]);
  });

  test("reject a cursor of another list and a malformed one", async () => {
    const { pageInfo } = await usersOf({ first: 5 });
    for (const variables of [
      { after: pageInfo.endCursor, userType: "SHARED_DEVICE" },
      { after: pageInfo.endCursor, id: smallAccountId },
      { after: "junk" },
      { after: Buffer.from("{}").toString("base64url") },
    ]) {
      const { errors } = await harness.ask(page, { id: largeAccountId, ...variables });
      expect(errors).toMatchObject([
        {
          path: ["account", "users"],
          extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["after"] }] },
        },
      ]);
    }
  });

  test.each([0, -1, 1001])("reject first: %i by name", async (first) => {
    const { errors } = await harness.ask(page, { id: largeAccountId, first });

    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["first"] }] } },
    ]);
  });
});
