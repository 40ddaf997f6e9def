import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { SEED } from "../src/chime-local/seed/index.js";
import { startChimeLocal } from "../src/chime-local/server.js";
import { ask } from "./support/fixture.js";
import { arrivals, test } from "./support/programs.js";
import { startStub } from "./support/stub.js";

const teamName = `{ account(accountId: "${SEED.teamAccountId}") { name } }`;
const teamNameAnswer = { data: { account: { name: "Harbor Street Studio" } } };

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

  test("causes no warning if AUTH=jwt or ROUTER_SECRET protects the gateway", async ({ start }) => {
    const CHIME_ENDPOINT = "http://127.0.0.1:1";
    const tokens = { AUTH: "jwt", AUTH_ISSUER: "http://127.0.0.1:1", AUTH_AUDIENCE: "chime" };
    for (const env of [tokens, { AUTH: "none", ROUTER_SECRET: "0123456789abcdef" }]) {
      const program = await start("gateway", { CHIME_MODE: "remote", CHIME_ENDPOINT, ...env });
      expect(await program.stop("SIGTERM")).toBe(0);
      expect(program.stderr).toBe("");
    }
  });

  test("is found by AWS's own AWS_ENDPOINT_URL_CHIME; callers do not get the cost of a request there", async ({
    start,
    onTestFinished,
  }) => {
    const chimeUrl = await startChime(onTestFinished);
    const env = { ...open, AWS_ENDPOINT_URL_CHIME: chimeUrl, ...credentials };
    const [gateway = ""] = (await start("gateway", env)).urls;
    expect(await ask(gateway, { query: teamName }, { "x-chime-trace": "1" })).toEqual(teamNameAnswer);
    expect(await arrivals(chimeUrl)).toEqual({ GetAccount: 1 });
  });

  test("is called with temporary credentials until they are about to expire", async ({
    start,
    onTestFinished,
  }) => {
    const hour = 60 * 60_000;
    let issued = 0;
    const source = await startStub((_request, response) => {
      issued++;
      response.setHeader("content-type", "application/json").end(
        JSON.stringify({
          AccessKeyId: `key-${issued}`,
          SecretAccessKey: "secret",
          Token: "token",
          Expiration: new Date(Date.now() + (issued === 2 ? hour : hour / 60)).toISOString(),
        }),
      );
    });
    const used: unknown[] = [];
    const chime = await startStub((request, response) => {
      used.push(/Credential=([^/]+)/.exec(request.headers.authorization ?? "")?.[1]);
      response.setHeader("content-type", "application/json").end('{"Accounts":[]}');
    });
    onTestFinished(async () => void (await Promise.all([source.close(), chime.close()])));
    const program = await start("gateway", {
      ...open,
      CHIME_ENDPOINT: chime.url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${source.url}/credentials`,
    });
    const [gateway = ""] = program.urls;
    for (let count = 0; count < 3; count++)
      expect(await ask(gateway, { query: "{ accounts { nodes { name } } }" })).toEqual({
        data: { accounts: { nodes: [] } },
      });
    expect({ issued, used }).toEqual({ issued: 2, used: ["key-1", "key-2", "key-2"] });
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
