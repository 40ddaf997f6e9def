import proxy from "@fastify/http-proxy";
import { type FastifyInstance, fastify } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noBrowser, useBrowser } from "../support/browser.js";
import { ask, useHarness } from "../support/fixture.js";

const harness = useHarness();
const { openTab } = useBrowser();
let server: FastifyInstance;
/** The gateway's URL behind a proxy that removes /chime from the path. */
let url: string;

beforeAll(async () => {
  server = fastify({ forceCloseConnections: true });
  // Like most proxies, it leaves redirects as they are.
  await server.register(proxy, {
    upstream: harness.url,
    prefix: "/chime",
    internalRewriteLocationHeader: false,
  });
  url = `${await server.listen({ host: "127.0.0.1", port: 0 })}/chime`;
});
afterAll(() => server?.close());

describe("behind a proxy that removes a prefix from the path", () => {
  test("a query is answered, at /graphql and /graphql/", async () => {
    const answer = { data: { __typename: "Query" } };
    expect(await ask(url, { query: "{ __typename }" })).toEqual(answer);
    const response = await fetch(`${url}/graphql/?query={__typename}`, {
      headers: { accept: "application/json" },
    });
    expect(await response.json()).toEqual(answer);
  });

  test.each([
    ["/", "/graphql"],
    ["/graphiql/", "/graphiql"],
  ])("%s redirects to %s", async (from, to) => {
    const response = await fetch(url + from, { headers: { accept: "text/html" } });
    expect([response.status, response.url]).toEqual([200, url + to]);
    await response.body?.cancel();
  });
});

describe.skipIf(noBrowser)(
  `behind such a proxy, in Chromium${noBrowser ? ` (skipped: ${noBrowser})` : ""}`,
  () => {
    test.each(["/graphql", "/graphql/"])(
      "%s leads to GraphiQL without internet, and GraphiQL runs its example",
      async (path) => {
        const { page } = await openTab();
        await page.goto(url + path);
        await page.waitForURL(/\/chime\/graphiql/);
        await page.waitForSelector(".graphiql-execute-button:not([disabled])");
        const answered = page.waitForResponse(
          (response) =>
            response.url() === `${url}/graphql` && !response.request().postData()?.includes("__schema"),
        );
        await page.click(".graphiql-execute-button");
        expect((await (await answered).json()).data.account.users.nodes).toHaveLength(10);
        await page.close();
      },
      60_000,
    );
  },
);
