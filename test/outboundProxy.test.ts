import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import { afterEach, describe, expect, onTestFinished, test as plainTest, vi } from "vitest";
import { SEED } from "../src/chime-local/seed/index.js";
import { createOutboundAgent, proxyOf } from "../src/outboundProxy.js";
import { createSigningKeys } from "../src/server/signingKeys.js";
import { createCertificate, hasOpenssl } from "./support/certificate.js";
import { startCollector } from "./support/collector.js";
import { type ConnectProxy, startConnectProxy } from "./support/connectProxy.js";
import { ask } from "./support/graphqlClient.js";
import { startIssuer } from "./support/issuer.js";
import { test } from "./support/programs.js";
import { startStub } from "./support/stub.js";

const query = `{ account(accountId: "${SEED.teamAccountId}") { name } }`;
const write = `mutation { updateAccount(input: { accountId: "${SEED.teamAccountId}", name: "New" }) { account { name } errors { code } } }`;
const remote = {
  CHIME_MODE: "remote",
  CHIME_ENDPOINT: "http://chime.example.com",
  AUTH: "none",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
};
let proxy: ConnectProxy | undefined;
afterEach(() => proxy?.close());

describe("HTTPS_PROXY, HTTP_PROXY and NO_PROXY", { timeout: 90_000 }, () => {
  test("lead calls to Chime through the proxy, and a write whose tunnel fails was not sent", async ({
    start,
  }) => {
    const methods: string[] = [];
    const chime = await startStub(({ method = "" }, response) => {
      methods.push(method);
      const Account = { AwsAccountId: "1", AccountId: SEED.teamAccountId, Name: "Harbor Street Studio" };
      response.setHeader("content-type", "application/json").end(JSON.stringify({ Account }));
    });
    onTestFinished(() => chime.close());
    proxy = await startConnectProxy({ "chime.example.com:80": chime.url });
    const { url } = await start("gateway", { ...remote, HTTP_PROXY: proxy.url });
    expect(await ask(url, { query })).toEqual({ data: { account: { name: "Harbor Street Studio" } } });
    expect(new Set(proxy.asked)).toEqual(new Set(["chime.example.com:80"]));

    for (const mode of ["refuse", "hang"] as const) {
      proxy.mode = mode;
      const { url } = await start("gateway", { ...remote, HTTP_PROXY: proxy.url });
      const answer = JSON.stringify(await ask(url, { query: write }));
      expect(answer).toMatch(/UPSTREAM_(UNAVAILABLE|TIMEOUT)/);
      expect(answer).not.toContain("OUTCOME_UNKNOWN");
    }
    expect(new Set(methods)).toEqual(new Set(["GET"]));
  });

  test("do not apply to loopback, nor to hosts in NO_PROXY", async ({ start }) => {
    const chime = await start("chime", { CHIME_LOCAL_DATA: ":memory:" });
    proxy = await startConnectProxy();
    const env = { ...remote, HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
    const direct = await start("gateway", { ...env, CHIME_ENDPOINT: chime.url });
    expect((await ask(direct.url, { query })).errors).toBeUndefined();
    const excepted = await start("gateway", {
      ...env,
      NO_PROXY: "*",
      CHIME_ENDPOINT: "http://chime.invalid",
    });
    expect((await ask(excepted.url, { query })).errors?.[0]?.extensions.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(proxy.asked).toEqual([]);
  });

  test("with a value that is not a URL prevent the start, without repeating it", async ({ start }) => {
    const gateway = await start("gateway", { ...remote, HTTPS_PROXY: "user:secret@proxy" }, "end");
    expect(gateway.stderr).toContain(
      "HTTPS_PROXY and HTTP_PROXY must be URLs such as http://proxy.example.com:3128",
    );
    expect(gateway.stderr).not.toContain("secret");
  });

  plainTest("lead to the issuer's signing keys", async () => {
    const issuer = await startIssuer();
    proxy = await startConnectProxy({ "issuer.example.com:80": issuer.url });
    process.env["HTTP_PROXY"] = proxy.url;
    const failures: unknown[] = [];
    const keys = createSigningKeys("unused", "http://issuer.example.com/keys", (error) =>
      failures.push(error),
    );
    try {
      expect([await keys.isAvailable(), failures]).toEqual([true, []]);
      expect(proxy.asked).toEqual(["issuer.example.com:80"]);
      expect(issuer.asked).toEqual(["/keys"]);
    } finally {
      delete process.env["HTTP_PROXY"];
      keys.close();
      await issuer.close();
    }
  });
});

describe("AWS's security token service", { timeout: 90_000 }, () => {
  test("is asked through the proxy, too", async ({ start, folder }) => {
    const sts = await startStub((_request, response) => {
      response.setHeader("content-type", "text/xml").end(
        `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
          <Credentials><AccessKeyId>role</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken>
          <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>
        </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
      );
    });
    onTestFinished(() => sts.close());
    const keys = new Set<string | undefined>();
    const chime = await startStub(({ headers }, response) => {
      keys.add(/Credential=(\w+)/.exec(headers.authorization ?? "")?.[1]);
      response.setHeader("content-type", "application/json").end(JSON.stringify({ Accounts: [] }));
    });
    onTestFinished(() => chime.close());
    proxy = await startConnectProxy({ "chime.example.com:80": chime.url, "sts.example.com:80": sts.url });
    const token = join(folder, "token");
    writeFileSync(token, "token");
    const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, ...unsigned } = remote;
    const { url } = await start("gateway", {
      ...unsigned,
      AWS_WEB_IDENTITY_TOKEN_FILE: token,
      AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/gateway",
      AWS_ENDPOINT_URL_STS: "http://sts.example.com",
      HTTP_PROXY: proxy.url,
    });
    await ask(url, { query: "{ accounts { nodes { name } } }" });
    expect(new Set(proxy.asked)).toEqual(new Set(["sts.example.com:80", "chime.example.com:80"]));
    expect(keys).toEqual(new Set(["role"]));
  });
});

describe("spans and metrics", { timeout: 90_000 }, () => {
  const env = (endpoint: string) => ({
    CHIME_LOCAL_DATA: ":memory:",
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  });
  const collect = async (certificate?: { readonly key: Buffer; readonly cert: Buffer }) => {
    const collector = await startCollector(certificate);
    onTestFinished(() => void collector.close());
    return collector;
  };

  test("are sent through the proxy", async ({ start }) => {
    const collector = await collect();
    proxy = await startConnectProxy({ "collector.example.com:4318": collector.url });
    const gateway = await start("gateway", {
      ...env("http://collector.example.com:4318"),
      HTTP_PROXY: proxy.url,
    });
    await ask(gateway.url, { query });
    expect(await gateway.stop("SIGTERM")).toBe(0);
    expect(collector.spans().map(({ name }) => name)).toEqual(["Chime.GetAccount", "query"]);
    expect(collector.metrics()).toContain("chime_gateway_requests_total");
    expect(new Set(proxy.asked)).toEqual(new Set(["collector.example.com:4318"]));
    expect(gateway.stderr).toBe("");
  });

  test.skipIf(!hasOpenssl)(
    "are sent through the proxy over TLS, with a certificate authority of one's own",
    async ({ start, folder }) => {
      const name = "collector.example.com";
      const certificate = createCertificate(folder, name);
      const collector = await collect(certificate);
      proxy = await startConnectProxy({ [`${name}:443`]: collector.url });
      const gateway = await start("gateway", {
        ...env(`https://${name}`),
        OTEL_EXPORTER_OTLP_CERTIFICATE: certificate.file,
        HTTPS_PROXY: proxy.url,
      });
      await ask(gateway.url, { query });
      expect(await gateway.stop("SIGTERM")).toBe(0);
      expect(collector.spans().map(({ name }) => name)).toEqual(["Chime.GetAccount", "query"]);
      expect(collector.metrics()).toContain("chime_gateway_requests_total");
    },
  );

  test("are sent to loopback, and to hosts in NO_PROXY, directly", async ({ start }) => {
    const collector = await collect();
    proxy = await startConnectProxy();
    const gateway = await start("gateway", { ...env(collector.url), HTTP_PROXY: proxy.url });
    await ask(gateway.url, { query });
    expect(await gateway.stop("SIGTERM")).toBe(0);
    expect(collector.spans()).toHaveLength(2);
    expect(proxy.asked).toEqual([]);
  });

  test("do not delay the shutdown if the proxy does not answer, and the failure is reported", async ({
    start,
  }) => {
    proxy = await startConnectProxy();
    proxy.mode = "hang";
    const gateway = await start("gateway", { ...env("http://collector.example.com"), HTTP_PROXY: proxy.url });
    await ask(gateway.url, { query });
    const began = performance.now();
    expect(await gateway.stop("SIGTERM")).toBe(0);
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(gateway.stderr).toContain("The proxy has not opened a tunnel in time.");
  });
});

plainTest.each([
  ["", "http://a.one.invalid"],
  ["*", "http://a.one.invalid"],
  ["*,two.invalid", "http://a.one.invalid"],
  ["one.invalid", "https://a.one.invalid"],
  [".one.invalid, other.invalid", "http://one.invalid"],
  ["*.one.invalid", "http://a.one.invalid:4318"],
  ["one.invalid:4318", "http://a.one.invalid:4318"],
  ["one.invalid:4318", "https://a.one.invalid"],
  ["one.invalid:443", "https://a.one.invalid"],
  ["ne.invalid A.ONE.invalid", "http://a.one.invalid"],
  ["ne.invalid", "http://a.one.invalid"],
])("NO_PROXY=%j decides on %s for telemetry as for Chime", async (direct, url) => {
  const asked = await startConnectProxy();
  proxy = asked;
  vi.stubEnv("NO_PROXY", direct);
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY"]) vi.stubEnv(name, asked.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const agent = createOutboundAgent(1_000);
  onTestFinished(() => agent.destroy());
  await request(url, { dispatcher: agent }).catch(() => undefined);
  expect(proxyOf(new URL(url))?.host).toBe(asked.asked.length > 0 ? new URL(asked.url).host : undefined);
});
