import { describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { ask, startOn, useHarness } from "../support/fixture.js";
import { startIssuer } from "../support/issuer.js";

const closed = useHarness({ EXPLORER: "off", CHIME_LOCAL_USERS: "0" });
const open = useHarness({ EXPLORER: "on", CHIME_LOCAL_USERS: "0" });
const sdl = { query: "{ _service { sdl } }" };
const rejected = [
  expect.objectContaining({
    message: "_service is only available to a router that sends ROUTER_SECRET, or while EXPLORER is on.",
    extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
  }),
];

async function start(env: Record<string, string>) {
  const gateway = await startOn(closed.chimeUrl, env);
  onTestFinished(() => gateway.close());
  return gateway;
}

describe("with EXPLORER=off", () => {
  test("a browser gets no page", async () => {
    const response = await fetch(`${closed.url}/graphql`, { headers: { accept: "text/html" } });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: "BAD_REQUEST" } }] },
    ]);
  });

  test.each(["{ __schema { types { name } } }", `{ __type(name: "User") { name } }`])(
    "introspection is refused: %s",
    async (query) => {
      const { data, errors } = await closed.ask(query);
      expect([data, errors?.map(({ extensions }) => extensions.code)]).toEqual([
        undefined,
        ["GRAPHQL_VALIDATION_FAILED"],
      ]);
    },
  );

  test.each([
    "{ _service { sdl } }",
    "{ s: _service { sdl } }",
    "{ ... on Query { _service { sdl } } }",
    "{ ...F } fragment F on Query { ... { _service { sdl } } }",
  ])("the SDL is refused: %s", async (query) => {
    expect(await closed.ask(query)).toEqual({ errors: rejected });
  });

  test("the SDL is refused to a caller with a token as well", async () => {
    const issuer = await startIssuer();
    onTestFinished(() => issuer.close());
    const gateway = await start({ ...issuer.env, EXPLORER: "off" });
    const headers = { authorization: `Bearer ${await issuer.sign()}` };
    expect(await ask(gateway.url, sdl, headers)).toEqual({ errors: rejected });
  });

  test("a router with its secret gets the SDL", async () => {
    const secret = "0123456789abcdef";
    const gateway = await start({ ROUTER_SECRET: secret, EXPLORER: "off" });
    const { data } = await ask(gateway.url, sdl, { "x-router-secret": secret });
    expect(data._service.sdl).toContain("type Query");
    expect((await ask(gateway.url, sdl)).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });

  test("queries are answered", async () => {
    expect(await closed.ask(`{ account(accountId: "${SEED.teamAccountId}") { name } }`)).toEqual({
      data: { account: { name: "Harbor Street Studio" } },
    });
  });
});

test("with EXPLORER=on anyone gets the SDL", async () => {
  expect((await open.ask(sdl.query)).data._service.sdl).toContain("type Query");
});

describe("names of the schema are suggested only with EXPLORER=on:", () => {
  const createUser = `mutation ($input: CreateUserInput!) { createUser(input: $input) { errors { code } } }`;
  const input = { accountId: "a", email: "ada@example.com" };

  test.each<[string, string, object?]>([
    ["a misspelled field", "{ accont { name } }"],
    ["a field without a selection", `{ account(accountId: "a") }`],
    ["a field of one type only", `{ node(id: "a") { displayName } }`],
    ["an argument", `{ account(accountID: "a") { name } }`],
    ["a type", "{ ... on Qery { __typename } }"],
    ["a member of an input", `mutation { createUser(input: { acountId: "a" }) { errors { code } } }`],
    [
      "an enum's value",
      `mutation { createUser(input: { accountId: "a", userType: PRIVAT_USER }) { errors { code } } }`,
    ],
    ["a member of a variable", createUser, { input: { ...input, mail: "a" } }],
    ["an enum's value in a variable", createUser, { input: { ...input, userType: "PRIVAT_USER" } }],
  ])("%s", async (_what, query, variables) => {
    expect(JSON.stringify(await open.ask(query, variables))).toContain("Did you mean");
    const answer = await closed.ask(query, variables);
    expect(answer.errors?.length).toBeGreaterThan(0);
    expect(JSON.stringify(answer)).not.toContain("Did you mean");
  });
});
