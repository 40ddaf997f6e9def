import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ask, startOn, startOnStub } from "../../support/fixture.js";
import { type Program, test as programTest, type Start } from "../../support/programs.js";
import { startStub } from "../../support/stub.js";

const mutations = {
  updateUser: `mutation { updateUser(input: { accountId: "a", userId: "u", licenseType: PRO }) { user { id } } }`,
  createUser: `mutation { createUser(input: { accountId: "a", email: "ada@example.com" }) { user { id } } }`,
  inviteUsers: `mutation { inviteUsers(input: { accountId: "a", userEmailList: ["ada@example.com"] }) { inviteErrors { errorCode } } }`,
};

/** A server in Chime's place that counts its requests. */
async function startCountingStub(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = "{}",
) {
  let requests = 0;
  const stub = await startStub((_request, response) => {
    requests++;
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  });
  onTestFinished(() => stub.close());
  return { url: stub.url, requests: () => requests };
}

describe("a write that never reached Chime is not done, which is reported at once", {
  timeout: 60_000,
}, () => {
  /** @returns the codes of each mutation, and the reasons in the log */
  async function writeWith(start: Start, chimeUrl: string, env: Record<string, string>) {
    const program: Program = await start("gateway", {
      CHIME_MODE: "remote",
      CHIME_ENDPOINT: chimeUrl,
      AUTH: "none",
      AWS_EC2_METADATA_DISABLED: "true",
      ...env,
    });
    const [url = ""] = program.urls;
    const extensions: unknown[] = [];
    for (const query of [mutations.updateUser, mutations.createUser, mutations.updateUser]) {
      const { errors } = await ask(url, { query });
      extensions.push(errors?.[0]?.extensions);
    }
    const reasons = () =>
      program.stdout
        .split("\n")
        .filter((line) => line.includes("no call to Chime can be sent"))
        .map((line) => JSON.parse(line).reason as string);
    await expect.poll(() => reasons().length).toBeGreaterThan(0);
    // A source that retries may be too slow for the first write, and fail the next one: two reasons.
    expect(reasons().length).toBeLessThanOrEqual(2);
    expect(new Set(reasons()).size).toBe(reasons().length);
    // Nor does each request report it again.
    expect(program.stdout).not.toContain("unexpected error");
    return { extensions, reason: reasons().at(-1) };
  }

  const denied = (operation: string) => ({
    code: "UPSTREAM_DENIED",
    chime: { operation, retryable: false },
  });
  const allDenied = [denied("UpdateUser"), denied("CreateUser"), denied("UpdateUser")];

  programTest("without credentials", async ({ start }) => {
    const chime = await startCountingStub(200);
    const { extensions, reason } = await writeWith(start, chime.url, {});

    expect(extensions).toEqual(allDenied);
    expect(reason).toContain("CredentialsProviderError");
    expect(chime.requests()).toBe(0);
  });

  programTest("if the file of a web identity token is missing", async ({ start }) => {
    const chime = await startCountingStub(200);
    const { extensions, reason } = await writeWith(start, chime.url, {
      AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere/token",
      AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/gateway",
    });

    expect(extensions).toEqual(allDenied);
    expect(reason).toContain("/nowhere/token");
    expect(chime.requests()).toBe(0);
  });

  programTest("if STS fails, whose status is not Chime's", async ({ start, folder }) => {
    const chime = await startCountingStub(200);
    const sts = await startCountingStub(500, { "content-type": "text/xml" }, "<ErrorResponse/>");
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, "a.b.c");
    const { extensions } = await writeWith(start, chime.url, {
      AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
      AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/gateway",
      AWS_ENDPOINT_URL_STS: sts.url,
      AWS_REGION: "us-east-1",
    });

    expect(extensions).toEqual(allDenied);
    expect(sts.requests()).toBeGreaterThan(0);
    expect(chime.requests()).toBe(0);
  });

  programTest("if STS throttles: the log names the source", async ({ start, folder }) => {
    const chime = await startCountingStub(200);
    const body = `<ErrorResponse><Error><Code>Throttling</Code><Message>no</Message></Error></ErrorResponse>`;
    const sts = await startCountingStub(429, { "content-type": "text/xml" }, body);
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, "a.b.c");
    const { extensions, reason } = await writeWith(start, chime.url, {
      AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
      AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/gateway",
      AWS_ENDPOINT_URL_STS: sts.url,
      AWS_REGION: "us-east-1",
      // Otherwise the SDK retries for longer than a credential source may take.
      AWS_MAX_ATTEMPTS: "1",
    });

    expect(extensions).toEqual(allDenied);
    expect(reason).toContain("AWS_WEB_IDENTITY_TOKEN_FILE, whose service responded with 429");
    expect(chime.requests()).toBe(0);
  });

  programTest("if the credential source hangs", async ({ start }) => {
    const chime = await startCountingStub(200);
    const source = await startStub(() => undefined);
    onTestFinished(() => source.close());
    const { extensions, reason } = await writeWith(start, chime.url, {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${source.url}/credentials`,
    });

    expect(extensions).toEqual(allDenied);
    expect(reason).toMatch(/AWS_CONTAINER_CREDENTIALS_FULL_URI.*has not responded/);
    expect(chime.requests()).toBe(0);
  });

  programTest("if the settings contradict each other: FIPS with an endpoint", async ({ start }) => {
    const chime = await startCountingStub(200);
    const { extensions, reason } = await writeWith(start, chime.url, {
      AWS_USE_FIPS_ENDPOINT: "true",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    });

    expect(extensions).toEqual(
      ["UpdateUser", "CreateUser", "UpdateUser"].map((operation) => ({
        code: "INTERNAL_SERVER_ERROR",
        chime: { operation, retryable: false },
      })),
    );
    expect(reason).toContain("FIPS");
    expect(chime.requests()).toBe(0);
  });
});

test.each([
  [500, "PriorRequestNotComplete"],
  [500, "RequestThrottledException"],
  [503, "SlowDown"],
])(
  "a write that Chime answers with %i %s may have been done, and is not sent again",
  async (status, type) => {
    const chime = await startCountingStub(status, { "x-amzn-errortype": type });
    const gateway = await startOn(chime.url);
    onTestFinished(() => gateway.close());
    const query = `mutation { createAccount(input: { name: "A" }) { outcome } }`;

    expect((await ask(gateway.url, { query })).data).toEqual({ createAccount: { outcome: "UNKNOWN" } });
    expect(chime.requests()).toBe(1);
  },
);

test("a room whose creation Chime does not answer is UNKNOWN at the deadline, however often it was sent", async () => {
  const stub = await startStub(() => undefined);
  onTestFinished(() => stub.close());
  const deadline = 3_000;
  const gateway = await startOn(stub.url, { WRITE_DEADLINE_MS: String(deadline) });
  onTestFinished(() => gateway.close());
  const query = `mutation { createRoom(input: { accountId: "a", name: "A" }) { outcome } }`;
  const started = performance.now();

  expect((await ask(gateway.url, { query })).data).toEqual({ createRoom: { outcome: "UNKNOWN" } });
  expect(performance.now() - started).toBeLessThan(deadline + 500);
});

test("a room that Chime throttles until the deadline is not created, and not of unknown outcome", async () => {
  const chime = await startCountingStub(429, { "x-amzn-errortype": "ThrottledClientException" });
  const gateway = await startOn(chime.url, { WRITE_DEADLINE_MS: "1000" });
  onTestFinished(() => gateway.close());
  const query = `mutation { createRoom(input: { accountId: "a", name: "A" }) { outcome } }`;

  expect((await ask(gateway.url, { query })).errors).toMatchObject([{ extensions: { code: "THROTTLED" } }]);
});

test("a room whose creation waits for a slot until the deadline is not created", async () => {
  const chime = await startStub(() => undefined);
  onTestFinished(() => chime.close());
  const gateway = await startOn(chime.url, { WRITE_DEADLINE_MS: "1000", CHIME_CONCURRENCY: "1" });
  onTestFinished(() => gateway.close());
  const query = `mutation { createRoom(input: { accountId: "a", name: "A" }) { outcome } }`;
  const rooms = await Promise.all(Array.from({ length: 6 }, () => ask(gateway.url, { query })));
  const outcomes = rooms.map(({ data, errors }) => errors?.[0]?.extensions.code ?? data.createRoom.outcome);

  expect(new Set(outcomes)).toEqual(new Set(["UNKNOWN", "UPSTREAM_TIMEOUT"]));
});

test("a 503 with a long Retry-After is UPSTREAM_UNAVAILABLE at once, without a retry", async () => {
  const chime = await startCountingStub(503, { "retry-after": "60" });
  const gateway = await startOn(chime.url);
  onTestFinished(() => gateway.close());

  expect((await ask(gateway.url, { query: `{ account(accountId: "a") { name } }` })).errors).toMatchObject([
    { extensions: { code: "UPSTREAM_UNAVAILABLE", chime: { httpStatus: 503, retryable: true } } },
  ]);
  expect(chime.requests()).toBe(1);
});

test("a call that Chime rejects because of the gateway's clock is sent again with the corrected time", async () => {
  const years: string[] = [];
  const url = await startOnStub(({ headers }, response) => {
    years.push(String(headers["x-amz-date"]).slice(0, 4));
    const isFirst = years.length === 1;
    response
      .writeHead(isFirst ? 403 : 200, {
        "content-type": "application/json",
        date: "Wed, 02 Jan 2030 03:04:05 GMT",
        ...(isFirst && { "x-amzn-errortype": "RequestTimeTooSkewed" }),
      })
      .end(JSON.stringify(isFirst ? {} : { Account: { AccountId: "a", AwsAccountId: "1", Name: "A" } }));
  });
  expect(await ask(url, { query: `{ account(accountId: "a") { name } }` })).toEqual({
    data: { account: { name: "A" } },
  });
  expect(years).toEqual([String(new Date().getFullYear()), "2030"]);
});

describe("an answer of 4xx is a refusal that repeating does not help", () => {
  test.each([
    [400, "ExpiredTokenException"],
    [400, "UnrecognizedClientException"],
    [400, "SomethingNewException"],
    // The SDK itself would retry these by their names.
    [400, "RequestTimeout"],
    [400, "RequestTimeoutException"],
    [400, "InternalError"],
    [403, "TimeoutError"],
    [402, undefined],
    [404, undefined],
    [410, undefined],
    [418, "TeapotException"],
    [451, undefined],
  ])("%i %s", async (status, type) => {
    const chime = await startCountingStub(status, type === undefined ? {} : { "x-amzn-errortype": type });
    const gateway = await startOn(chime.url);
    onTestFinished(() => gateway.close());
    const extensions = { code: "UPSTREAM_DENIED", chime: { httpStatus: status, retryable: false } };

    expect((await ask(gateway.url, { query: `{ account(accountId: "a") { name } }` })).errors).toMatchObject([
      { extensions },
    ]);
    expect((await ask(gateway.url, { query: mutations.updateUser })).errors).toMatchObject([{ extensions }]);
    expect(chime.requests()).toBe(2);
    const { data } = await ask(gateway.url, { query: mutations.inviteUsers });
    expect(data.inviteUsers.inviteErrors).toEqual([
      { errorCode: expect.stringMatching(/^(UNAUTHORIZED|ACCESS_DENIED)$/) },
    ]);
  });
});
