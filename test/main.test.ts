import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { SEED } from "../src/chime-local/seed.js";
import { startChimeLocal } from "../src/chime-local/server.js";
import { packageJson } from "../src/packageJson.js";
import { ask } from "./support/fixture.js";
import { type Start, test } from "./support/programs.js";

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** The port of a server that does nothing but hold it until the test is over. */
async function usedPort(onTestFinished: (end: () => void) => void): Promise<string> {
  const server = await listen(0);
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It has no port.");
  return String(address.port);
}

const teamName = `{ account(accountId: "${SEED.teamAccountId}") { name } }`;
const teamNameAnswer = { data: { account: { name: "Harbor Street Studio" } } };

describe.concurrent("the program", { timeout: 60_000 }, () => {
  test.for(["SIGINT", "SIGTERM"] as const)(
    "prints its URLs as a line of JSON, whatever LOG_LEVEL is, and on %s stops with exit code 0 and frees its ports",
    async (signal, { start, folder }) => {
      const program = await start("gateway", { LOG_LEVEL: "silent" });
      const [gateway = "", chime = ""] = program.urls;
      expect(JSON.parse(program.stdout)).toEqual({
        level: 30,
        time: expect.any(Number),
        msg: "started",
        version: packageJson.version,
        node: process.version,
        url: gateway,
        graphqlUrl: `${gateway}/graphql`,
        graphiqlUrl: `${gateway}/graphiql`,
        chimeUrl: chime,
        chimeData: join(folder, ".chime-local", "chime.db"),
      });
      expect(await ask(gateway, { query: teamName })).toEqual(teamNameAnswer);
      expect((await fetch(`${chime}/_local/health`)).status).toBe(200);

      expect(await program.stop(signal)).toBe(0);
      expect(program.stderr).toBe("");
      for (const url of program.urls) (await listen(Number(new URL(url).port))).close();
    },
  );

  test("answers what is under way before it stops, and then stops at once", async ({ start }) => {
    const program = await start("gateway", { CHIME_LOCAL_DATA: ":memory:" });
    const [gateway = "", chime = ""] = program.urls;
    await fetch(`${chime}/_local/faults`, {
      method: "POST",
      body: JSON.stringify({ operation: "GetAccount", kind: "latency", ms: 400 }),
    });
    const answer = ask(gateway, { query: teamName });
    await expect.poll(async () => (await arrivals(chime))["GetAccount"]).toBe(1);
    const end = program.stop("SIGTERM");
    expect(await answer).toEqual(teamNameAnswer);
    expect(await end).toBe(0);
  });

  test("carries out each write under way before it stops, once, and begins no new one", async ({
    start,
    folder,
  }) => {
    const env = { CHIME_LOCAL_DATA: join(folder, "chime.db") };
    const create = (name: string) => ({
      query: `mutation { createAccount(input: { name: "${name}" }) { account { name } } }`,
    });
    const program = await start("gateway", env);
    const [gateway = "", chime = ""] = program.urls;
    await fetch(`${chime}/_local/faults`, {
      method: "POST",
      body: JSON.stringify({ operation: "CreateAccount", kind: "latency", ms: 3_000 }),
    });
    const names = Array.from({ length: 10 }, (_, n) => `Kept ${n}`);
    const answers = Promise.all(names.map((name) => ask(gateway, create(name))));
    await expect.poll(async () => (await arrivals(chime))["CreateAccount"], { timeout: 20_000 }).toBe(10);

    const end = program.stop("SIGTERM");
    await expect.poll(async () => (await fetch(`${gateway}/health/ready`)).status).toBe(503);
    expect(await ask(gateway, create("Kept out"))).toEqual({
      errors: [{ message: "The gateway is shutting down.", extensions: { code: "UPSTREAM_UNAVAILABLE" } }],
    });
    expect(await answers).toEqual(names.map((name) => ({ data: { createAccount: { account: { name } } } })));
    expect(await end).toBe(0);

    const again = await start("gateway", env);
    const kept = await ask(again.urls[0] ?? "", {
      query: `{ accounts(namePrefix: "Kept") { nodes { name } } }`,
    });
    expect(kept.data.accounts.nodes.map((account: { name: string }) => account.name).sort()).toEqual(names);
  });

  test("has all that it answered after a restart, and after a kill -9", async ({ start, folder }) => {
    const env = { CHIME_LOCAL_DATA: join(folder, "data", "chime.db") };
    const names = `{ accounts(namePrefix: "Kept") { nodes { name } } }`;
    const create = (name: string) =>
      `mutation { createAccount(input: { name: "${name}" }) { errors { code } } }`;

    const first = await start("gateway", env);
    await ask(first.urls[0] ?? "", { query: create("Kept over a restart") });
    await first.stop("SIGTERM");
    const second = await start("gateway", env);
    await ask(second.urls[0] ?? "", { query: create("Kept over a kill") });
    expect(await second.stop("SIGKILL")).toBe("SIGKILL");

    const third = await start("gateway", env);
    expect(await ask(third.urls[0] ?? "", { query: names })).toEqual({
      data: { accounts: { nodes: [{ name: "Kept over a kill" }, { name: "Kept over a restart" }] } },
    });
  });
});

