import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { useHarness } from "../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
const json = "application/json";
const createAccount = `mutation ($name: String!) {
  createAccount(input: { name: $name }) { account { name } errors { code path } }
}`;
const bodyOf = (name: string) => JSON.stringify({ query: createAccount, variables: { name } });

/** Sends raw bytes: fetch would encode them as UTF-8. */
async function post(body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await new Promise<{ status: number; headers: object; text: string }>((resolve, reject) => {
    const bytes = Buffer.from(body);
    const outgoing = request(
      `${harness.url}/graphql`,
      { method: "POST", headers: { "content-type": json, "content-length": bytes.length, ...headers } },
      (incoming) =>
        text(incoming).then(
          (answer) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: answer }),
          reject,
        ),
    );
    outgoing.on("error", reject).end(bytes);
  });
  return { ...response, body: JSON.parse(response.text) };
}

async function expectRefusal(answer: ReturnType<typeof post>, status: 400 | 415) {
  const { status: found, body } = await answer;
  expect([found, Object.keys(body)]).toEqual([status, ["errors"]]);
  expect(body.errors).toEqual([{ message: expect.any(String), extensions: { code: "BAD_REQUEST" } }]);
  expect(await harness.calls()).toEqual({});
}

describe("a body that is not UTF-8 is refused, and nothing is written:", () => {
  const [before = "", after = ""] = bodyOf("Caf|").split("|");

  test.each<[string, number[]]>([
    ["an é in Latin-1", [0xe9]],
    ["a lone continuation byte", [0xa9]],
    ["a character that is cut off", [0xe2, 0x82]],
    ["half a surrogate pair, encoded", [0xed, 0xa0, 0x80]],
    ["an overlong encoding", [0xc0, 0xaf]],
    ["a code point beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["0xFF", [0xff]],
  ])("%s", async (_what, bytes) => {
    await expectRefusal(
      post(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)])),
      400,
    );
  });

  test.each(["latin1", "utf16le"] as const)("the whole of it in %s", async (encoding) => {
    await expectRefusal(post(Buffer.from(bodyOf("Café"), encoding)), 400);
  });

  test("in the query", async () => {
    const query = `{"query":"mutation { createAccount(input: { name: \\"Caf\xe9\\" }) { errors { code } } }"}`;
    await expectRefusal(post(Buffer.from(query, "latin1")), 400);
  });

  test("whatever charset it declares", async () => {
    await expectRefusal(
      post(Buffer.from(bodyOf("Café"), "latin1"), { "content-type": `${json}; charset=utf-8` }),
      400,
    );
  });
});

describe("a body", () => {
  test.each([
    `${json}`,
    `${json}; charset=utf-8`,
    `${json};charset=UTF-8`,
    `${json}; charset=utf8`,
    `${json}; charset="utf-8"`,
    `${json}; Charset="UTF-8"`,
    `${json}; profile=x; charset=utf-8`,
  ])("of type %s is read, with any characters", async (type) => {
    for (const name of ["Café", "Zoë & Søn 東京 👩‍💻"]) {
      const { status, body } = await post(bodyOf(name), { "content-type": type });
      expect([status, body]).toEqual([200, { data: { createAccount: { account: { name }, errors: [] } } }]);
    }
  });

  test("with a byte order mark is read", async () => {
    const { status, body } = await post(`\ufeff${bodyOf("Marked")}`);
    expect([status, body.data.createAccount.account]).toEqual([200, { name: "Marked" }]);
  });

  test.each([
    "latin1",
    "iso-8859-1",
    "windows-1252",
    "utf-16",
    "UTF-16LE",
    "utf-32",
    '"latin1"',
    '"utf-16"',
    "utf-8x",
    "utf-8; charset=latin1",
  ])("with charset=%s is refused with 415, and nothing is written", async (charset) => {
    await expectRefusal(post(bodyOf("Plain"), { "content-type": `${json}; charset=${charset}` }), 415);
  });

  test.each<[string, (text: string) => Buffer]>([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", Buffer.from],
    ["zstd", Buffer.from],
    ["GZIP", Buffer.from],
    ["identity, gzip", gzipSync],
    ["unheard-of", Buffer.from],
  ])("with the content encoding %s is refused with 415, and nothing is written", async (encoding, encode) => {
    const answer = post(encode(bodyOf("Plain")), { "content-encoding": encoding });
    await expectRefusal(answer, 415);
    expect((await answer).headers).toMatchObject({ "accept-encoding": "identity" });
  });

  test("with the content encoding identity is read", async () => {
    const { status, body } = await post(bodyOf("Plain"), { "content-encoding": "identity" });
    expect([status, body.data.createAccount.errors]).toEqual([200, []]);
  });
});

