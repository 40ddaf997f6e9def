import { serverAudits } from "graphql-http";
import { describe, expect, test } from "vitest";
import { useHarness } from "../support/fixture.js";

const harness = useHarness();

/** The header that Apollo asks for before it takes a GET, or a POST of a form's type: no other site can send it. */
const fetchFn: typeof fetch = (url, init) => {
  const headers = new Headers(init?.headers);
  headers.set("apollo-require-preflight", "true");
  return fetch(url, { ...init, headers });
};

/**
 * To clients of `application/json` the gateway sends 400, as to all others, where a request is rejected before it is
 * executed; the audits would have 200 there.
 */
const mayWarn = new Set(["572B", "FDE2", "7B9B"]);

describe("GraphQL over HTTP", () => {
  const audits = serverAudits({ url: () => `${harness.url}/graphql`, fetchFn });

  test.for(audits.map(({ id, name, fn }) => [id, name, fn] as const))("%s %s", async ([id, , audit]) => {
    const { status, ...failure } = await audit();

    if (status === "warn" && mayWarn.has(id)) return;
    expect(status, "reason" in failure ? failure.reason : undefined).toBe("ok");
  });
});
