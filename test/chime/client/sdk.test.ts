import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import * as sdk from "@aws-sdk/client-chime";
import { AwsRestJsonProtocol } from "@aws-sdk/core/protocols";
import { type HttpRequest, HttpResponse } from "@smithy/core/protocols";
import { StandardRetryStrategy } from "@smithy/core/retry";
import { NormalizedSchema } from "@smithy/core/schema";
import { describe, expect, test } from "vitest";
import { operations } from "../../../src/chime-api/operations.js";

/**
 * What is relied on of the AWS SDK beyond its documentation. Its version is pinned: to take another, change it in
 * package.json, run this file, and look where each failure says. Nothing else in src/ knows the SDK's insides.
 */

const used = [
  sdk.AssociateSigninDelegateGroupsWithAccount$,
  sdk.BatchUpdateUser$,
  sdk.CreateAccount$,
  sdk.CreateUser$,
  sdk.DisassociateSigninDelegateGroupsFromAccount$,
  sdk.GetAccount$,
  sdk.GetUser$,
  sdk.InviteUsers$,
  sdk.ListAccounts$,
  sdk.ListUsers$,
  sdk.ResetPersonalPIN$,
  sdk.UpdateAccount$,
  sdk.UpdateUser$,
];

describe("of the SDK's schemas of answers (src/chime/protocol.ts):", () => {
  test("no member of an answer comes from a header or the status: all of it is in the body, under its own name", () => {
    const bound = used.flatMap(([, , name, , , output]) =>
      [...NormalizedSchema.of(output).structIterator()]
        .filter(([, member]) => {
          const { httpHeader, httpPrefixHeaders, httpPayload, httpResponseCode, jsonName } =
            member.getMergedTraits();
          return httpHeader ?? httpPrefixHeaders ?? httpPayload ?? httpResponseCode ?? jsonName;
        })
        .map(([member]) => `${name}.${member}`),
    );
    expect(bound, "ChimeProtocol reads bodies alone: teach it this member.").toEqual([]);
  });

  test("all timestamps are ISO 8601", () => {
    const formats = new Set(used.flatMap(([, , , , , output]) => timestampsIn(NormalizedSchema.of(output))));
    // 5 is the SDK's number for date-time.
    expect([...formats], "readDate in src/chime/protocol.ts reads ISO 8601 alone.").toEqual([5]);
  });
});

type Handle = (request: HttpRequest) => Promise<{ response: HttpResponse }>;

/** A client of the SDK's on a handler of ours, as src/chime/clients.ts makes it. */
const createClient = (handle: Handle, config: sdk.ChimeClientConfig = {}) =>
  new sdk.ChimeClient({
    region: "us-east-1",
    endpoint: "http://chime.test:4001",
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
    requestHandler: {
      metadata: { handlerProtocol: "http/1.1" },
      handle,
      destroy() {},
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    },
    cacheMiddleware: true,
    ...config,
  });

const answer = (statusCode: number, body: object, headers: Record<string, string> = {}) => ({
  response: new HttpResponse({ statusCode, headers, body: Buffer.from(JSON.stringify(body)) }),
});
const group = { GroupName: "desk" };
const found = () => answer(200, { Account: { AccountId: "a", SigninDelegateGroups: [group] } });
const getAccount = () => new sdk.GetAccountCommand({ AccountId: "a" });