describe.concurrent("a start that fails prints a line for each problem on stderr, and exits with 1:", {
  timeout: 60_000,
}, () => {
  async function refused(start: Start, env: Record<string, string>) {
    const program = await start("gateway", { CHIME_LOCAL_DATA: ":memory:", ...env }, "end");
    return { exit: await program.end, stdout: program.stdout, stderr: program.stderr };
  }

  test("the gateway's port is in use", async ({ start, onTestFinished }) => {
    const PORT = await usedPort(onTestFinished);
    expect(await refused(start, { PORT })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `PORT ${PORT} is in use on 127.0.0.1: stop what uses it or set another\n`,
    });
  });

  test("the embedded Chime's port is in use", async ({ start, onTestFinished }) => {
    const port = await usedPort(onTestFinished);
    expect(await refused(start, { CHIME_LOCAL_PORT: port })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `CHIME_LOCAL_PORT ${port} is in use on 127.0.0.1: stop what uses it or set another\n`,
    });
  });

  test("the host is not this machine's", async ({ start }) => {
    expect(await refused(start, { HOST: "192.0.2.1", AUTH: "none" })).toEqual({
      exit: 1,
      stdout: "",
      stderr: "HOST 192.0.2.1 is not an address of this machine\n",
    });
  });

  test("other machines reach the gateway, and AUTH is not set", async ({ start }) => {
    expect(await refused(start, { HOST: "0.0.0.0" })).toEqual({
      exit: 1,
      stdout: "",
      stderr:
        "AUTH must be set when CHIME_MODE is remote or HOST is not a loopback address: jwt, or none to let everyone in\n",
    });
  });

  test("the data file is in a folder that can't be made", async ({ start, folder }) => {
    writeFileSync(join(folder, "file"), "");
    expect(await refused(start, { CHIME_LOCAL_DATA: join(folder, "file", "chime.db") })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `The data folder ${join(folder, "file")} can't be made (EEXIST).\n`,
    });
  });

  test.skipIf(process.getuid?.() === 0)("the data file can't be written", async ({ start, folder }) => {
    chmodSync(folder, 0o500);
    expect(await refused(start, { CHIME_LOCAL_DATA: join(folder, "chime.db") })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `The data file ${join(folder, "chime.db")} can't be used: it can't be opened for reading and writing.\n`,
    });
  });

  test("the data file is a folder", async ({ start, folder }) => {
    expect(await refused(start, { CHIME_LOCAL_DATA: folder })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `The data file ${folder} can't be used: it can't be opened for reading and writing.\n`,
    });
  });

  test("settings are invalid or misspelled, a file is missing, and ports are in use", async ({
    start,
    folder,
    onTestFinished,
  }) => {
    const used = await usedPort(onTestFinished);
    const { exit, stdout, stderr } = await refused(start, {
      EXPLORER: "yes",
      CHIME_CONCURENCY: "3",
      PERSISTED_OPERATIONS: join(folder, "missing.json"),
      METRICS_PORT: used,
      CHIME_LOCAL_PORT: used,
    });
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr.split("\n")).toEqual([
      "WARNING: CHIME_CONCURENCY is not a setting and is ignored. Did you mean CHIME_CONCURRENCY?",
      'EXPLORER must be on or off, not "yes"',
      `PERSISTED_OPERATIONS ${join(folder, "missing.json")} can't be read (ENOENT)`,
      `METRICS_PORT ${used} is in use on 127.0.0.1: stop what uses it or set another`,
      `CHIME_LOCAL_PORT ${used} is in use on 127.0.0.1: stop what uses it or set another`,
      "",
    ]);
  });

  test("two servers have the same port", async ({ start }) => {
    const server = await listen(0);
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    const PORT = String(port);
    expect(await refused(start, { PORT, METRICS_PORT: PORT })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `METRICS_PORT ${PORT} is the port of PORT as well: set another\n`,
    });
  });
});

