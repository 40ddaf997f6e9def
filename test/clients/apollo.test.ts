import {
  type ApolloClient,
  CombinedGraphQLErrors,
  gql,
  type InMemoryCache,
  type NormalizedCacheObject,
} from "@apollo/client";
import type { FragmentDefinitionNode } from "graphql";
import { filter, firstValueFrom } from "rxjs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { userGlobalId } from "../../src/graphql/resolvers/shared/globalId.js";
import { useHarness } from "../support/fixture.js";
import { createClient } from "./app/client.js";
import { explain, readTeam } from "./app/errors.js";
import { inviteUsers } from "./app/invite.js";
import { updateUser } from "./app/license.js";
import { AccountUsers, showMore, watchUsers } from "./app/users.js";

const harness = useHarness();
const { teamAccountId: accountId, userId, largeAccountId } = SEED;
const client = () => createClient(`${harness.url}/graphql`);

/** A screen that shows an account's users: what it shows now, how often it was drawn, and how to page on. */
async function openScreen(apollo: ApolloClient, account: string) {
  const users = watchUsers(apollo, account);
  let draws = 0;
  const subscription = users.subscribe(() => {
    draws += 1;
  });
  onTestFinished(() => subscription.unsubscribe());
  const drawn = () => firstValueFrom(users.pipe(filter(({ loading }) => !loading)));
  await drawn();
  return {
    get draws() {
      return draws;
    },
    get users() {
      const edges = users.getCurrentResult().data?.account?.users?.edges ?? [];
      return edges.map((edge) => edge?.node);
    },
    async more() {
      const shown = await showMore(users);
      await drawn();
      return shown;
    },
  };
}

describe("Apollo Client", () => {
  test("returns typed data for typed queries", async () => {
    const { data } = await client().query({ query: AccountUsers, variables: { accountId, first: 1 } });

    // The compiler knows both of them to be texts.
    const name: string | undefined = data?.account?.name;
    const cursor: string | null | undefined = data?.account?.users?.pageInfo.endCursor;
    expect(name).toBe("Harbor Street Studio");
    expect(cursor).toMatch(/^[\w-]+$/);
  });

  test("reads 450 users with fetchMore until the end, each of them once", async () => {
    const screen = await openScreen(client(), largeAccountId);
    const shown = [screen.users.length];
    while (await screen.more()) shown.push(screen.users.length);

    expect(shown).toEqual([100, 200, 300, 400, 450]);
    expect(new Set(screen.users.map((user) => user?.userId)).size).toBe(450);
    expect(await harness.calls()).toEqual({ GetAccount: 5, ListUsers: 5 });
  });

  test("finds an object in its cache by the global id, whichever query has read it", async () => {
    const apollo = client();
    await openScreen(apollo, accountId);
    await readTeam(apollo, accountId, [userId]);

    const id = userGlobalId({ accountId, userId });
    const cached = apollo.cache.extract() as NormalizedCacheObject;
    expect(cached[`User:${id}`]).toMatchObject({ id, userId, displayName: "Amara Okafor" });
    expect(Object.keys(cached).filter((key) => key.startsWith("User:"))).toHaveLength(16);
  });

  test("keeps both selections of an object that has no id, without a warning", async () => {
    const warned = vi.spyOn(console, "warn");
    onTestFinished(() => warned.mockRestore());
    const apollo = client();
    const read = (field: string) =>
      apollo.query({
        query: gql(`query ($accountId: ID!, $userId: ID!) {
          user(accountId: $accountId, userId: $userId) { id alexaForBusinessMetadata { ${field} } }
        }`),
        variables: { accountId, userId },
      });
    await read("isAlexaForBusinessEnabled");
    await read("alexaForBusinessRoomArn");

    const cached = apollo.cache.extract() as NormalizedCacheObject;
    expect(cached[`User:${userGlobalId({ accountId, userId })}`]?.["alexaForBusinessMetadata"]).toEqual({
      __typename: "AlexaForBusinessMetadata",
      isAlexaForBusinessEnabled: expect.any(Boolean),
      alexaForBusinessRoomArn: null,
    });
    expect(warned).not.toHaveBeenCalled();
  });

  test("keeps what a fragment on an interface selects", async () => {
    const { data } = await client().query<{ user: unknown }>({
      query: gql(`query ($accountId: ID!, $userId: ID!) {
        user(accountId: $accountId, userId: $userId) { ... on Node { id } }
      }`),
      variables: { accountId, userId },
    });

    expect(data?.user).toMatchObject({ id: userGlobalId({ accountId, userId }) });
  });

  test("knows all possible types of each interface", async () => {
    const { data } = await harness.ask("{ __schema { types { kind name possibleTypes { name } } } }");
    const { policies } = client().cache as InMemoryCache;
    const fragmentOn = (name: string) =>
      gql(`fragment On${name} on ${name} { __typename }`).definitions[0] as FragmentDefinitionNode;
    const types: { kind: string; name: string; possibleTypes: { name: string }[] }[] = data.__schema.types;
    // Routers alone use `_Entity`.
    const abstract = types.filter(({ kind, name }) => /INTERFACE|UNION/.test(kind) && name !== "_Entity");

    for (const { name, possibleTypes } of abstract)
      for (const type of possibleTypes)
        expect(policies.fragmentMatches(fragmentOn(name), type.name)).toBe(true);
    expect(abstract).toHaveLength(1);
  });

  test("shows what a mutation changed without asking for the list again", async () => {
    const apollo = client();
    const screen = await openScreen(apollo, accountId);
    const licenseOnScreen = () => screen.users.find((user) => user?.userId === userId)?.licenseType;
    expect(licenseOnScreen()).toBe("BASIC");
    const { draws } = screen;
    await harness.forgetCalls();

    expect(await updateUser(apollo, { accountId, userId, licenseType: "PRO" })).toEqual({
      outcome: "DONE",
      errors: [],
    });

    expect(licenseOnScreen()).toBe("PRO");
    expect(screen.draws).toBeGreaterThan(draws);
    expect(await harness.calls()).toEqual({ UpdateUser: 1, GetUser: 1 });
  });
});