describe("half a surrogate pair, escaped in the JSON, is refused with its path, and nothing is sent:", () => {
  const errorsOf = async (query: string, variables: string) => {
    const { body } = await post(`{"query":${JSON.stringify(query)},"variables":${variables}}`);
    expect(await harness.calls()).toEqual({});
    return body.errors ?? (Object.values(body.data)[0] as { errors: object[] }).errors;
  };
  const bad = (...path: string[]) => [{ code: "BAD_REQUEST", path }];

  test.each(["\\ud800", "Caf\\ud83d", "\\udc00x", "\\ufffd", "\ufffd"])("a name: %s", async (name) => {
    expect(await errorsOf(createAccount, `{"name":"${name}"}`)).toEqual(bad("name"));
  });

  test("any other string in the input of a mutation", async () => {
    const mutation = (field: string, type: string) =>
      `mutation ($input: ${type}!) { ${field}(input: $input) { errors { code path } } }`;
    const ids = `"accountId":"a","userId":"u"`;
    const room = `{"alexaForBusinessRoomArn":"\\ud800"}`;
    expect(
      await errorsOf(
        mutation("createUser", "CreateUserInput"),
        `{"input":{"accountId":"a","username":"\\ud800"}}`,
      ),
    ).toEqual(bad("username"));
    expect(
      await errorsOf(
        mutation("createUser", "CreateUserInput"),
        `{"input":{"accountId":"a","email":"a\\ud800@example.com"}}`,
      ),
    ).toEqual(bad("email"));
    expect(
      await errorsOf(
        mutation("updateUser", "UpdateUserInput"),
        `{"input":{${ids},"alexaForBusinessMetadata":${room}}}`,
      ),
    ).toEqual(bad("alexaForBusinessMetadata", "alexaForBusinessRoomArn"));
    expect(
      await errorsOf(
        mutation("associateSigninDelegateGroupsWithAccount", "AssociateSigninDelegateGroupsWithAccountInput"),
        `{"input":{"accountId":"a","groupNames":["ok","\\udfff"]}}`,
      ),
    ).toEqual(bad("groupNames", "1"));
  });

  test("a filter, and a string in a query", async () => {
    const accounts = `query ($namePrefix: String) { accounts(namePrefix: $namePrefix) { nodes { name } } }`;
    expect(await errorsOf(accounts, `{"namePrefix":"\\ud800"}`)).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["namePrefix"] }] } },
    ]);
    const { status, body } = await post(
      `{"query":"mutation { createAccount(input: { name: \\"\\ud800\\" }) { errors { code } } }"}`,
    );
    expect([status, body.errors[0].extensions.code]).toEqual([400, "GRAPHQL_PARSE_FAILED"]);
    expect(await harness.calls()).toEqual({});
  });
});

describe("a query in a URL", () => {
  const get = async (search: string) => {
    const response = await fetch(`${harness.url}/graphql?${search}`, {
      headers: { "apollo-require-preflight": "1" },
    });
    return {
      status: response.status,
      body: (await response.json()) as { errors?: object[]; data?: unknown },
    };
  };
  const query = encodeURIComponent(`query ($p: String) { accounts(namePrefix: $p) { nodes { name } } }`);

  test.each([
    ["a byte of Latin-1", "Caf%E9"],
    ["a character that is cut off", "%E2%82"],
    ["half a surrogate pair", "%ED%A0%80"],
    ["a byte that is not UTF-8, in lower case", "%ff"],
  ])("with %s in its percent-encoding is refused", async (_what, value) => {
    for (const search of [
      `query=${query}&variables={"p":"${value}"}`,
      `query={x(a:"${value}")}`,
      `x=${value}`,
    ]) {
      const { status, body } = await get(search);
      expect([status, body]).toEqual([
        400,
        { errors: [{ message: "The URL is not valid UTF-8.", extensions: { code: "BAD_REQUEST" } }] },
      ]);
    }
    expect(await harness.calls()).toEqual({});
  });

  test("may contain any UTF-8, and a literal percent sign", async () => {
    for (const prefix of ["Café", "東京", "100%", "👩‍💻"]) {
      const variables = encodeURIComponent(JSON.stringify({ p: prefix }));
      expect(await get(`query=${query}&variables=${variables}`)).toEqual({
        status: 200,
        body: { data: { accounts: { nodes: [] } } },
      });
    }
    const bare = await get(`query=${query}&variables={"p":"100% of"}`);
    expect([bare.status, bare.body.data]).toEqual([200, { accounts: { nodes: [] } }]);
  });

  test("with bytes beyond ASCII that are not percent-encoded is refused", async () => {
    const { port } = new URL(harness.url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(
      Buffer.from(
        `GET /graphql?query={accounts(namePrefix:"Caf\xc3\xa9"){nodes{name}}} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\napollo-require-preflight: 1\r\n\r\n`,
        "latin1",
      ),
    );
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400 [\s\S]*"BAD_REQUEST"/);
    expect(await harness.calls()).toEqual({});
  });
});

test("an account with a non-ASCII name is found by POST and by GET", async () => {
  await post(bodyOf("Ærø Ferries"));
  const query = `{ accounts(namePrefix: "Ærø") { nodes { name } } }`;
  const found = { data: { accounts: { nodes: [{ name: "Ærø Ferries" }] } } };
  expect((await post(JSON.stringify({ query }))).body).toEqual(found);
  const response = await fetch(`${harness.url}/graphql?${new URLSearchParams({ query })}`, {
    headers: { "apollo-require-preflight": "1" },
  });
  expect(await response.json()).toEqual(found);
});
