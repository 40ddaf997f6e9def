import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { noBrowser, useBrowser } from "../support/browser.js";
import { useHarness } from "../support/fixture.js";

const harness = useHarness();
const closed = useHarness({ EXPLORER: "off" });
const other = useHarness({ EXPLORER: "off", CORS_ORIGINS: "https://app.example.com,http://localhost:5173" });
const both = useHarness({ CORS_ORIGINS: "https://app.example.com" });
const { openTab } = useBrowser();

const asBrowser = { accept: "text/html,application/xhtml+xml" };

async function preflight(url: string, origin: string) {
  const { headers } = await fetch(`${url}/graphql`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,x-chime-trace",
    },
  });
  return [headers.get("access-control-allow-origin"), headers.get("access-control-allow-headers")];
}

describe("pages of other origins", () => {
  test("Apollo's hosted Sandbox and Studio may call while EXPLORER is on", async () => {
    for (const origin of ["https://studio.apollographql.com", "https://sandbox.embed.apollographql.com"])
      expect(await preflight(harness.url, origin)).toEqual([origin, "content-type,x-chime-trace"]);
  });

  test("other origins may not call, and none while EXPLORER is off", async () => {
    expect((await preflight(harness.url, "https://elsewhere.example.com"))[0]).toBeNull();
    expect((await preflight(closed.url, "https://studio.apollographql.com"))[0]).toBeNull();
  });

  test("CORS_ORIGINS and Apollo's origins may call while EXPLORER is on", async () => {
    for (const origin of ["https://app.example.com", "https://studio.apollographql.com"])
      expect((await preflight(both.url, origin))[0]).toBe(origin);
  });

  test("only CORS_ORIGINS may call while EXPLORER is off", async () => {
    expect((await preflight(other.url, "https://app.example.com"))[0]).toBe("https://app.example.com");
    expect((await preflight(other.url, "http://localhost:5173"))[0]).toBe("http://localhost:5173");
    expect((await preflight(other.url, "https://studio.apollographql.com"))[0]).toBeNull();
  });
});

describe("a browser that opens the endpoint", () => {
  test("gets a page in which only its own scripts and Apollo's run", async () => {
    for (const path of ["/graphql", "/graphiql"]) {
      const response = await fetch(harness.url + path, { headers: asBrowser });
      const policy = response.headers.get("content-security-policy") ?? "";

      expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/script-src[^;]*'unsafe-inline'|\*/);
    }
  });

  test("gets no page while EXPLORER is off", async () => {
    for (const path of ["/graphql", "/graphiql"]) {
      const response = await fetch(closed.url + path, { headers: asBrowser });
      expect(response.headers.get("content-type")).toContain("application/json");
      expect(response.ok).toBe(false);
    }
  });

  test("gets 304 for a page that it has cached", async () => {
    const first = await fetch(`${harness.url}/graphiql`, { headers: asBrowser });
    const etag = first.headers.get("etag") ?? "";
    await first.arrayBuffer();

    expect(
      (await fetch(`${harness.url}/graphiql`, { headers: { ...asBrowser, "if-none-match": etag } })).status,
    ).toBe(304);
  });
});