describe("of the SDK's way of a request (src/chime/transport.ts, src/chime/clients.ts):", () => {
  test("a request handler is given the parts of a request, and its answer's body may be bytes", async () => {
    const requests: HttpRequest[] = [];
    const client = createClient(async (request) => {
      requests.push(request);
      return answer(200, { Users: [], NextToken: "next" });
    });
    const command = new sdk.ListUsersCommand({ AccountId: "a", MaxResults: 7 });
    const { NextToken, $metadata } = await client.send(command);

    expect(NextToken, "The body of an HttpResponse may no longer be bytes: see exchange().").toBe("next");
    expect($metadata.attempts, "The log of calls reads $metadata.attempts: see calls.ts.").toBe(1);
    const [{ protocol, hostname, port, method, path, query, headers, body } = {} as HttpRequest] = requests;
    expect(
      { protocol, hostname, port, method, path, query, body, host: headers["host"] },
      "The parts of an HttpRequest have changed: see exchange() and pathOf().",
    ).toEqual({
      protocol: "http:",
      hostname: "chime.test",
      port: 4001,
      method: "GET",
      path: "/accounts/a/users",
      query: { "max-results": "7" },
      body: undefined,
      host: "chime.test:4001",
    });
    expect(headers["authorization"], "Requests are no longer signed before the handler.").toMatch(/^AWS4-/);
  });

  test("middleware at the end of the step finalizeRequest sees the command's own input, and the very request that is sent, at each attempt", async () => {
    const sent: unknown[] = [];
    const client = createClient(async (request) => {
      sent.push(request);
      return sent.length === 1 ? answer(500, {}) : found();
    });
    const seen: { input: object; request: unknown }[] = [];
    client.middlewareStack.add(
      (next) => (args) => {
        seen.push({ input: args.input, request: args.request });
        return next(args);
      },
      { name: "test", step: "finalizeRequest", priority: "low" },
    );
    const command = getAccount();
    await client.send(command);

    const where = "Leashes no longer reach the transport: see holdRequest in src/chime/clients.ts.";
    expect(sent, where).toHaveLength(2);
    expect(
      seen.map(({ request }, attempt) => request === sent[attempt]),
      where,
    ).toEqual([true, true]);
    for (const { input } of seen) expect(input, where).toBe(command.input);
  });

  test("cacheMiddleware makes the middleware of an operation once", async () => {
    const client = createClient(async () => found());
    let made = 0;
    client.middlewareStack.add(
      (next) => {
        made += 1;
        return (args) => next(args);
      },
      { name: "test", step: "deserialize" },
    );
    for (let calls = 0; calls < 3; calls += 1) await client.send(getAccount());
    expect(made, "Each call is slower than it need be: what has become of cacheMiddleware?").toBe(1);
  });

  test("a client can be told to go on with another object of settings, without two of its middlewares", async () => {
    const client = createClient(async () => Promise.reject(new Error("asked by the old settings")));
    const where = "The client does more for each call than it need: see quicken in src/chime/clients.ts.";
    const { requestHandler, ...others } = createClient(async () => found()).config;
    Object.assign(client, { config: { ...client.config, requestHandler } });
    expect(Object.keys(others), where).toContain("signer");
    for (const name of ["loggerMiddleware", "recursionDetectionMiddleware"])
      expect(client.middlewareStack.remove(name), where).toBe(true);
    expect((await client.send(getAccount())).Account?.AccountId, where).toBe("a");
  });

  test("one signer serves a client, with the credentials of the moment", async () => {
    const authorizations: unknown[] = [];
    let accessKeyId = "first";
    const client = createClient(
      async ({ headers }) => {
        authorizations.push(headers["authorization"]);
        return found();
      },
      // They are over at once, so that the SDK asks for new ones.
      {
        credentials: async () => ({ accessKeyId, secretAccessKey: "secret", expiration: new Date() }),
      },
    );
    const createSigner = client.config.signer;
    let signers = 0;
    let signer: ReturnType<typeof createSigner> | undefined;
    client.config.signer = (scheme) => {
      signers += signer ? 0 : 1;
      signer ??= createSigner(scheme);
      return signer;
    };
    await client.send(getAccount());
    accessKeyId = "second";
    await client.send(getAccount());

    const where =
      "Signers are no longer kept, or keep their credentials: see quicken in src/chime/clients.ts.";
    expect(signers, where).toBe(1);
    expect(authorizations, where).toEqual([
      expect.stringContaining("Credential=first/"),
      expect.stringContaining("Credential=second/"),
    ]);
  });

  test("the setting protocol takes a class, which reads the answers by the schema of their operation", async () => {
    const read: unknown[] = [];
    class Protocol extends AwsRestJsonProtocol {
      override async deserializeResponse<Output extends sdk.ServiceOutputTypes>(
        ...[operation, context, response]: Parameters<AwsRestJsonProtocol["deserializeResponse"]>
      ): Promise<Output> {
        const output = NormalizedSchema.of(operation.output);
        read.push([operation.name, output.isStructSchema(), response.statusCode]);
        return super.deserializeResponse<Output>(operation, context, response);
      }
    }
    await createClient(async () => found(), { protocol: Protocol }).send(getAccount());
    expect(read, "ChimeProtocol is no longer asked, or otherwise: see src/chime/protocol.ts.").toEqual([
      ["GetAccount", true, 200],
    ]);
  });

  test("errors are told by x-amzn-errortype, with status, request id and attempts in $metadata", async () => {
    const headers = { "x-amzn-errortype": "NotFoundException", "x-amzn-requestid": "id-1" };
    const client = createClient(async () => answer(404, { Code: "NotFound", Message: "no" }, headers));
    const error = await client.send(getAccount()).catch((thrown) => thrown);
    const where = "Failures are told by these: see src/chime/errors.ts.";
    expect(error, where).toBeInstanceOf(sdk.NotFoundException);
    expect(error, where).toMatchObject({
      name: "NotFoundException",
      $metadata: { httpStatusCode: 404, requestId: "id-1", attempts: 1 },
    });
  });
});

