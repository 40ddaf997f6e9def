import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";
import { type Asked, events } from "./events.js";
import { type LambdaFunction, startFunction } from "./lambdaFunction.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
let open: LambdaFunction;

beforeAll(async () => {
  open = await startFunction("plain", {
    CHIME_MODE: "remote",
    CHIME_ENDPOINT: harness.chimeUrl,
    AUTH: "none",
  });
});
afterAll(() => open?.stop());

const teamName = `{ account(accountId: "${SEED.teamAccountId}") { name } }`;
const teamNameAnswer = { data: { account: { name: "Harbor Street Studio" } } };
const post = (query: string, more: Asked = {}): Asked => ({ body: JSON.stringify({ query }), ...more });

test("a REST API's stage is not part of the path", async () => {
  const event = { ...events["a REST API"](post(teamName)), path: "/prod/graphql" };
  expect((await open.invoke(event)).statusCode).toBe(200);
});

test("an HTTP API's stage is not part of the path, either", async () => {
  const event = events["an HTTP API"](post(teamName, { path: "/prod/graphql" }));
  const { requestContext } = event;
  const staged = { ...event, requestContext: { ...requestContext, stage: "prod" } };
  expect(JSON.parse((await open.invoke(staged)).body)).toEqual(teamNameAnswer);
  expect((await open.invoke(event)).statusCode).toBe(404);
});

describe("the base path of a custom domain is not part of the path", () => {
  const path = "/chime/v1/graphql";
  const routes: [route: string, parameters: object | null][] = [
    ["/{proxy+}", { proxy: "graphql" }],
    ["/{my-proxy.v1:all+}", { "my-proxy.v1:all": "graphql" }],
    ["/graphql", null],
  ];

  test.each(routes)("of a REST API with the route %s", async (resource, pathParameters) => {
    const event = { ...events["a REST API"](post(teamName)), path, resource, pathParameters };
    expect(JSON.parse((await open.invoke(event)).body)).toEqual(teamNameAnswer);
  });

  test.each(routes)("of an HTTP API with the route ANY %s", async (route, pathParameters) => {
    const event = {
      ...events["an HTTP API"](post(teamName, { path })),
      routeKey: `ANY ${route}`,
      pathParameters,
    };
    expect(JSON.parse((await open.invoke(event)).body)).toEqual(teamNameAnswer);
  });

  test("but what follows it in the path counts", async () => {
    const event = { ...events["a REST API"](post(teamName)), path: "/graphql/other" };
    expect((await open.invoke({ ...event, pathParameters: { proxy: "graphql/other" } })).statusCode).toBe(
      404,
    );
  });
});

test("behind a load balancer, a client's port does not make it another caller", async () => {
  const limited = await startFunction("plain", {
    CHIME_MODE: "remote",
    CHIME_ENDPOINT: harness.chimeUrl,
    AUTH: "none",
    RATE_LIMIT_PER_MINUTE: "2",
  });
  onTestFinished(() => limited.stop());
  const statusOf = async (address: string) => {
    const headers = { "x-forwarded-for": `198.51.100.1, ${address}` };
    return (await limited.invoke(events["a load balancer"](post(teamName, { headers })))).statusCode;
  };
  for (const addresses of [
    ["203.0.113.7:4711", "203.0.113.7:4712", "203.0.113.7"],
    ["[2001:db8::7]:4711", "2001:db8::7", "[2001:db8::7]"],
  ]) {
    const statuses: number[] = [];
    for (const address of addresses) statuses.push(await statusOf(address));
    expect(statuses).toEqual([200, 200, 429]);
  }
});