describe("a user of Apollo Client learns whether a change was made", () => {
  async function openLicense(apollo: ApolloClient) {
    const screen = await openScreen(apollo, accountId);
    return () => screen.users.find((user) => user?.userId === userId)?.licenseType;
  }
  const change = { accountId, userId, licenseType: "PRO" } as const;

  test("if it was made but the user could not be read back", async () => {
    const apollo = client();
    const license = await openLicense(apollo);
    await harness.fault({ operation: "GetUser", kind: "500" });

    expect(await updateUser(apollo, change)).toEqual({ outcome: "DONE", errors: [] });
    await expect.poll(license).toBe("PRO");
  });

  test.each([
    ["reset-after", "PRO"],
    ["reset-before", "BASIC"],
  ])("if the response was lost (%s)", async (kind, shown) => {
    const apollo = client();
    const license = await openLicense(apollo);
    await harness.fault({ operation: "UpdateUser", kind });
    await harness.forgetCalls();

    expect(await updateUser(apollo, change)).toMatchObject({
      outcome: "UNKNOWN",
      errors: [{ code: "OUTCOME_UNKNOWN" }],
    });
    await expect.poll(() => harness.calls()).toMatchObject({ UpdateUser: 1, ListUsers: 1 });
    await expect.poll(license).toBe(shown);
  });

  test("for each address that is invited", async () => {
    const userEmailList = ["new@example.com", "broken", "other@example.com"];

    expect(await inviteUsers(client(), { accountId, userEmailList })).toMatchObject({
      outcome: "PARTIAL",
      errors: [],
      invited: ["new@example.com", "other@example.com"],
      failed: [{ index: 1, error: { code: "BAD_REQUEST", path: ["userEmailList", "1"] } }],
      unknown: [],
    });
    await harness.fault({ operation: "InviteUsers", kind: "500" });
    expect(await inviteUsers(client(), { accountId, userEmailList: ["late@example.com"] })).toMatchObject({
      outcome: "UNKNOWN",
      invited: [],
      failed: [],
      unknown: ["late@example.com"],
    });
    expect(await inviteUsers(client(), { accountId: "..", userEmailList })).toMatchObject({
      outcome: "NOT_DONE",
      errors: [{ path: ["accountId"] }],
    });
  });
});

describe("a user of Apollo Client receives errors", () => {
  const readUsers = (apollo: ApolloClient) =>
    apollo.query({ query: AccountUsers, variables: { accountId, first: 3 } });
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  test("in the payload, if they can correct the input", async () => {
    expect(await updateUser(client(), { accountId, userId, licenseType: "PRO_TRIAL" })).toMatchObject({
      outcome: "NOT_DONE",
      errors: [{ code: "BAD_REQUEST", path: ["licenseType"] }],
    });
    expect(await updateUser(client(), { accountId, userId: "", licenseType: "PRO" })).toMatchObject({
      outcome: "NOT_DONE",
      errors: [{ code: "BAD_REQUEST", path: ["userId"] }],
    });
  });

  test("by extensions.code, if they cannot", async () => {
    await harness.fault({ operation: "GetAccount", kind: "429" });
    const error = await refusal(readUsers(client()));

    expect(CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.["code"]).toBe("THROTTLED");
    expect(explain(error)).toMatch(/^Too many requests\. Try again in \d+ s\.$/);
  });

  test("by extensions.code, if a change was not made and they cannot correct the input", async () => {
    await harness.fault({ operation: "UpdateUser", kind: "429" });
    const error = await refusal(updateUser(client(), { accountId, userId, licenseType: "PRO" }));

    expect(explain(error)).toMatch(/^Too many requests\. Try again in \d+ s\.$/);
  });

  test("by extensions.code, also if the request itself is rejected with status 400", async () => {
    const error = await refusal(
      client().query({ query: AccountUsers, variables: { accountId, first: "many" as unknown as number } }),
    );

    expect(CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
    expect(explain(error)).toBe("Something went wrong (BAD_USER_INPUT).");
  });

  test("as one null in a list with an error of its own, if one of several users failed", async () => {
    await harness.fault({ operation: "GetUser", kind: "500", path: userId });
    const { data, error } = await readTeam(client(), accountId, [userId, SEED.pendingUserId]);

    expect(data?.users).toMatchObject([
      null,
      { id: userGlobalId({ accountId, userId: SEED.pendingUserId }) },
    ]);
    expect(CombinedGraphQLErrors.is(error) && error.errors).toMatchObject([
      { path: ["users", 0], extensions: { code: "UPSTREAM_UNAVAILABLE" } },
    ]);
  });

  test("as a network error, not a GraphQL error, if the gateway does not answer", async () => {
    const unreachable = createClient("http://127.0.0.1:9/graphql");

    expect(explain(await refusal(readUsers(unreachable)))).toBe("The gateway cannot be reached.");
  });
});