describe("of the SDK's retries (src/chime/retries.ts):", () => {
  type Refresh = Parameters<StandardRetryStrategy["refreshRetryTokenForRetry"]>;

  /** The SDK's strategy without its waits, and what it is asked. */
  class Strategy extends StandardRetryStrategy {
    readonly given: object[] = [];
    readonly asked: Refresh[] = [];
    succeeded = 0;

    constructor() {
      super({
        maxAttempts: 3,
        backoff: { computeNextBackoffDelay: () => 0, setDelayBase: () => undefined },
      });
    }

    override async acquireInitialRetryToken(scope: string) {
      const token = await super.acquireInitialRetryToken(scope);
      this.given.push(token);
      return token;
    }

    override async refreshRetryTokenForRetry(...asked: Refresh) {
      this.asked.push(asked);
      const token = await super.refreshRetryTokenForRetry(...asked);
      this.given.push(token);
      return token;
    }

    override recordSuccess(...[token]: Parameters<StandardRetryStrategy["recordSuccess"]>) {
      this.succeeded += 1;
      super.recordSuccess(token);
    }
  }

  test("a strategy is asked with the error and the token that it gave; backoff sets the wait, maxAttempts the end", async () => {
    const retryStrategy = new Strategy();
    const failure = Object.assign(new Error("broken"), { $retryable: {} });
    const client = createClient(async () => Promise.reject(failure), { retryStrategy });
    const began = performance.now();
    const error = await client.send(getAccount()).catch((thrown) => thrown);

    expect(error, "An error of the transport's no longer comes out as it was raised.").toBe(failure);
    expect(
      retryStrategy.asked.map(([token, info]) => [token === retryStrategy.given.shift(), info.error]),
      "Errors with $retryable are no longer repeated up to maxAttempts, or tokens are others than those given.",
    ).toEqual([
      [true, failure],
      [true, failure],
      [true, failure],
    ]);
    expect(performance.now() - began, "The option backoff no longer sets the wait.").toBeLessThan(1_000);
    expect(error.$metadata.attempts, "Errors no longer tell their attempts.").toBe(3);
  });

  test("what has no $retryable is not repeated, and a success is told", async () => {
    let arrived = 0;
    const client = createClient(async () => {
      arrived += 1;
      throw new Error("no");
    });
    await expect(client.send(getAccount())).rejects.toThrow("no");
    expect(arrived, "The SDK repeats errors that do not say that they may be.").toBe(1);

    const retryStrategy = new Strategy();
    await createClient(async () => found(), { retryStrategy }).send(getAccount());
    expect(retryStrategy.succeeded, "recordSuccess is no longer called: the retry quota runs dry.").toBe(1);
  });

  test("a throttled answer comes with its Retry-After", async () => {
    const retryStrategy = new Strategy();
    const headers = { "x-amzn-errortype": "ThrottledClientException", "retry-after": "2" };
    const answers = [answer(429, { Code: "Throttled" }, headers), found()];
    const client = createClient(async () => answers.shift() ?? found(), { retryStrategy });
    const asked = client.send(getAccount());
    await expect.poll(() => retryStrategy.asked.length).toBe(1);
    const [[, { errorType, retryAfterHint, error }] = [] as unknown as Refresh] = retryStrategy.asked;
    const where = "The pace that Chime sets is read from these: see ReadRetryStrategy.";
    expect(
      { errorType, status: (error as sdk.ChimeServiceException).$metadata.httpStatusCode },
      where,
    ).toEqual({
      errorType: "THROTTLING",
      status: 429,
    });
    expect((retryAfterHint?.getTime() ?? 0) - Date.now(), where).toBeGreaterThan(1_000);
    await asked;
  });

  test("what refuses to repeat raises its own error, and that comes out", async () => {
    class Refusing extends StandardRetryStrategy {
      override async refreshRetryTokenForRetry(...[, { error }]: Refresh): Promise<never> {
        throw error;
      }
    }
    let arrived = 0;
    const client = createClient(
      async () => {
        arrived += 1;
        return answer(500, {}, { "x-amzn-errortype": "ServiceFailureException" });
      },
      { retryStrategy: new Refusing(3) },
    );
    await expect(client.send(getAccount())).rejects.toThrow(sdk.ServiceFailureException);
    expect(arrived, "Writes would be repeated: see WriteRetryStrategy.").toBe(1);
  });
});