describe.concurrent("settings of AWS", { timeout: 60_000 }, () => {
  test("reach nothing while the embedded Chime is used", async ({ start, folder }) => {
    const junk = join(folder, "junk");
    writeFileSync(junk, "[default\nregion = = mars\n\u0000[[[ profile x\n");
    const program = await start("gateway", {
      CHIME_LOCAL_DATA: ":memory:",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      AWS_ENDPOINT_URL_CHIME: "http://127.0.0.1:9",
      AWS_PROFILE: "does-not-exist",
      AWS_REGION: "mars-1",
      AWS_DEFAULT_REGION: "mars-1",
      AWS_USE_FIPS_ENDPOINT: "true",
      AWS_USE_DUALSTACK_ENDPOINT: "true",
      AWS_CONFIG_FILE: junk,
      AWS_SHARED_CREDENTIALS_FILE: junk,
      AWS_MAX_ATTEMPTS: "junk",
      AWS_RETRY_MODE: "junk",
      AWS_DEFAULTS_MODE: "junk",
      AWS_AUTH_SCHEME_PREFERENCE: "sigv4a,httpBearerAuth",
      AWS_SDK_UA_APP_ID: "an id that is longer than the fifty characters that AWS asks for",
      AWS_CA_BUNDLE: junk,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: "junk",
      HTTP_PROXY: "http://127.0.0.1:9",
      HTTPS_PROXY: "http://127.0.0.1:9",
    });
    const [gateway = "", chime = ""] = program.urls;
    expect(await ask(gateway, { query: teamName })).toEqual(teamNameAnswer);
    expect(
      await ask(gateway, {
        query: `mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { account { name } errors { code } } }`,
        variables: { input: { accountId: SEED.teamAccountId, name: "Renamed" } },
      }),
    ).toEqual({ data: { updateAccount: { account: { name: "Renamed" }, errors: [] } } });
    expect((await fetch(`${gateway}/health/ready`)).status).toBe(200);
    expect(await arrivals(chime)).toEqual({ GetAccount: 1, UpdateAccount: 1, ListAccounts: 1 });
    expect(await program.stop("SIGTERM")).toBe(0);
    expect(program.stderr).toBe("");
  });
});

