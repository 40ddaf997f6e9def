import { CreateUserCommand } from "@aws-sdk/client-chime";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { block } from "../support/docs.js";
import { ask, startOn, useHarness } from "../support/fixture.js";
import { sdlFor } from "../support/routerSdl.js";
import { composers, fetchSdl, type Router, routers } from "../support/supergraph.js";
import { employeesOf, type People, peopleSdl, startPeople } from "./people.js";

const harness = useHarness();
const { teamAccountId, userId } = SEED;
const studio = employeesOf("harborstreet.example.com", 16, ["Dispatch", "Design", "Finance"]);
const faculty = employeesOf("alder.example.org", 107, ["Faculty"]);
let people: People;

beforeAll(async () => {
  people = await startPeople([...studio, ...faculty]);
});
afterAll(() => people?.close());

const pairs = Object.entries(routers).flatMap(([routerName, startRouter]) =>
  Object.entries(composers).map(([composer, compose]) => ({ routerName, startRouter, composer, compose })),
);

/** Both subgraphs, as a composer takes them. */
const subgraphs = (sdl: string, gatewayUrl = harness.url) => [
  { name: "chime", url: `${gatewayUrl}/graphql`, sdl },
  { name: "people", url: people.url, sdl: peopleSdl },
];

test.each(Object.entries(composers))(
  "Apollo Gateway rejects a supergraph with scopes from %s, since it cannot enforce them",
  async (_composer, compose) => {
    const { supergraph } = compose(subgraphs(await fetchSdl(harness.url)));

    await expect(routers["@apollo/gateway"](supergraph)).rejects.toThrow(/requiresScopes.*is unsupported/);
  },
);