describe.skipIf(noBrowser)(`in Chromium${noBrowser ? ` (skipped: ${noBrowser})` : ""}`, () => {
  test("/graphql opens Apollo Sandbox on an example with variables from the seed", async () => {
    const { page, complaints } = await openTab();
    // Apollo's script, as far as this page has to do with it.
    await page.route("https://embeddable-sandbox.cdn.apollographql.com/**", (route) =>
      route.fulfill({
        contentType: "text/javascript",
        body: "window.EmbeddedSandbox = class { constructor(options) { window.sandboxOptions = options } }",
      }),
    );
    await page.goto(`${harness.url}/graphql`);
    const options = await page.evaluate("window.sandboxOptions");

    expect(options).toMatchObject({
      initialEndpoint: `${harness.url}/graphql`,
      initialState: { variables: { accountId: SEED.largeAccountId }, headers: { "x-chime-trace": "1" } },
    });
    const { document, variables } = (options as { initialState: { document: string; variables: object } })
      .initialState;
    expect((await harness.ask(document, variables)).errors).toBeUndefined();
    expect(await page.isVisible("#offline")).toBe(false);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("without internet /graphql links to GraphiQL", async () => {
    const { page } = await openTab();
    await page.route("https://embeddable-sandbox.cdn.apollographql.com/**", (route) => route.abort());
    await page.goto(`${harness.url}/graphql`);

    expect(await page.textContent("#offline p")).toContain("Apollo Sandbox could not be loaded");
    await page.click("#offline a");
    await page.waitForURL(`${harness.url}/graphiql`);
    await page.close();
  });

  test("GraphiQL runs the example, pages on, runs a mutation and shows the change", {
    timeout: 60_000,
  }, async () => {
    const { page, complaints } = await openTab();
    await page.goto(`${harness.url}/graphiql`);
    const run = async () => {
      const answered = page.waitForResponse(
        (response) =>
          response.url().endsWith("/graphql") && !response.request().postData()?.includes("__schema"),
      );
      await page.click(".graphiql-execute-button");
      return (await answered).json();
    };
    const type = async (editor: string, text: string) => {
      await page.click(`${editor} .view-lines`);
      await page.keyboard.press("ControlOrMeta+A");
      await page.keyboard.insertText(text);
      // The editor closes brackets on its own: what it has put behind the text goes.
      await page.keyboard.press("ControlOrMeta+Shift+End");
      await page.keyboard.press("Delete");
    };
    const typeOperation = async (text: string) => {
      await type("[aria-label='Operation Editor']", text);
      // GraphiQL stores an operation when it parses it. Until then, Execute sends the name of the one before.
      await page.waitForFunction((typed) => localStorage.getItem("graphiql:query") === typed, text);
    };
    await page.waitForSelector(".graphiql-execute-button:not([disabled])");

    const answer = await run();
    const first = answer.data.account;
    expect(answer.extensions.chime.totalCalls).toBe(2);
    await page.waitForFunction(
      (name) => document.querySelector(".graphiql-response")?.textContent?.includes(name),
      first.signinDelegateGroups[0].groupName,
    );
    expect(first.users.nodes).toHaveLength(10);
    await page.waitForFunction(
      (name) => document.querySelector(".graphiql-response")?.textContent?.includes(name),
      first.users.nodes[0].displayName.split(" ")[0],
    );
    // The editors color what they show a moment later.
    if (process.env["SCREENSHOT"]) await page.waitForTimeout(3_000);
    if (process.env["SCREENSHOT"]) await page.screenshot({ path: process.env["SCREENSHOT"] });

    const { endCursor } = first.users.pageInfo;
    await type(
      "[aria-label='Variables']",
      JSON.stringify({ accountId: SEED.largeAccountId, after: endCursor }),
    );
    const second = (await run()).data.account;
    const idsOf = ({ users }: typeof first) => users.nodes.map(({ userId }: { userId: string }) => userId);
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(20);

    await type("[aria-label='Variables']", "{}");
    await typeOperation(
      `mutation { updateAccount(input: { accountId: "${SEED.largeAccountId}", name: "SeenInGraphiQL" }) { account { name } errors { code } } }`,
    );
    expect((await run()).data.updateAccount).toEqual({ account: { name: "SeenInGraphiQL" }, errors: [] });
    await page.waitForFunction(() =>
      document.querySelector(".graphiql-response")?.textContent?.includes("SeenInGraphiQL"),
    );
    await typeOperation(`{ account(accountId: "${SEED.largeAccountId}") { name } }`);
    expect((await run()).data).toEqual({ account: { name: "SeenInGraphiQL" } });
    expect(complaints).toEqual([]);
    await page.close();
  });
});
