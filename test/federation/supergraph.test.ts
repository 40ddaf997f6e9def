import { CreateUserCommand } from "@aws-sdk/client-chime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed.js";
import { block } from "../support/readme.js";
import { ask, useWorld } from "../support/world.js";
import { employeesOf, type People, peopleSdl, startPeople } from "./people.js";
import { composers, fetchSdl, type Router, routers, withoutScopes } from "./supergraph.js";

const world = useWorld();
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
const subgraphs = (sdl: string) => [
  { name: "chime", url: `${world.url}/graphql`, sdl },
  { name: "people", url: people.url, sdl: peopleSdl },
];

test.each(Object.entries(composers))(
  "Apollo Gateway refuses what %s composed with scopes, which it can't enforce",
  async (_composer, compose) => {
    const { supergraph } = compose(subgraphs(await fetchSdl(world.url)));

    await expect(routers["@apollo/gateway"](supergraph)).rejects.toThrow(/requiresScopes.*is unsupported/);
  },
);

describe.each(pairs)("$routerName, on what $composer composed,", ({ routerName, startRouter, compose }) => {
  let router: Router;

  beforeAll(async () => {
    const sdl = await fetchSdl(world.url);
    const { problems, supergraph } = compose(
      subgraphs(routerName === "@apollo/gateway" ? withoutScopes(sdl) : sdl),
    );
    expect(problems).toEqual([]);
    router = await startRouter(supergraph);
  });
  afterAll(() => router?.close());

  /** Asks the router; what that costs in Chime is counted from here. */
  async function query(text: string) {
    await world.forgetCalls();
    people.asked.length = 0;
    return ask(router.url, { query: text });
  }

  test("leads from employees to their Chime licenses, and from whom Chime does not know to nothing", async () => {
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
    // One more ListAccounts says that Chime does not know one of them.
    expect(await world.calls()).toEqual({ ListAccounts: 2, ListUsers: 1 });
  });

  test("answers the query that the README shows", async () => {
    const { data, errors } = await query(block("graphql", "Asked of the router"));

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

  test("finds 100 employees of an account of 200 in two calls, and 7 unknown ones in 7", async () => {
    const licenses = ["BASIC", "PLUS", "PRO"];

    expect(await query(`{ employees(team: "Faculty") { email chimeUser { licenseType } } }`)).toEqual({
      data: {
        employees: faculty.map(({ email }, n) => ({
          email,
          chimeUser: { licenseType: n % 15 === 9 ? null : licenses[n % 3] },
        })),
      },
    });
    expect(await world.calls()).toEqual({ ListAccounts: 1 + 7, ListUsers: 1 });
  });

  test("leads from Chime's users to their job titles, past those without an e-mail address", async () => {
    const { User: lobby } = await world.chime.send(
      new CreateUserCommand({ AccountId: teamAccountId, UserType: "SharedDevice", Username: "Lobby" }),
    );
    const { data, errors } = await query(
      `{ account(accountId: "${teamAccountId}") { name users { nodes {
        userId licenseType primaryEmail employee { jobTitle team { name } } } } } }`,
    );
    const cost = await world.calls();
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

  test("lets the gateway's error codes through, each at the user that failed", async () => {
    const refused = await query(
      `{ user(accountId: "../x", userId: "b") { displayName employee { jobTitle } } }`,
    );
    expect(refused.data).toEqual({ user: null });
    expect(refused.errors).toMatchObject([
      { path: ["user"], extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["accountId"] }] } },
    ]);

    await world.fault({ operation: "GetUser", path: userId, kind: "500" });
    const failed = await query(`{ employees(team: "Dispatch") { email chimeUser { personalPin } } }`);
    expect(failed.errors).toHaveLength(1);
    expect(failed.errors?.[0]).toMatchObject({
      path: ["employees", 0, "chimeUser", "personalPin"],
      extensions: { code: "UPSTREAM_UNAVAILABLE", chime: { operation: "GetUser", httpStatus: 500 } },
    });
    expect(failed.data.employees[0]).toEqual({ email: SEED.userEmail, chimeUser: { personalPin: null } });
    expect(failed.data.employees[1].chimeUser.personalPin).toMatch(/^\d+$/);
  });
});
