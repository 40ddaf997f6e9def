import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { isObjectType } from "graphql";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { createSchema } from "../../src/graphql/schema.js";
import { defaultColumns } from "../../src/server/exports/columns.js";
import { startOnResponses, startOnStub, useClosedGateway, useHarness } from "../support/fixture.js";
import { type HttpResponse, sendHttp } from "../support/http.js";

const harness = useHarness({ CORS_ORIGINS: "https://app.example.com" });
const { largeAccountId, teamAccountId, emptyAccountId } = SEED;

type Options = { url?: string; headers?: Record<string, string> };
const path = (accountId: string, query: Record<string, string> = {}, format = "csv") =>
  `/export/accounts/${accountId}/users.${format}?${new URLSearchParams(query)}`;
const read = (
  accountId: string,
  query = {},
  format = "csv",
  { url = harness.url, headers = {} }: Options = {},
) => sendHttp("GET", url + path(accountId, query, format), { headers });
const rowsOf = ({ body }: HttpResponse) => body.split("\r\n").slice(1, -1);
const objectsOf = ({ body }: HttpResponse) =>
  body
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const codesOf = ({ body }: HttpResponse) =>
  (JSON.parse(body).errors as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code);

describe("an export", () => {
  test("has all users of an account, with what ListUsers returns of them, as in GraphQL", async () => {
    const response = await read(largeAccountId, {}, "jsonl");
    const { data } =
      await harness.ask(`{ account(accountId: "${largeAccountId}") { users(first: 450) { nodes {
      userId primaryEmail displayName licenseType userType userRegistrationStatus userInvitationStatus registeredOn
      primaryProvisionedNumber alexaForBusinessMetadata { isAlexaForBusinessEnabled alexaForBusinessRoomArn } accountId } } } }`);
    type User = Record<string, unknown> & { alexaForBusinessMetadata: Record<string, unknown> };
    const expected = data.account.users.nodes.map(({ alexaForBusinessMetadata, ...user }: User) => ({
      ...user,
      ...Object.fromEntries(
        Object.entries(alexaForBusinessMetadata).map(([name, value]) => [
          `alexaForBusinessMetadata.${name}`,
          value,
        ]),
      ),
    }));

    expect(objectsOf(response)).toEqual(expected);
    expect(response.headers).toMatchObject({
      "content-type": "application/jsonl; charset=utf-8",
      "content-disposition": 'attachment; filename="users.jsonl"',
      "cache-control": "no-store",
    });
  });

  test("costs one call for each 200 users", async () => {
    await read(largeAccountId);
    expect(await harness.calls()).toEqual({ ListUsers: 3 });
  });

  test("can have each field of a user that lists have, and never the PIN", async () => {
    const user = createSchema().getType("User");
    const fields = isObjectType(user) ? Object.keys(user.getFields()) : [];
    const columns = new Set(defaultColumns.map((column) => column.split(".")[0]));
    expect(fields.filter((field) => !columns.has(field)).toSorted()).toEqual([
      "account",
      "id",
      "invitedOn",
      "personalPin",
      "phoneNumber",
      "rooms",
      "settings",
    ]);
    const pins = await Promise.all(
      (await harness.userIds(teamAccountId)).map((id) => harness.chime.user(teamAccountId, id)),
    );
    const everything = await read(teamAccountId, { columns: [...defaultColumns, "id", "cursor"].join(",") });
    for (const { PersonalPIN } of pins) expect(everything.body).not.toContain(PersonalPIN);
    expect((await read(teamAccountId, { columns: "personalPin" })).status).toBe(400);
  });

  test("is CSV by RFC 4180 with the chosen columns, optionally with a byte order mark", async () => {
    const { body, headers } = await read(teamAccountId, {
      columns: "displayName,userType,registeredOn",
      bom: "true",
    });
    const lines = body.split("\r\n");

    expect(headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(lines.slice(0, 2)).toEqual([
      "\ufeffdisplayName,userType,registeredOn",
      "Amara Okafor,PRIVATE_USER,2019-06-04T09:01:00.000Z",
    ]);
    expect(lines).toHaveLength(18);
    expect(lines.at(-1)).toBe("");
    expect((await read(emptyAccountId, { columns: "userId" })).body).toBe("userId\r\n");
  });

  test("quotes cells, and prefixes those that a spreadsheet would execute", async () => {
    const names: [name: string, cell: string][] = [
      ['Ada "Countess", Lovelace', '"Ada ""Countess"", Lovelace"'],
      ["=HYPERLINK(0)", "'=HYPERLINK(0)"],
      ["+1", "'+1"],
      ["-1+2", "'-1+2"],
      ["@SUM(A1)", "'@SUM(A1)"],
      ["\t=1", "\"'\t'=1\""],
      ["＝1", "'＝1"],
      ["a;=1", '"a;\'=1"'],
      ['a;"=HYPERLINK(1);b', `"a;""'=HYPERLINK(1);b"`],
      ['a\n"""=1', `"a\n""""""'=1"`],
      ["a\nb,=1,c", `"a\nb,'=1,c"`],
      ['"=1" + "1"', '"""=1"" + ""1"""'],
      ["two\nlines", '"two\nlines"'],
      ["a\r\n=1", '"a\r\n\'=1"'],
      ["\r\n=1", "\"'\r\n'=1\""],
      ["a\r\n\r\n\tb; c", '"a\r\n\r\n\tb; c"'],
      [" padded ", '" padded "'],
      ["Ünal-Öz @home = 1+1", "Ünal-Öz @home = 1+1"],
    ];
    const Users = names.map(([DisplayName], index) => ({ UserId: `u${index}`, DisplayName }));
    const url = await startOnResponses(() => ({ Users }));

    const csv = await read("a", { columns: "displayName" }, "csv", { url });
    expect(csv.body).toBe(`displayName\r\n${names.map(([, cell]) => `${cell}\r\n`).join("")}`);
    const jsonl = await read("a", { columns: "displayName" }, "jsonl", { url });
    expect(objectsOf(jsonl).map(({ displayName }) => displayName)).toEqual(names.map(([name]) => name));
  });

  test("can be filtered as Account.users can", async () => {
    const filter = {
      userTypes: ["SHARED_DEVICE"],
      registeredAfter: "2019-01-01T00:00:00Z",
      displayNameContains: "ROOM",
    };
    const response = await read(largeAccountId, { columns: "userId", filter: JSON.stringify(filter) });
    const devices = await harness.chime.users(largeAccountId, { UserType: "SharedDevice" });

    expect(rowsOf(response)).toEqual(devices.map(({ UserId }) => UserId));
  });

  test("has all users with the filter null, as in GraphQL", async () => {
    for (const filter of ["null", '{"licenseTypes":null}', "{}"])
      expect(rowsOf(await read(teamAccountId, { filter })), filter).toHaveLength(16);
  });

  test("continues after the cursor of any row, without a head", async () => {
    const columns = "cursor,userId";
    const filter = JSON.stringify({ licenseTypes: ["PRO"] });
    const all = rowsOf(await read(largeAccountId, { columns, filter }));
    expect(all.length).toBeGreaterThan(100);
    for (const index of [0, 50, 100, all.length - 1]) {
      const [after = ""] = all[index]?.split(",") ?? [];
      const rest = await read(largeAccountId, { columns, filter, after });
      expect(rest.body.split("\r\n").slice(0, -1)).toEqual(all.slice(index + 1));
    }
    const [after = ""] = all[0]?.split(",") ?? [];
    const page = await harness.ask(
      `{ account(accountId: "${largeAccountId}") { users(first: 1, after: "${after}", filter: { licenseTypes: [PRO] }) { nodes { userId } } } }`,
    );
    expect(page.data.account.users.nodes[0].userId).toBe(all[1]?.split(",")[1]);
  });
});

describe("an export is refused before it begins, with an error in GraphQL's form:", () => {
  test.each<[Record<string, string>, string]>([
    [{ columns: "userId,nickname" }, "columns must be names separated by commas, each once, of userId, "],
    [{ columns: "userId,userId" }, "columns must be names separated by commas, each once, of userId, "],
    [{ filter: "{" }, "filter must be JSON"],
    [{ filter: "[]" }, 'filter must be an object such as {"licenseTypes":["PRO"]}'],
    [{ filter: '{"licenseTypes":["GOLD"]}' }, 'filter.licenseTypes.0 is not a value of the enum "License"'],
    [{ filter: '{"nickname":"x"}' }, 'filter.nickname is not defined by type "UserFilter"'],
    [{ filter: '{"emailDomain":"@"}' }, "filter.emailDomain must be a domain such as example.com"],
    [{ filter: '{"registeredBefore":"soon"}' }, "filter.registeredBefore must be a time such as "],
    [{ after: "junk" }, "after is not a cursor of this list"],
    [{ bom: "yes" }, "bom must be true or false"],
    [
      { accountId: "zzz" },
      "accountId is not a parameter of an export: they are columns, filter, after and bom",
    ],
    [{ query: "x" }, "query is not a parameter of an export: they are columns, filter, after and bom"],
    [
      { page: "2", size: "9" },
      "page is not a parameter of an export: they are columns, filter, after and bom; size is ",
    ],
    [{ page: "2" }, "page is not a parameter of an export: they are columns, filter, after and bom"],
  ])("%j", async (query, message) => {
    const response = await read(teamAccountId, query);

    expect([response.status, codesOf(response)]).toEqual([400, ["BAD_USER_INPUT"]]);
    expect(JSON.parse(response.body).errors[0].message.slice(0, message.length)).toBe(message);
    expect(await harness.calls()).toEqual({});
  });

  test("JSON Lines with a byte order mark", async () => {
    const response = await read(teamAccountId, { bom: "true" }, "jsonl");
    expect([response.status, codesOf(response)]).toEqual([400, ["BAD_USER_INPUT"]]);
    expect(JSON.parse(response.body).errors[0].message).toBe(
      "bom must not be true for JSON Lines, whose first line would not be JSON",
    );
    expect(objectsOf(await read(teamAccountId, { bom: "false" }, "jsonl"))).toHaveLength(16);
  });

  test("Chime fails", async () => {
    await harness.fault({ operation: "ListUsers", kind: "500" });
    const response = await read(teamAccountId);
    expect([response.status, codesOf(response)]).toEqual([502, ["UPSTREAM_UNAVAILABLE"]]);
  });

  test("Chime asks for a pause that is longer than READ_DEADLINE_MS", async () => {
    const url = await startOnStub((_request, response) => {
      response
        .writeHead(429, { "retry-after": "3600", "x-amzn-errortype": "ThrottledClientException" })
        .end("{}");
    });
    const response = await read("a", {}, "csv", { url });
    expect([response.status, codesOf(response)]).toEqual([503, ["THROTTLED"]]);
    expect(Number(response.headers["retry-after"])).toBeGreaterThan(3_000);
  });

  test("the account does not exist", async () => {
    const response = await read("missing");
    expect([response.status, codesOf(response)]).toEqual([404, ["NOT_FOUND"]]);
  });

  test("the request is HTTP/1.0, in which a failure looks like the end", async () => {
    const { hostname, port } = new URL(harness.url);
    const socket = connect(Number(port), hostname);
    socket.end(`GET ${path(teamAccountId)} HTTP/1.0\r\nHost: localhost\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 505 /);
  });

  test("the method is another one", async () => {
    for (const method of ["HEAD", "POST", "OPTIONS", "DELETE"]) {
      const { status, headers, body } = await sendHttp(method, harness.url + path(teamAccountId));
      expect([status, headers["allow"], body.includes("use GET.")]).toEqual([405, "GET", method !== "HEAD"]);
    }
  });
});

describe("the caller of an export", () => {
  const closed = useClosedGateway(harness);
  const readWith = async (claims: object | undefined, accountId = teamAccountId) =>
    read(accountId, {}, "csv", {
      url: closed.url,
      headers: claims ? await closed.headersFor({ ...claims }) : {},
    });

  test("needs a token with the scope chime:read", async () => {
    expect((await readWith({ scope: "chime:read" })).status).toBe(200);
    const anonymous = await readWith(undefined);
    expect([anonymous.status, codesOf(anonymous)]).toEqual([401, ["UNAUTHENTICATED"]]);
    const forbidden = await readWith({ scope: "chime:write" });
    expect([forbidden.status, codesOf(forbidden)]).toEqual([403, ["FORBIDDEN"]]);
    expect(JSON.parse(forbidden.body).errors[0].extensions.missingScopes).toEqual(["chime:read"]);
  });

  test("gets allowed accounts only", async () => {
    const claims = { scope: "chime:read", chime_accounts: [teamAccountId] };
    expect(rowsOf(await readWith(claims))).toHaveLength(16);
    expect((await readWith(claims, largeAccountId)).status).toBe(404);
  });

  test("may be a page of an origin of CORS_ORIGINS", async () => {
    const origin = "https://app.example.com";
    const { headers } = await read(teamAccountId, {}, "csv", { headers: { origin } });
    expect(headers["access-control-allow-origin"]).toBe(origin);
    expect(headers["access-control-expose-headers"]).toContain("content-disposition");
  });
});
