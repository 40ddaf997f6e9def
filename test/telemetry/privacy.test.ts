import { connect } from "node:net";
import { expect } from "vitest";
import { SEED } from "../../src/chime-local/seed.js";
import { type Program, test } from "../support/programs.js";
import type { Answer } from "../support/world.js";

const { teamAccountId, largeAccountId, userId, sharedDeviceUserId, userEmail } = SEED;

const email = "canary-person@private.example.com";
/** What only its owner and who asks for it may see. None of it is part of anything else. */
const given = {
  emails: [email, ...Array.from({ length: 9 }, (_, n) => `canary-${n}-person@private.example.com`)],
  usernames: ["Quilla Featherstone", "Ossian Brandywine"],
  accountNames: ["Featherweight Holdings", "Brandywine Partners"],
  roomArns: [7001, 7002, 7003].map((room) => `arn:aws:a4b:us-east-1:111122223333:room/canary/${room}`),
  groups: ["canary-directors", "canary-assistants"],
  secrets: {
    authorization: "Bearer canary-bearer-token",
    "x-router-secret": "canary-router-secret",
    "x-api-key": "canary-api-key",
    cookie: "session=canary-session",
  },
} as const;
const { emails, usernames, accountNames, roomArns, groups } = given;

const everything = `id userId primaryEmail primaryProvisionedNumber displayName licenseType personalPin
  alexaForBusinessMetadata { alexaForBusinessRoomArn }`;
const errors = "errors { code message path }";

/** Every operation of the schema, with all that is personal in its answer and in its variables. */
const operations: Record<string, { query: string; variables?: object }> = {
  createAccount: write("createAccount", `account { name } ${errors}`, { name: accountNames[0] }),
  createUser: write("createUser", `user { ${everything} } ${errors}`, {
    accountId: teamAccountId,
    email,
    username: usernames[0],
  }),
  createDevice: write("createUser", `user { ${everything} } ${errors}`, {
    accountId: teamAccountId,
    username: usernames[1],
    userType: "SHARED_DEVICE",
  }),
  updateAccount: write("updateAccount", `account { name } ${errors}`, {
    accountId: teamAccountId,
    name: accountNames[1],
  }),
  updateUser: write("updateUser", `user { ${everything} } ${errors}`, {
    accountId: teamAccountId,
    userId: sharedDeviceUserId,
    alexaForBusinessMetadata: { alexaForBusinessRoomArn: roomArns[0], isAlexaForBusinessEnabled: true },
  }),
  batchUpdateUser: write(
    "batchUpdateUser",
    `outcome results { outcome user { ${everything} } error { code message path } }
      users { ${everything} } userErrors { index errorCode errorMessage } ${errors}`,
    {
      accountId: teamAccountId,
      updateUserRequestItems: [userId, SEED.suspendedUserId, "nobody"].map((id, n) => ({
        userId: id,
        alexaForBusinessMetadata: {
          alexaForBusinessRoomArn: roomArns[n % 2 === 0 ? 1 : 2],
          isAlexaForBusinessEnabled: true,
        },
      })),
    },
  ),
  inviteUsers: write(
    "inviteUsers",
    `results { emailAddress outcome invite { emailAddress } error { code message path } }
      invites { emailAddress } inviteErrors { index errorCode errorMessage emailAddress } ${errors}`,
    { accountId: teamAccountId, userEmailList: [...emails.slice(1), `@${usernames[0]}`] },
  ),
  resetPersonalPin: write("resetPersonalPin", `user { ${everything} } ${errors}`, {
    accountId: teamAccountId,
    userId,
  }),
  associate: write(
    "associateSigninDelegateGroupsWithAccount",
    `account { signinDelegateGroups { groupName } } ${errors}`,
    { accountId: largeAccountId, groupNames: groups },
  ),
  disassociate: write(
    "disassociateSigninDelegateGroupsFromAccount",
    `account { signinDelegateGroups { groupName } } ${errors}`,
    { accountId: largeAccountId, groupNames: groups },
  ),
  account: read(
    `account(accountId: "${teamAccountId}") { name users(first: 30) { edges { cursor node { ${everything} } } } }`,
  ),
  accounts: read(
    `accounts(namePrefix: "${accountNames[0]}", userEmail: "${email}") { nodes { name } pageInfo { endCursor } }`,
  ),
  usersOfAccount: read(
    `account(accountId: "${teamAccountId}") { users(userEmail: "${email}") { nodes { ${everything} } } user(userId: "${userId}") { ${everything} } }`,
  ),
  user: read(`user(accountId: "${teamAccountId}", userId: "${userId}") { ${everything} account { name } }`),
  users: read(
    `users(accountId: "${teamAccountId}", userIds: ["${userId}", "${sharedDeviceUserId}"]) { ${everything} }`,
  ),
  userByEmail: read(`userByEmail(email: "${userEmail}") { ${everything} }`),
  node: read(`node(id: "${globalId(teamAccountId, userId)}") { ... on User { ${everything} } }`),
  nodes: read(`nodes(ids: ["${globalId(teamAccountId, userId)}"]) { ... on User { ${everything} } }`),
  entities: {
    query: `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { ${everything} } } }`,
    variables: {
      representations: [
        { __typename: "User", primaryEmail: userEmail },
        { __typename: "User", accountId: teamAccountId, userId: sharedDeviceUserId },
      ],
    },
  },
};

