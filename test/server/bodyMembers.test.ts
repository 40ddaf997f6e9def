import { expect, test } from "vitest";
import { useHarness } from "../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
const query = '"query":"mutation ($input: CreateAccountInput!) { createAccount(input: $input) { outcome } }"';

async function post(body: string) {
  const response = await fetch(`${harness.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
  return [response.status, errors[0]?.message, errors[0]?.extensions];
}

test.each([
  `{${query},"variables":{"input":{"name":"A","__proto__":{"admin":true}}}}`,
  `\ufeff{${query},"__proto__":{"admin":true}}`,
  String.raw`{${query},"variables":{"input":{"name":"A","\u005f_proto__":1}}}`,
  `{${query},"variables":{"input":{"name":"A","constructor":{"prototype":{}}}}}`,
])("a member that could set a prototype is named, and nothing is sent: %j", async (body) => {
  expect(await post(body)).toEqual([
    400,
    'The body has a member "__proto__", or a member "constructor" with a "prototype", which are not allowed.',
    { code: "BAD_REQUEST" },
  ]);
  expect(await harness.calls()).toEqual({});
});

test("a body that is not JSON is called so, even if it has such a member", async () => {
  const [status, message] = await post('{"__proto__":{"admin":true}');

  expect([status, message]).toEqual([400, expect.stringContaining("not valid JSON")]);
});