describe.concurrent("a remote Chime", { timeout: 60_000 }, () => {
  const credentials = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
  const open = { CHIME_MODE: "remote", AUTH: "none" };

  test("is found by CHIME_ENDPOINT: the embedded one will do, started by itself", async ({ start }) => {
    const chime = await start("chime", { CHIME_LOCAL_DATA: ":memory:" });
    const [CHIME_ENDPOINT = ""] = chime.urls;
    const program = await start("gateway", { ...open, CHIME_ENDPOINT, ...credentials, LOG_LEVEL: "warn" });
    const [gateway = ""] = program.urls;
    expect(JSON.parse(program.stdout)).toMatchObject({ msg: "started", url: gateway });
    expect(program.stdout).not.toContain("chimeUrl");
    expect(await ask(gateway, { query: teamName })).toEqual(teamNameAnswer);
    expect((await fetch(`${gateway}/health/ready`)).status).toBe(200);
    expect(await arrivals(CHIME_ENDPOINT)).toEqual({ GetAccount: 1, ListAccounts: 1 });
    for (const each of [program, chime]) expect(await each.stop("SIGINT")).toBe(0);
    expect(chime.stderr).toBe("");
    expect(program.stderr).toBe(
      "WARNING: AUTH=none: anyone who can reach the gateway acts with its AWS credentials.\n",
    );
  });

  test("is no matter for a warning where tokens or a router keep others out", async ({ start }) => {
    const CHIME_ENDPOINT = "http://127.0.0.1:1";
    const tokens = { AUTH: "jwt", AUTH_ISSUER: "http://127.0.0.1:1", AUTH_AUDIENCE: "chime" };
    for (const env of [tokens, { AUTH: "none", ROUTER_SECRET: "0123456789abcdef" }]) {
      const program = await start("gateway", { CHIME_MODE: "remote", CHIME_ENDPOINT, ...env });
      expect(await program.stop("SIGTERM")).toBe(0);
      expect(program.stderr).toBe("");
    }
  });

  test("is found by AWS's own AWS_ENDPOINT_URL_CHIME; callers are not told what a request cost there", async ({
    start,
    onTestFinished,
  }) => {
    const chimeUrl = await startChime(onTestFinished);
    const env = { ...open, AWS_ENDPOINT_URL_CHIME: chimeUrl, ...credentials };
    const [gateway = ""] = (await start("gateway", env)).urls;
    expect(await ask(gateway, { query: teamName }, { "x-chime-trace": "1" })).toEqual(teamNameAnswer);
    expect(await arrivals(chimeUrl)).toEqual({ GetAccount: 1 });
  });

  test("is not asked without credentials: a query is answered UPSTREAM_DENIED, and the gateway is not ready", async ({
    start,
    onTestFinished,
  }) => {
    const chimeUrl = await startChime(onTestFinished);
    const env = { ...open, CHIME_ENDPOINT: chimeUrl, AWS_EC2_METADATA_DISABLED: "true" };
    const [gateway = ""] = (await start("gateway", env)).urls;
    expect(await ask(gateway, { query: teamName })).toEqual({
      data: { account: null },
      errors: [
        {
          message: "The gateway has no valid AWS credentials.",
          path: ["account"],
          locations: [{ line: 1, column: 3 }],
          extensions: { code: "UPSTREAM_DENIED", chime: { operation: "GetAccount", retryable: false } },
        },
      ],
    });
    const ready = await fetch(`${gateway}/health/ready`);
    expect({ status: ready.status, body: await ready.json() }).toEqual({
      status: 503,
      body: { status: "unavailable", code: "UPSTREAM_DENIED", chime: "UPSTREAM_DENIED" },
    });
    expect((await fetch(`${gateway}/health/live`)).status).toBe(200);
    expect(await arrivals(chimeUrl)).toEqual({});
  });
});

/** An embedded Chime in this process, until the test is over. */
async function startChime(onTestFinished: (end: () => Promise<void>) => void): Promise<string> {
  const chime = await startChimeLocal({ port: 0, dataFile: ":memory:", users: 0 });
  onTestFinished(chime.close);
  return chime.url;
}

/** How many of each operation arrived at an embedded Chime. */
async function arrivals(chimeUrl: string): Promise<Record<string, number>> {
  const response = await fetch(`${chimeUrl}/_local/requests`);
  return ((await response.json()) as { counts: Record<string, number> }).counts;
}
