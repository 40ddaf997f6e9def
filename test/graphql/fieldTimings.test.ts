import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { ask, startOn, useHarness } from "../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
const query = `{ account(accountId: "${SEED.teamAccountId}") { name } }`;
const ftv1 = { "apollo-federation-include-trace": "ftv1" };
const secret = "0123456789abcdef";

/** Whether the response to a request for field timings has them. */
async function hasTimings(url: string, headers: Record<string, string> = {}): Promise<boolean> {
  const { data, extensions } = await ask(url, { query }, { ...ftv1, ...headers });
  expect(data).toEqual({ account: { name: "Harbor Street Studio" } });
  return extensions !== undefined && "ftv1" in extensions;
}

test("any caller gets field timings in local mode", async () => {
  expect(await hasTimings(harness.url)).toBe(true);
});

test("elsewhere only a router with the secret gets them", async () => {
  const behindRouter = await startOn(harness.chimeUrl, { ROUTER_SECRET: secret });
  const open = await startOn(harness.chimeUrl);
  expect(await hasTimings(behindRouter.url, { "x-router-secret": secret })).toBe(true);
  expect(await hasTimings(open.url)).toBe(false);
  await behindRouter.close();
  await open.close();
});

test("field timings do not include error messages", async () => {
  await harness.fault({ operation: "GetAccount", kind: "500" });
  const { extensions } = await ask(harness.url, { query }, ftv1);
  const timings = Buffer.from(
    String((extensions as { ftv1?: string } | undefined)?.ftv1),
    "base64",
  ).toString();
  expect(timings).toContain("<masked>");
  expect(timings).not.toContain("Chime failed");
});

test("a large operation has no field timings", async () => {
  const fields = (count: number) => Array.from({ length: count }, (_, i) => `a${i}: displayName`).join(" ");
  const page = (count: number) =>
    `{ account(accountId: "${SEED.teamAccountId}") { users(first: 1000) { nodes { ${fields(count)} } } } }`;
  const small = await ask(harness.url, { query: page(15) }, ftv1);
  const large = await ask(harness.url, { query: page(25) }, ftv1);

  expect(small.extensions).toHaveProperty("ftv1");
  expect(large.extensions).toBeUndefined();
  expect(large.data.account.users.nodes).toHaveLength(16);
});
