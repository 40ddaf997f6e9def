import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { noBrowser, useBrowser } from "../support/browser.js";
import { useHarness } from "../support/fixture.js";

const harness = useHarness();
const closed = useHarness({ EXPLORER: "off" });
const { openTab } = useBrowser();

/** Saves a picture of a page if SCREENSHOTS names a folder. */
async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (!folder) return;
  // The editors color what they show a moment later.
  await page.waitForTimeout(3_000);
  await page.screenshot({ path: join(folder, `graphiql-${name}.png`) });
}

const asBrowser = { accept: "text/html,application/xhtml+xml" };

describe("a browser that opens the endpoint", () => {
  test("gets a page in which only its own scripts and Apollo's run", async () => {
    for (const path of ["/graphql", "/graphql/", "/graphiql"]) {
      const response = await fetch(harness.url + path, { headers: asBrowser });
      const policy = response.headers.get("content-security-policy") ?? "";

      expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("connect-src 'self'");
      expect(policy).not.toMatch(/script-src[^;]*'unsafe-inline'|\*/);
      expect(response.headers.get("referrer-policy")).toBe("no-referrer");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  test("gets Apollo's landing page, without telemetry, and with another nonce each time", async () => {
    const open = async () => (await fetch(`${harness.url}/graphql`, { headers: asBrowser })).text();
    const pages = [await open(), await open()];
    const nonces = pages.map(
      (html) => new Set(Array.from(html.matchAll(/nonce="?(\w+)/g), ([, nonce]) => nonce)),
    );
    expect(pages[0]).toContain("https://embeddable-sandbox.cdn.apollographql.com/");
    expect(pages[0]).toContain('"runTelemetry":false');
    expect(nonces.map(({ size }) => size)).toEqual([1, 1]);
    expect(nonces[0]).not.toEqual(nonces[1]);
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
  const script = "https://embeddable-sandbox.cdn.apollographql.com/**";

  /** Opens /graphql. Apollo's servers answer as far as the page has to do with them. */
  async function openSandbox() {
    const tab = await openTab();
    await tab.page.route(/apollographql\.com|fonts\.googleapis\.com/, (route) => route.fulfill({ body: "" }));
    await tab.page.route(script, (route) =>
      route.fulfill({
        contentType: "text/javascript",
        body: `window.EmbeddedSandbox = class {
          constructor(options) {
            window.sandboxOptions = options;
            const frame = document.createElement("iframe");
            frame.src = "https://sandbox.embed.apollographql.com/sandbox/explorer";
            document.querySelector(options.target).append(frame);
          }
        }`,
      }),
    );
    await tab.page.route("https://sandbox.embed.apollographql.com/**", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<script>parent.postMessage({ name: "ExplorerListeningForHandshake" }, "*")</script>Sandbox`,
      }),
    );
    return tab;
  }

  test("/graphql opens Apollo Sandbox on an example with variables from the seed", async () => {
    const { page, complaints } = await openSandbox();
    await page.clock.install();
    await page.goto(`${harness.url}/graphql`);
    const options = await page.evaluate("window.sandboxOptions");

    expect(options).toMatchObject({
      initialEndpoint: `${harness.url}/graphql`,
      initialState: { variables: { accountId: SEED.largeAccountId }, headers: { "x-chime-trace": "1" } },
      runTelemetry: false,
    });
    const { document, variables } = (options as { initialState: { document: string; variables: object } })
      .initialState;
    expect((await harness.ask(document, variables)).errors).toBeUndefined();
    await page.frameLocator("iframe").getByText("Sandbox").waitFor();
    await page.clock.runFor(60_000);
    expect(page.url()).toBe(`${harness.url}/graphql`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.each<[string, string | RegExp, "abort" | "hang", number]>([
    ["without internet", /^https:/, "abort", 0],
    ["if Apollo's script is blocked", script, "abort", 0],
    ["if Apollo's script does not arrive", script, "hang", 4_000],
    ["if no server outside answers", /^https:/, "hang", 4_000],
    ["if Sandbox's frame does not load", "https://sandbox.embed.apollographql.com/**", "hang", 20_000],
  ])("/graphql leads to GraphiQL by itself %s", async (_what, url, failure, wait) => {
    const { page } = await openSandbox();
    await page.clock.install();
    await page.route(url, (route) => (failure === "abort" ? route.abort() : undefined));
    await page.goto(`${harness.url}/graphql`, { waitUntil: "commit" });
    await expect
      .poll(
        async () => {
          // It fails while the page is being replaced.
          await page.clock.runFor(wait / 4).catch(() => undefined);
          return page.url();
        },
        { timeout: 15_000 },
      )
      .toMatch(/\/graphiql/);
    await page.close();
  });

  test.each(["light", "dark"] as const)(
    "GraphiQL is usable on a phone, in %s mode",
    { timeout: 60_000 },
    async (colorScheme) => {
      const { page, complaints } = await openTab();
      await page.setViewportSize({ width: 390, height: 844 });
      await page.emulateMedia({ colorScheme });
      await page.goto(`${harness.url}/graphiql`);
      await page.waitForSelector(".graphiql-execute-button:not([disabled])");
      await page.click(".graphiql-execute-button");
      await page.getByText('"Meridian Logistics"').first().waitFor();

      const boxOf = async (selector: string) => {
        const box = await page.locator(selector).boundingBox();
        if (!box) throw new Error(`${selector} is not visible`);
        return box;
      };
      const [editor, answer] = [await boxOf(".graphiql-editors"), await boxOf(".graphiql-response")];
      for (const { x, width, height } of [editor, answer]) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x + width).toBeLessThanOrEqual(390);
        expect(width).toBeGreaterThan(350);
        expect(height).toBeGreaterThan(250);
      }
      expect(answer.y).toBeGreaterThanOrEqual(editor.y + editor.height);
      const colors = await page.evaluate(() => {
        const { backgroundColor, color } = getComputedStyle(
          document.querySelector(".graphiql-container") as Element,
        );
        return [backgroundColor, color].map((text) =>
          Math.max(...(text.match(/\d+/g) ?? []).slice(0, 3).map(Number)),
        );
      });
      const [background = 0, text = 0] = colors;
      expect(background > text).toBe(colorScheme === "light");
      await shoot(page, `phone-${colorScheme}`);
      await page.mouse.move(200, 400);
      await page.mouse.wheel(0, 1_000);
      await page.waitForTimeout(300);
      expect(await page.evaluate(() => [scrollY, document.documentElement.scrollHeight])).toEqual([0, 844]);

      await page.getByLabel("Open settings dialog").click();
      await shoot(page, `settings-${colorScheme}`);
      const dialog = await boxOf(".graphiql-dialog");
      for (const button of await page.locator(".graphiql-dialog button").all()) {
        const { x = -1, width = 0 } = (await button.boundingBox()) ?? {};
        expect(x).toBeGreaterThanOrEqual(dialog.x);
        expect(x + width).toBeLessThanOrEqual(dialog.x + dialog.width);
      }
      await page.keyboard.press("Escape");
      await page.locator(".graphiql-dialog").waitFor({ state: "detached" });

      await page.getByLabel("Show History").click();
      await page.locator(".graphiql-history").getByText("Account", { exact: true }).click();
      expect(await boxOf(".graphiql-plugin")).toMatchObject({ x: 0, width: 390 });
      await page.getByLabel("Hide History").click();
      await page.click(".graphiql-execute-button");
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test("GraphiQL shows the operations that were run before, after a reload too", {
    timeout: 60_000,
  }, async () => {
    const { page } = await openTab();
    await page.goto(`${harness.url}/graphiql`);
    for (const _ of ["first", "after a reload"]) {
      await page.waitForSelector(".graphiql-execute-button:not([disabled])");
      await page.click(".graphiql-execute-button");
      await page.getByText('"Meridian Logistics"').first().waitFor();
      if (await page.getByLabel("Show History").isVisible()) await page.getByLabel("Show History").click();
      await page.locator(".graphiql-history").getByText("Account", { exact: true }).waitFor();
      expect(await page.locator(".graphiql-tab").count()).toBe(1);
      await page.reload();
    }
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
    expect(answer.extensions.chime.totalCalls).toBe(8);
    await page.waitForFunction(
      (name) => document.querySelector(".graphiql-response")?.textContent?.includes(name),
      first.signinDelegateGroups[0].groupName,
    );
    expect(first.users.nodes).toHaveLength(10);
    await page.waitForFunction(
      (name) => document.querySelector(".graphiql-response")?.textContent?.includes(name),
      first.users.nodes[0].displayName.split(" ")[0],
    );
    await shoot(page, "desktop");

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