describe.each(pairs)(
  "$routerName, with a supergraph from $composer,",
  ({ routerName, startRouter, compose }) => {
    let router: Router;

    /** Starts this router on a supergraph of both, with the Chime gateway at this address. */
    async function startRouterOn(gatewayUrl: string): Promise<Router> {
      const { problems, supergraph } = compose(subgraphs(sdlFor(routerName), gatewayUrl));
      expect(problems).toEqual([]);
      return startRouter(supergraph);
    }
    beforeAll(async () => {
      router = await startRouterOn(harness.url);
    });
    afterAll(() => router?.close());

    /** Asks the router; what that costs in Chime is counted from here. */
    async function query(text: string) {
      await harness.forgetCalls();
      people.asked.length = 0;
      return ask(router.url, { query: text });
    }

    test("resolves the Chime licenses of employees, and null for employees without a Chime user", async () => {
      const account = { name: "Harbor Street Studio" };
      const chimeUsers = [
        { licenseType: "BASIC", account },
        { licenseType: "PRO", account },
        { licenseType: "BASIC", account },
        { licenseType: null, account: null },
        { licenseType: "BASIC", account },
        { licenseType: "PRO", account },
      ];
      const dispatch = studio.filter(({ team }) => team.name === "Dispatch");

      expect(
        await query(
          `{ employees(team: "Dispatch") { email jobTitle team { name } chimeUser { licenseType account { name } } } }`,
        ),
      ).toEqual({
        data: { employees: dispatch.map((employee, n) => ({ ...employee, chimeUser: chimeUsers[n] })) },
      });
      // One more ListAccounts finds that Chime has no account for one of them.
      expect(await harness.calls()).toEqual({ ListAccounts: 2, ListUsers: 1 });
    });

    test("answers the query in docs/federation.md", async () => {
      const { data, errors } = await query(block("docs/federation.md", "graphql", "A query to the router"));

      expect(errors).toBeUndefined();
      expect(data.employees).toHaveLength(6);
      expect(data.employees[0]).toEqual({
        email: SEED.userEmail,
        jobTitle: "Analyst",
        chimeUser: {
          displayName: "Amara Okafor",
          licenseType: "BASIC",
          account: { name: "Harbor Street Studio" },
        },
      });
    });

    test("finds 100 employees of an account of 200 in two calls, and 7 unknown ones in 7 calls", async () => {
      const licenses = ["BASIC", "PLUS", "PRO"];

      expect(await query(`{ employees(team: "Faculty") { email chimeUser { licenseType } } }`)).toEqual({
        data: {
          employees: faculty.map(({ email }, n) => ({
            email,
            chimeUser: { licenseType: n % 15 === 9 ? null : licenses[n % 3] },
          })),
        },
      });
      expect(await harness.calls()).toEqual({ ListAccounts: 1 + 7, ListUsers: 1 });
    });

    test("resolves Chime users at 25 places of a query", async () => {
      const places = Array.from({ length: 25 }, (_, n) => `place${n}`);
      const fields = (n: number) => (n % 2 ? "licenseType" : "displayName");
      const { data, errors } = await query(
        `{ ${places.map((name, n) => `${name}: employees(team: "Dispatch") { chimeUser { ${fields(n)} } }`).join(" ")} }`,
      );

      expect(errors).toBeUndefined();
      expect(places.map((name) => data[name][0].chimeUser)).toEqual(
        places.map((_, n) => (n % 2 ? { licenseType: "BASIC" } : { displayName: "Amara Okafor" })),
      );
    });

    test("resolves the job titles of Chime users, and null without an e-mail address", async () => {
      const { User: lobby } = await harness.chime.send(
        new CreateUserCommand({ AccountId: teamAccountId, UserType: "SharedDevice", Username: "Lobby" }),
      );
      const { data, errors } = await query(
        `{ account(accountId: "${teamAccountId}") { name users { nodes {
        userId licenseType primaryEmail employee { jobTitle team { name } } } } } }`,
      );
      const cost = await harness.calls();
      const byEmail = new Map(studio.map(({ email, ...employee }) => [email, employee]));

      expect(errors).toBeUndefined();
      expect(data.account.name).toBe("Harbor Street Studio");
      expect(data.account.users.nodes).toHaveLength(17);
      expect(data.account.users.nodes[0]).toEqual({
        userId,
        licenseType: "BASIC",
        primaryEmail: SEED.userEmail,
        employee: { jobTitle: "Analyst", team: { name: "Dispatch" } },
      });
      expect(data.account.users.nodes.at(-1)).toEqual({
        userId: lobby?.UserId,
        licenseType: "PRO",
        primaryEmail: null,
        employee: null,
      });
      for (const { primaryEmail, employee } of data.account.users.nodes)
        expect(employee).toEqual(byEmail.get(primaryEmail) ?? null);
      expect(cost).toEqual({ GetAccount: 1, ListUsers: 1 });
      expect(people.asked).toHaveLength(1);
    });

    test("passes on the gateway's error codes, each at the user that failed", async () => {
      const refused = await query(
        `{ user(accountId: "../x", userId: "b") { displayName employee { jobTitle } } }`,
      );
      expect(refused.data).toEqual({ user: null });
      expect(refused.errors).toMatchObject([
        { path: ["user"], extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["accountId"] }] } },
      ]);

      await harness.fault({ operation: "GetUser", path: userId, kind: "500" });
      const failed = await query(`{ employees(team: "Dispatch") { email chimeUser { personalPin } } }`);
      expect(failed.errors).toHaveLength(1);
      expect(failed.errors?.[0]).toMatchObject({
        path: ["employees", 0, "chimeUser", "personalPin"],
        extensions: { code: "UPSTREAM_UNAVAILABLE", chime: { operation: "GetUser", httpStatus: 500 } },
      });
      expect(failed.data.employees[0]).toEqual({ email: SEED.userEmail, chimeUser: { personalPin: null } });
      expect(failed.data.employees[1].chimeUser.personalPin).toMatch(/^\d+$/);
    });

    describe("keeps the data of the people directory", () => {
      const everyone = `{
      employees(team: "Dispatch") { email jobTitle team { name } chimeUser { licenseType } }
      accounts { nodes { name } }
      user(accountId: "${teamAccountId}", userId: "${userId}") { displayName employee { jobTitle } } }`;
      const dispatch = studio.filter(({ team }) => team.name === "Dispatch");
      /** A router's result for users of which it has the address alone. */
      const withoutChime = dispatch.map((employee) => ({ ...employee, chimeUser: { licenseType: null } }));

      test("if accounts cannot be listed: only fields that need them are null", async () => {
        await harness.fault({ operation: "ListAccounts", kind: "500" });
        const { data, errors = [] } = await query(everyone);

        expect(data).toEqual({
          employees: withoutChime,
          accounts: null,
          user: { displayName: "Amara Okafor", employee: { jobTitle: "Analyst" } },
        });
        expect(errors.filter(({ path }) => path?.[0] === "accounts")).toMatchObject([
          { path: ["accounts"], extensions: { code: "UPSTREAM_UNAVAILABLE" } },
        ]);
      });

      test("if the users of one account cannot be listed: the other accounts have theirs", async () => {
        await harness.fault({ operation: "ListUsers", path: SEED.smallAccountId, kind: "500" });
        const { data, errors } = await query(`{ employees(team: "Dispatch") { email }
        accounts { nodes { accountId users(first: 1) { nodes { employee { jobTitle } } } } } }`);
        const nodes: { accountId: string; users: unknown }[] = data.accounts.nodes;
        const index = nodes.findIndex(({ accountId }) => accountId === SEED.smallAccountId);

        expect(data.employees).toEqual(dispatch.map(({ email }) => ({ email })));
        expect(nodes.map(({ users }) => users === null)).toEqual(nodes.map((_, n) => n === index));
        expect(nodes[0]?.users).toEqual({ nodes: [{ employee: { jobTitle: "Analyst" } }] });
        expect(errors).toMatchObject([
          {
            path: ["accounts", "nodes", index, "users"],
            extensions: { code: "UPSTREAM_UNAVAILABLE", chime: { operation: "ListUsers" } },
          },
        ]);
      });

      test("if Chime does not answer", async () => {
        await harness.fault({ kind: "503" });
        const { data } = await query(everyone);

        expect(data).toEqual({ employees: withoutChime, accounts: null, user: null });
      });

      test("if the gateway is stopped", async () => {
        const gateway = await startOn(harness.chimeUrl);
        onTestFinished(() => gateway.close());
        const lonely = await startRouterOn(gateway.url);
        onTestFinished(async () => void (await lonely.close()));
        const before = await ask(lonely.url, { query: everyone });
        await gateway.close();
        const { data, errors = [] } = await ask(lonely.url, { query: everyone });

        expect(before.errors).toBeUndefined();
        expect(before.data.accounts.nodes).toHaveLength(6);
        expect(data).toEqual({ employees: withoutChime, accounts: null, user: null });
        expect(errors.length).toBeGreaterThan(0);
      });
    });

    test("keeps the result of a mutation that was done if another one fails", async () => {
      await harness.fault({ operation: "UpdateUser", kind: "429" });
      const { data, errors } = await query(`mutation {
      createAccount(input: { name: "Dispatch" }) { account { name } errors { code } }
      updateUser(input: { accountId: "${teamAccountId}", userId: "${userId}", licenseType: PRO }) {
        user { licenseType } errors { code } } }`);

      expect(data).toEqual({
        createAccount: { account: { name: "Dispatch" }, errors: [] },
        updateUser: null,
      });
      expect(errors).toMatchObject([{ path: ["updateUser"], extensions: { code: "THROTTLED" } }]);
    });
  },
);
