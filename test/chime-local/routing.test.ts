import { expect, test } from "vitest";
import { operations } from "../../src/chime-api/operations.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useChime } from "./fixture.js";

const chime = useChime(3);

const account = `/accounts/${SEED.teamAccountId}`;
const user = `${account}/users/${SEED.userId}`;

const badRequest = { status: 400, type: "BadRequestException", Code: "BadRequest" };

async function send(method: string, path: string, body?: string | object) {
  const { status, headers, body: text } = await chime.http(method, path, body === undefined ? {} : { body });
  const type = headers["x-amzn-errortype"];
  return { status, ...(type && { type }), ...JSON.parse(text || "{}") };
}

test("each of the 62 operations is found by its route", async () => {
  for (const { method, segments, literals } of Object.values(operations)) {
    const path = segments.map((segment) => (segment.startsWith("{") ? "x" : segment)).join("/");
    await send(method, `/${path}?${new URLSearchParams([...literals])}`);
  }
  const { counts } = await chime.log();
  expect(Object.keys(counts).toSorted()).toEqual(Object.keys(operations).toSorted());
});

test.each([
  ["POST", `${account}/users?operation=bogus`],
  ["POST", `${account}/users?operation=`],
  ["POST", `${account}/users?operation=CREATE`],
  ["POST", `${account}/users?operation=create&operation=add`],
  ["POST", `${user}?operation=reset`],
  ["GET", `${user}?operation=reset-personal-pin`],
  ["GET", `${account}?operation=associate-signin-delegate-groups`],
])("%s %s is not a route: an unknown operation never matches the route without one", async (method, path) => {
  const body =
    method === "POST" ? { UpdateUserRequestItems: [{ UserId: SEED.userId, LicenseType: "Pro" }] } : undefined;
  expect(await send(method, path, body)).toMatchObject(badRequest);
  expect((await chime.log()).counts).toEqual({});
});

test("unknown parameters and the order of parameters don't matter", async () => {
  expect(await send("GET", `${user}?x=1`)).toMatchObject({ status: 200 });
  expect(await send("POST", `${user}?x=1&operation=reset-personal-pin&y`)).toMatchObject({ status: 200 });
});

test.each([
  ["PUT", "/accounts", "GET and POST"],
  ["DELETE", `${account}/users`, "POST and GET"],
  ["PATCH", user, "GET and POST"],
  ["PUT", `${user}?operation=logout`, "GET and POST"],
])("%s %s lists the allowed methods", async (method, path, methods) => {
  const { Message, ...rest } = await send(method, path);
  expect(rest).toEqual(badRequest);
  for (const allowed of methods.split(" and ")) expect(Message).toContain(allowed);
});

test.each([
  ["GET", "/search", "type=phone-numbers"],
  ["GET", "/search?type=users", "type=phone-numbers"],
  ["POST", "/phone-numbers", "operation=batch-delete or operation=batch-update"],
  ["POST", `${account}/rooms/x/memberships?operation=add`, "operation=batch-create or no operation"],
  ["GET", `${user}?operation=logout`, "no operation"],
])("%s %s names the query parameter that is required: %s", async (method, path, query) => {
  const { Message, ...rest } = await send(method, path);
  expect(rest).toEqual(badRequest);
  const [, required = ""] = /^[^,]+ for \w+ with this query, which must have (.+)\.$/.exec(Message) ?? [];
  expect(required.split(" or ").toSorted()).toEqual(query.split(" or ").toSorted());
});

test("the response to HEAD has no body", async () => {
  const { status, headers, body } = await chime.http("HEAD", user);
  expect({ status, type: headers["x-amzn-errortype"], body }).toEqual({
    status: 400,
    type: "BadRequestException",
    body: "",
  });
});

test.each([
  "/",
  "/unknown",
  "//accounts",
  `${account}/users/${SEED.userId}/more`,
  "/Accounts",
  "/accounts/x/y",
])(
  "%s has no operation: a BadRequestException, not the NotFoundException of a missing account",
  async (path) => {
    expect(await send("GET", path)).toMatchObject(badRequest);
  },
);