test("the SDK says nothing of Node's version where AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED is true", () => {
  const script = `
    import { ChimeClient } from "@aws-sdk/client-chime";
    process.on("warning", ({ message }) => console.log(message));
    new ChimeClient({ region: "us-east-1" });
    await new Promise((resolve) => setTimeout(resolve, 50));
  `;
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    encoding: "utf8",
  });
  expect(printed, "The variable has another name: see silenceSdk in src/lifecycle.ts.").toBe("");
});

// What src/chime-api/operations.ts reads.

const require = createRequire(import.meta.url);
const fromSdk = createRequire(require.resolve("@aws-sdk/client-chime"));

const routeOf = (name: string) => {
  const operation = Object.values(operations).find((candidate) => candidate.name === name);
  const query = operation && [...operation.literals].map(([key, value]) => `?${key}=${value}`).join("");
  return operation && `${operation.method} /${operation.segments.join("/")}${query} ${operation.status}`;
};

test("the SDK exports the schemas of 62 operations: arrays of kind, namespace, name, traits, input and output", () => {
  expect(
    Object.keys(operations),
    "An operation schema is no longer an array that starts with 9.",
  ).toHaveLength(62);
  const [kind, namespace, name, traits, input, output] = sdk.GetUser$;
  expect({ kind, namespace, name, traits }, "The members of operation schemas have moved.").toEqual({
    kind: 9,
    namespace: "com.amazonaws.chime",
    name: "GetUser",
    traits: { http: ["GET", "/accounts/{AccountId}/users/{UserId}", 200] },
  });
  for (const schema of [input, output])
    expect(NormalizedSchema.of(schema).isStructSchema(), "Inputs and outputs are no longer structures.").toBe(
      true,
    );
});

test("the SDK exports the schemas of errors, with their HTTP status", () => {
  expect(sdk.NotFoundException$.slice(0, 3), "The members of error schemas have moved.").toEqual([
    -3,
    "com.amazonaws.chime",
    "NotFoundException",
  ]);
  const { httpError } = NormalizedSchema.of(sdk.NotFoundException$).getMergedTraits();
  expect(httpError, "The status of an error is no longer in the trait httpError.").toBe(404);
});

test("the SDK and this package share one copy of @smithy/core", () => {
  expect(
    require.resolve("@smithy/core/schema"),
    "Two copies of @smithy/core: its classes would not know each other's schemas. Depend on the SDK's version.",
  ).toBe(fromSdk.resolve("@smithy/core/schema"));
});

test.each([
  ["CreateAccount", "POST /accounts 201"],
  ["ListAccounts", "GET /accounts 200"],
  ["GetAccount", "GET /accounts/{AccountId} 200"],
  ["UpdateAccount", "POST /accounts/{AccountId} 200"],
  [
    "AssociateSigninDelegateGroupsWithAccount",
    "POST /accounts/{AccountId}?operation=associate-signin-delegate-groups 200",
  ],
  [
    "DisassociateSigninDelegateGroupsFromAccount",
    "POST /accounts/{AccountId}?operation=disassociate-signin-delegate-groups 200",
  ],
  ["CreateUser", "POST /accounts/{AccountId}/users?operation=create 201"],
  ["InviteUsers", "POST /accounts/{AccountId}/users?operation=add 201"],
  ["BatchUpdateUser", "POST /accounts/{AccountId}/users 200"],
  ["ListUsers", "GET /accounts/{AccountId}/users 200"],
  ["GetUser", "GET /accounts/{AccountId}/users/{UserId} 200"],
  ["UpdateUser", "POST /accounts/{AccountId}/users/{UserId} 200"],
  ["ResetPersonalPIN", "POST /accounts/{AccountId}/users/{UserId}?operation=reset-personal-pin 200"],
])("%s is %s", (name, route) => {
  expect(routeOf(name), "A route has changed, or its http trait is read wrongly.").toBe(route);
});

test("query members keep their names on the wire", () => {
  expect(
    [...operations.ListUsers.queryParameters],
    "The trait httpQuery is no longer where NormalizedSchema looks.",
  ).toEqual([
    ["UserEmail", "user-email"],
    ["UserType", "user-type"],
    ["MaxResults", "max-results"],
    ["NextToken", "next-token"],
  ]);
});

function timestampsIn(schema: NormalizedSchema): unknown[] {
  if (schema.isStructSchema())
    return [...schema.structIterator()].flatMap(([, member]) => timestampsIn(member));
  if (schema.isListSchema()) return timestampsIn(schema.getValueSchema());
  return schema.isTimestampSchema() ? [schema.getSchema()] : [];
}
