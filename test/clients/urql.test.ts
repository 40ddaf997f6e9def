import { Client, fetchExchange, gql } from "@urql/core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { accountGlobalId } from "../../src/graphql/resolvers/shared/globalId.js";
import { useClosedGateway, useHarness } from "../support/fixture.js";
import { UpdateUser } from "./app/license.js";
import { createUrqlClient } from "./app/urql.js";
import { AccountUsers } from "./app/users.js";

const harness = useHarness();
const closed = useClosedGateway(harness);
const { teamAccountId: accountId, userId } = SEED;

/** The methods of what is sent from now on, until the test is over. */
function watchRequests() {
  const fetching = vi.spyOn(globalThis, "fetch");
  onTestFinished(() => fetching.mockRestore());
  return () => fetching.mock.calls.map(([, init]) => init?.method);
}

const Names = gql`query Names($accountId: ID!) { account(accountId: $accountId) { id name } }`;
const answer = { account: { id: accountGlobalId(accountId), name: "Harbor Street Studio" } };

describe("urql", () => {
  test("sends queries by GET and mutations by POST, as it does by default", async () => {
    const client = new Client({ url: `${harness.url}/graphql`, exchanges: [fetchExchange] });
    const methods = watchRequests();
    const read = await client.query(Names, { accountId });
    const written = await client.mutation(UpdateUser, { input: { accountId, userId, licenseType: "PRO" } });

    expect([read.error, written.error]).toEqual([undefined, undefined]);
    expect(read.data).toMatchObject(answer);
    expect(written.data?.updateUser?.outcome).toBe("DONE");
    expect(methods()).toEqual(["GET", "POST"]);
  });

  test("sends its token with a GET as well", async () => {
    const { authorization = "" } = await closed.headersFor({ scope: "chime:read" });
    const client = createUrqlClient(`${closed.url}/graphql`, () => authorization.replace("Bearer ", ""));
    expect((await client.query(Names, { accountId })).data).toMatchObject(answer);

    const { error } = await createUrqlClient(`${closed.url}/graphql`).query(Names, { accountId });
    expect(error?.response.status).toBe(401);
  });
});

describe("graphcache", () => {
  const client = () => createUrqlClient(`${harness.url}/graphql`);

  test("joins the pages of a list", async () => {
    const urql = client();
    const first = await urql.query(AccountUsers, { accountId, first: 2 });
    const { endCursor } = first.data?.account?.users?.pageInfo ?? {};
    const both = await urql.query(AccountUsers, { accountId, first: 2, after: endCursor });

    expect(first.data?.account?.users?.edges).toHaveLength(2);
    expect(both.data?.account?.users?.edges).toHaveLength(4);
    expect(both.data?.account?.users?.edges.slice(0, 2)).toEqual(first.data?.account?.users?.edges);
  });

  test("shows what a mutation changed wherever the user is shown, without another request", async () => {
    const urql = client();
    await urql.query(AccountUsers, { accountId, first: 2 });
    await urql.mutation(UpdateUser, { input: { accountId, userId, licenseType: "PRO" } });
    await harness.forgetCalls();
    const { data } = await urql.query(AccountUsers, { accountId, first: 2 }, { requestPolicy: "cache-only" });

    expect(data?.account?.users?.edges[0]?.node).toMatchObject({ userId, licenseType: "PRO" });
    expect(await harness.calls()).toEqual({});
  });

  test("forgets an account that was deleted", async () => {
    const urql = client();
    const { account } = await harness
      .ask(`mutation { createAccount(input: { name: "Short" }) { account { accountId } } }`)
      .then(({ data }) => data.createAccount);
    await urql.query(Names, account);
    const Delete = gql`mutation Delete($input: DeleteAccountInput!) {
      deleteAccount(input: $input) { outcome deletedId }
    }`;
    await urql.mutation(Delete, { input: { accountId: account.accountId, confirmName: "Short" } });
    expect((await urql.query(Names, account)).data).toMatchObject({ account: null });
  });

  test("forgets a member that was removed, and a room that was deleted", async () => {
    const urql = client();
    const room = { accountId: SEED.largeAccountId, roomId: SEED.roomId };
    const Room = gql`query Room($accountId: ID!, $roomId: ID!) {
      room(accountId: $accountId, roomId: $roomId) {
        id
        memberships(first: 50) { edges { node { id member { memberId } } } }
      }
    }`;
    const members = async () => {
      const { data } = await urql.query(Room, room);
      const edges: { node: { member: { memberId: string } } }[] | undefined = data.room?.memberships.edges;
      return edges?.map(({ node }) => node.member.memberId);
    };
    const [memberId] = (await members()) ?? [];
    const Remove = gql`mutation Remove($input: DeleteRoomMembershipInput!) {
      deleteRoomMembership(input: $input) { deletedId }
    }`;
    await urql.mutation(Remove, { input: { ...room, memberId } });
    expect(await members()).not.toContain(memberId);

    const Delete = gql`mutation Delete($input: DeleteRoomInput!) { deleteRoom(input: $input) { deletedId } }`;
    await urql.mutation(Delete, { input: room });
    expect(await members()).toBeUndefined();
  });

  test("gets no warnings, whatever objects without an id a query selects", async () => {
    const warnings = vi.spyOn(console, "warn");
    onTestFinished(() => warnings.mockRestore());
    const Settings = gql`query Settings($accountId: ID!) {
      account(accountId: $accountId) { id signinDelegateGroups { groupName } settings { disableRemoteControl } }
    }`;
    expect((await client().query(Settings, { accountId })).error).toBeUndefined();
    expect(warnings.mock.calls).toEqual([]);
  });
});