test.each([
  ["/accounts//users", "AccountId"],
  ["/accounts/", "AccountId"],
  [`${account}/users/`, "UserId"],
  ["/accounts/a%2Fb", "AccountId"],
  ["/accounts/%2E%2E", "AccountId"],
  ["/accounts/..", "AccountId"],
  ["/accounts/%00", "AccountId"],
  [`${account}/users/%F0%9F%99%82`, "UserId"],
])("%s is refused for its %s", async (path, member) => {
  expect(await send("GET", path)).toMatchObject({ ...badRequest, Message: expect.stringContaining(member) });
});

test.each(["/accounts/%", "/accounts/%zz", "/accounts/%FF", "/accounts?name=%zz", "/accounts?name=%E0%A4"])(
  "%s is malformed",
  async (path) => {
    expect(await send("GET", path)).toMatchObject({
      ...badRequest,
      Message: expect.stringContaining("percent-encoded"),
    });
  },
);

test("labels and parameters are decoded", async () => {
  const escaped = SEED.teamAccountId.replaceAll("-", "%2D");
  expect(await send("GET", `/accounts/${escaped}`)).toMatchObject({
    status: 200,
    Account: { AccountId: SEED.teamAccountId },
  });
  expect((await send("GET", "/accounts?name=harbor%20street")).Accounts).toHaveLength(1);
  expect((await send("GET", "/accounts?name=harbor+street")).Accounts).toHaveLength(1);
});

test.each(["{", "nonsense", '"text"', "[]", "7", "null", "\uFEFF{}"])(
  "the body %j is refused",
  async (body) => {
    expect(await send("POST", "/accounts", body)).toMatchObject({
      ...badRequest,
      Message: expect.stringContaining("body"),
    });
  },
);

test("a body over 1 MiB is refused with 413, one of 1 MiB is accepted", async () => {
  const bodyOf = (size: number) => `{"Name":"Birch"${" ".repeat(size - 16)}}`;
  expect((await send("POST", "/accounts", bodyOf(1024 * 1024))).status).toBe(201);
  expect(await send("POST", "/accounts", bodyOf(1024 * 1024 + 1))).toMatchObject({
    ...badRequest,
    status: 413,
  });
});

test("every response has a different request id", async () => {
  const responses = await Promise.all(
    [user, "/accounts/none", "/unknown", "/_local/health"].map((path) => chime.http("GET", path)),
  );
  const ids = responses.map(({ headers }) => headers["x-amzn-requestid"]);
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
});

test("requests need no credentials, and any are accepted", async () => {
  expect((await chime.http("GET", user)).status).toBe(200);
  expect((await chime.http("GET", user, { headers: { authorization: "nonsense" } })).status).toBe(200);
});

test.each(["example.com", "127.0.0.1.example.com", "192.168.0.7:4001", "localhost.example.com:80", "[::2]"])(
  "a request whose Host is %s is refused, whatever its path",
  async (host) => {
    for (const path of [user, "/_local/health"]) {
      const { status, headers } = await chime.http("GET", path, { headers: { host } });
      expect({ status, type: headers["x-amzn-errortype"] }).toEqual({
        status: 403,
        type: "ForbiddenException",
      });
    }
    expect((await chime.log()).total).toBe(0);
  },
);

test.each(["localhost", "LOCALHOST:4001", "127.0.0.1", "[::1]:4001"])(
  "the Host %s is local",
  async (host) => {
    expect((await chime.http("GET", user, { headers: { host } })).status).toBe(200);
  },
);

test("a page of another site can't send requests", async () => {
  const from = (origin: string) => chime.http("POST", "/_local/reset", { headers: { origin } });
  expect((await from("https://example.com")).status).toBe(403);
  expect((await from("null")).status).toBe(403);
  expect((await from("http://localhost:4000")).status).toBe(200);
});