function write(field: string, selection: string, input: object) {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
  return {
    query: `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`,
    variables: { input },
  };
}

function read(selection: string) {
  return { query: `{ ${selection} }` };
}

function globalId(accountId: string, id: string): string {
  return Buffer.from(`User:${accountId}:${id}`).toString("base64url");
}

/** Inputs that are refused, each with something personal where it does not belong. */
const create = operations["createUser"]?.query;
const name = `query Name($id: ID!) { account(accountId: $id) { name } }`;
const refused: Record<string, object> = {
  "as an id": { query: name, variables: { id: email } },
  "as a cursor": { query: `{ accounts(after: "${email}") { nodes { name } } }` },
  "as a page's length": { query: `{ accounts(first: "${email}") { nodes { name } } }` },
  "as a page's length, in a variable": {
    query: "query ($first: Int) { accounts(first: $first) { nodes { name } } }",
    variables: { first: email },
  },
  "as the name of a field": { query: create, variables: { input: { accountId: "a", [email]: 1 } } },
  "as the name of a field of something deeper": {
    query: operations["batchUpdateUser"]?.query,
    variables: { input: { accountId: "a", updateUserRequestItems: [{ userId: "u", [email]: 1 }] } },
  },
  "as an enum's value": { query: create, variables: { input: { accountId: "a", userType: email } } },
  "as an enum's value, in the text": {
    query: `mutation { createUser(input: { accountId: "a", userType: "${usernames[0]}" }) { ${errors} } }`,
  },
  "in place of an input": { query: create, variables: { input: email } },
  "in place of an input, in the text": {
    query: `mutation { createUser(input: "${email}") { ${errors} } }`,
  },
  "in a list of other things": { query: create, variables: { input: { accountId: "a", email: [email] } } },
  "as an address that is none": {
    query: create,
    variables: { input: { accountId: "a", email: `${usernames[0]} <${email}>` } },
  },
  "as a scalar in the text": { query: `{ userByEmail(email: ["${email}"]) { userId } }` },
  "where the syntax has no place for it": { query: `{ accounts "${email}" { nodes { name } } }` },
  "in a text that does not end": { query: `{ userByEmail(email: "${email}) { userId } }` },
  "as an operation's name": { query: name, operationName: email },
  "as a type of an entity": {
    query: operations["entities"]?.query,
    variables: { representations: [{ __typename: email, primaryEmail: email }] },
  },
  "as a persisted query's hash": { extensions: { persistedQuery: { version: 1, sha256Hash: email } } },
  "as a persisted query's version": { extensions: { persistedQuery: { version: email, sha256Hash: "a" } } },
  "as variables": { query: name, variables: email },
  "as the query": { query: [email] },
};

/** All that came back of one request: what the gateway says beside the data that was asked for. */
interface Said {
  readonly answer: Answer;
  readonly beside: string;
}

async function send(url: string, path: string, request: RequestInit): Promise<Said> {
  const response = await fetch(url + path, {
    ...request,
    headers: {
      "content-type": "application/json",
      "x-chime-trace": "1",
      ...given.secrets,
      ...request.headers,
    },
  });
  expect(response.headers.get("cache-control")).toBe("no-store");
  const answer = (await response.json()) as Answer;
  const { data, ...rest } = answer;
  const beside = JSON.stringify([rest, complaintsOf(data), ...response.headers]);
  return { answer, beside };
}

const post = (url: string, body: unknown) =>
  send(url, "/graphql", { method: "POST", body: JSON.stringify(body) });

/** What mutations say of what the caller can mend, wherever in the data it stands. */
function complaintsOf(data: unknown): unknown[] {
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) =>
    ["error", "errors", "errorMessage"].includes(key) ? [value] : complaintsOf(value),
  );
}

/** Sends text that no client would; what comes back. */
async function sendRaw({ port }: URL, text: string): Promise<string> {
  const socket = connect(Number(port), "127.0.0.1");
  let received = "";
  socket.on("error", () => {});
  socket.setEncoding("utf8").on("data", (part) => {
    received += part;
  });
  socket.end(text);
  // A reset is an end as well.
  await new Promise((resolve) => socket.once("close", resolve));
  return received;
}

/** The canaries in a text: as they are, in a URL, or as the bytes that a logger makes of a buffer. */
const hits = (text: string, canaries: Iterable<string>): string[] =>
  [...canaries].filter((canary) =>
    [canary, encodeURIComponent(canary), [...Buffer.from(canary)].join(",")].some((form) =>
      text.toLowerCase().includes(form.toLowerCase()),
    ),
  );

const fixed = [emails, usernames, accountNames, roomArns, groups].flat();

/** What Chime itself made up of its people. */
function madeUp(data: string): string[] {
  const found = data.matchAll(
    /"(?:personalPin|primaryProvisionedNumber|displayName|primaryEmail)":"([^"]+)"/g,
  );
  return Array.from(found, ([, value]) => value ?? "");
}

