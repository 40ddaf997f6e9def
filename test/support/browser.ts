import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, onTestFailed } from "vitest";

const executables = [
  process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const executablePath = executables.find((path) => existsSync(path));

/** Why browser tests do not run here; undefined where they do. */
export const noBrowser = executablePath
  ? undefined
  : "no Chromium on this machine: install one, or give its path in CHROMIUM_PATH";

/** A page of a browser, and its complaints. */
export interface Tab {
  readonly page: Page;
  /** Errors and warnings of the console, and uncaught errors. */
  readonly complaints: string[];
}

/** A headless Chromium for a file's tests. If a test fails, the content of its pages is printed. */
export function useBrowser(): { openTab(): Promise<Tab> } {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!executablePath) return;
    browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    });
  });
  afterAll(() => browser?.close());

  return {
    async openTab() {
      if (!browser) throw new Error("The browser is there within tests only.");
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      onTestFailed(async () => {
        if (page.isClosed()) return;
        console.error([`${page.url()} shows:`, await page.innerText("body"), ...complaints].join("\n"));
        await page.close();
      });
      return { page, complaints };
    },
  };
}
