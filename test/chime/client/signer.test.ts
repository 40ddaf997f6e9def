import { ChimeClient } from "@aws-sdk/client-chime";
import { HttpRequest } from "@smithy/core/protocols";
import { expect, test } from "vitest";
import { createSigner } from "../../../src/chime/client/signer.js";

const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
const day = new Date("2026-02-20T12:34:56.789Z");
const headers = {
  "content-type": "application/json",
  "content-length": "12",
  "amz-sdk-invocation-id": "3f4cbd4e-24a5-4c43-a1fe-0ee3f1ab0a4c",
  "amz-sdk-request": "attempt=1; max=6",
  "user-agent": "chime-graphql-gateway/1",
  "x-amz-user-agent": "chime-graphql-gateway/1 ua/2.1 os/linux",
  host: "service.chime.aws.amazon.com",
};
const requestOf = (parts: Partial<HttpRequest>) =>
  new HttpRequest({ hostname: "service.chime.aws.amazon.com", headers, ...parts });

const requests: [title: string, request: HttpRequest][] = [
  ["a read", requestOf({ path: "/accounts/a" })],
  ["a list", requestOf({ path: "/accounts", query: { name: "Ünï & (co)!*'", "max-results": "7" } })],
  ["a phone number in the path", requestOf({ path: "/phone-numbers/%2B12065550100" })],
  ["an endpoint with a path", requestOf({ path: "/prefix/~me/@x:y/accounts/a%20b" })],
  ["a write", requestOf({ method: "POST", path: "/accounts", body: '{"Name":"Ünï"}' })],
  [
    "a write with an operation in the query",
    requestOf({ method: "POST", path: "/accounts/a/users", query: { operation: "add" }, body: "{}" }),
  ],
  ["a body in bytes", requestOf({ method: "PUT", path: "/settings", body: Buffer.from("{}") })],
];

test.each(requests)("%s has the signature that the SDK's signer makes", async (_title, request) => {
  for (const identity of [credentials, { ...credentials, sessionToken: "token/+=" }]) {
    const options = { signingDate: day, signingRegion: "us-east-1", signingService: "chime" };
    const { config } = new ChimeClient({ region: "us-east-1", credentials: identity });
    const expected = await (await config.signer()).sign(request, options);
    const signed = await createSigner(async () => identity).sign(request, options);
    expect(signed.headers).toEqual(expected.headers);
    expect(signed).toEqual(expected);
  }
});

test("a new day, a new secret and a new region each have a key of their own", async () => {
  let identity = credentials;
  const signer = createSigner(async () => identity);
  const [[, request] = []] = requests;
  if (!request) throw new Error("There is no request.");
  const sign = async (signingDate: Date, signingRegion = "us-east-1") => {
    const options = { signingDate, signingRegion, signingService: "chime" };
    const { config } = new ChimeClient({ region: "us-east-1", credentials: identity });
    const expected = await (await config.signer()).sign(request, options);
    const signed = await signer.sign(request, options);
    expect(signed.headers["authorization"]).toBe(expected.headers["authorization"]);
    return signed.headers["authorization"];
  };
  const signatures = [
    await sign(day),
    await sign(new Date("2026-02-21T00:00:00Z")),
    await sign(day),
    await sign(day, "eu-central-1"),
  ];
  identity = { ...credentials, secretAccessKey: "another" };
  signatures.push(await sign(day));
  expect(new Set(signatures).size).toBe(4);
});