const faults = [
  "429",
  "500",
  "502",
  "503",
  "504",
  "reset-before",
  "reset-after",
  "close",
  "hang",
  "truncate",
  "malformed",
];

/** Asks everything, while all is well, under each fault, and wrongly. */
async function askEverything(program: Program) {
  const [url = "", chimeUrl = ""] = program.urls;
  const said = new Map<string, Said>();

  async function askAll(phase: string) {
    await Promise.all(
      Object.entries(operations).map(async ([operation, body]) =>
        said.set(`${phase}: ${operation}`, await post(url, body)),
      ),
    );
  }

  // One after the other: later ones find what earlier ones wrote.
  for (const [operation, body] of Object.entries(operations))
    said.set(`all is well: ${operation}`, await post(url, body));
  for (const kind of faults) {
    await fetch(`${chimeUrl}/_local/faults`, { method: "POST", body: JSON.stringify({ kind }) });
    await askAll(kind);
    await fetch(`${chimeUrl}/_local/faults`, { method: "DELETE" });
  }
  await askAll("again");
  for (const [where, body] of Object.entries(refused)) said.set(`refused: ${where}`, await post(url, body));
  return said;
}

test("what is personal is in data alone: no error, extension, header or line of the log repeats it, whatever fails", async ({
  start,
}) => {
  const program = await start("gateway", {
    LOG_LEVEL: "trace",
    CHIME_LOCAL_DATA: ":memory:",
    READ_DEADLINE_MS: "3000",
    WRITE_DEADLINE_MS: "3000",
  });
  const said = await askEverything(program);
  const data = JSON.stringify(Array.from(said.values(), ({ answer }) => answer.data));
  const canaries = new Set([...fixed, ...madeUp(data), ...Object.values(given.secrets)]);

  // The canaries are there to be found: each but the secrets was in data, and there is much that says something else.
  expect(hits(data, fixed)).toEqual(fixed);
  expect(canaries.size).toBeGreaterThanOrEqual(40);
  for (const kind of [...faults, "refused"]) {
    const failed = [...said].filter(
      ([phase, { beside }]) => phase.startsWith(kind) && /"code":/.test(beside),
    );
    expect(failed.length, kind).toBeGreaterThan(10);
  }

  const repeated = [...said].map(([phase, { beside }]) => [phase, hits(beside, canaries)] as const);
  expect(repeated.filter(([, found]) => found.length > 0)).toEqual([]);
  expect(program.stdout).toMatch(/"msg":"request"/);
  expect(hits(program.stdout + program.stderr, canaries)).toEqual([]);
}, 120_000);

test("what is personal is not repeated to, nor logged of, who sends what is no GraphQL", async ({
  start,
}) => {
  const program = await start("gateway", { LOG_LEVEL: "trace", CHIME_LOCAL_DATA: ":memory:" });
  const [url = ""] = program.urls;
  const secrets = Object.entries(given.secrets).map(([header, value]) => `${header}: ${value}\r\n`);
  const head = `Host: localhost\r\n${secrets.join("")}`;
  const path = encodeURIComponent(email);
  const said = await Promise.all([
    send(url, `/${path}`, {}),
    send(url, `/%zz${path}`, {}),
    send(url, `/graphql?query=${path}`, { headers: { "apollo-require-preflight": "1" } }),
    send(url, `/graphql?query={__typename}&variables=${path}`, {
      headers: { "apollo-require-preflight": "1" },
    }),
    send(url, "/graphql", { method: "PUT", body: JSON.stringify({ email }) }),
    send(url, "/graphql", { method: "POST", body: email }),
    send(url, "/graphql", { method: "POST", body: `{"query":"${email}` }),
    send(url, "/graphql", { method: "POST", body: email, headers: { "content-type": `text/${path}` } }),
    send(url, "/graphql", { method: "POST", body: "{}", headers: { accept: `image/${path}` } }),
    send(url, "/graphql", { method: "POST", body: JSON.stringify({ query: email.repeat(50_000) }) }),
  ]);
  const raw = await Promise.all(
    [
      `${email}\r\n\r\n`,
      `GET /graphql HTTP/1.1\r\n${head}X-Large: ${email.repeat(1_000)}\r\n\r\n`,
      `POST /graphql HTTP/1.1\r\n${head}Content-Length: ${path}\r\n\r\n`,
      `POST /graphql HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{"query":"${email}`,
      `${email.slice(0, 6)} /graphql HTTP/1.1\r\n${head}\r\n`,
    ].map((text) => sendRaw(new URL(url), text)),
  );
  const canaries = [email, ...Object.values(given.secrets)];
  for (const { answer } of said) expect(answer.errors).toHaveLength(1);
  expect(raw.filter((text) => text.startsWith("HTTP/1.1 4")).length).toBeGreaterThanOrEqual(4);
  expect(hits(said.map(({ beside }) => beside).join("\n"), canaries)).toEqual([]);
  expect(hits(raw.join("\n"), canaries)).toEqual([]);
  expect(hits(program.stdout + program.stderr, canaries)).toEqual([]);
}, 60_000);
