import { execFileSync } from "node:child_process";
import * as sdk from "@aws-sdk/client-chime";
import { AwsRestJsonProtocol } from "@aws-sdk/core/protocols";
import type { HttpRequest } from "@smithy/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";
import { describe, expect, test } from "vitest";
import { replaceSerialization } from "../../../src/chime/client/middleware.js";
import { createSigner } from "../../../src/chime/client/signer.js";
import { answer, createClient, found, getAccount } from "../../support/sdkClient.js";

/**
 * What the gateway relies on beyond the AWS SDK's documentation, here and in sdkRetries.test.ts and sdkSchemas.test.ts. The
 * SDK's version is pinned: to change it, edit package.json, run these files, and look where each failure points.
 */

describe("the SDK's processing of a request (src/chime/client/transport.ts, src/chime/client/clients.ts):", () => {
  test("a request handler receives the parts of a request, and its response body may be bytes", async () => {
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

  test("middleware at the end of the step finalizeRequest receives the command's own input and the same request object that is sent, for each attempt", async () => {
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

    const where = "Signals no longer reach the transport: see src/chime/client/clients.ts.";
    expect(sent, where).toHaveLength(2);
    expect(
      seen.map(({ request }, attempt) => request === sent[attempt]),
      where,
    ).toEqual([true, true]);
    for (const { input } of seen) expect(input, where).toBe(command.input);
  });

  test("cacheMiddleware creates the middleware of an operation once", async () => {
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

  test("a client accepts another object of settings, and the removal of two of its middlewares", async () => {
    const client = createClient(async () => Promise.reject(new Error("asked by the old settings")));
    const where = "The client does more for each call than it need: see src/chime/client/clients.ts.";
    const { requestHandler, ...others } = createClient(async () => found()).config;
    Object.assign(client, { config: { ...client.config, requestHandler } });
    expect(Object.keys(others), where).toContain("signer");
    for (const name of ["loggerMiddleware", "recursionDetectionMiddleware"])
      expect(client.middlewareStack.remove(name), where).toBe(true);
    expect((await client.send(getAccount())).Account?.AccountId, where).toBe("a");
  });

  test.each([
    ["AWS", undefined],
    ["a custom endpoint", "http://chime.test:4001"],
  ])(
    "another signer replaces the client's own for %s, and signs each attempt as that does",
    async (_, endpoint) => {
      const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
      const signaturesOf = async (change: (client: sdk.ChimeClient) => void) => {
        const signatures: unknown[] = [];
        const client = createClient(
          async ({ headers }) => {
            signatures.push(headers["authorization"]?.replace(/Signature=\w+/, ""));
            return signatures.length === 1 ? answer(500, {}) : found();
          },
          { credentials, endpoint: endpoint as string },
        );
        change(client);
        await client.send(getAccount());
        return signatures;
      };
      const signer = createSigner(async () => credentials);
      const ours = await signaturesOf(({ config }) => {
        config.signer = async () => signer;
      });
      expect(ours, "Requests have another signature: see src/chime/client/signer.ts.").toEqual(
        await signaturesOf(() => undefined),
      );
      expect(ours).toHaveLength(2);
    },
  );

  test("other middlewares replace those that serialize and deserialize", async () => {
    const copies: string[] = [];
    const client = createClient(async () => found());
    const config = new Proxy(client.config, {
      ownKeys(target) {
        copies.push("copied");
        return Reflect.ownKeys(target);
      },
    });
    Object.assign(client, { config });
    const names = client.middlewareStack.identify().map((entry) => entry.split(" ")[0]);
    replaceSerialization(client);
    const where = "The SDK copies its configuration for each call: see src/chime/client/middleware.ts.";
    expect(
      client.middlewareStack.identify().map((entry) => entry.split(" ")[0]),
      where,
    ).toEqual(names);
    expect((await client.send(getAccount())).Account?.AccountId, where).toBe("a");
    // The copy that remains is for the endpoint.
    expect(copies, where).toHaveLength(1);
  });

  test("the setting protocol accepts a class, which reads responses by the schema of their operation", async () => {
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
    expect(
      read,
      "ChimeProtocol is no longer called, or in another way: see src/chime/client/protocol.ts.",
    ).toEqual([["GetAccount", true, 200]]);
  });

  test("errors are identified by x-amzn-errortype, with status, request id and attempts in $metadata", async () => {
    const headers = { "x-amzn-errortype": "NotFoundException", "x-amzn-requestid": "id-1" };
    const client = createClient(async () => answer(404, { Code: "NotFound", Message: "no" }, headers));
    const error = await client.send(getAccount()).catch((thrown) => thrown);
    const where = "Errors are identified by these: see src/chime/errors.ts.";
    expect(error, where).toBeInstanceOf(sdk.NotFoundException);
    expect(error, where).toMatchObject({
      name: "NotFoundException",
      $metadata: { httpStatusCode: 404, requestId: "id-1", attempts: 1 },
    });
  });
});

test("the SDK does not warn about Node's version if AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED is true", () => {
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
