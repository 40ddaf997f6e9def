import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { settingsPage } from "../../scripts/settingsPage.js";
import { settingNames } from "../../src/config/settings.js";

test("docs/configuration.md has each setting, as it is", () => {
  const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");

  expect(page, "npm run settings writes the page").toBe(settingsPage());
  for (const name of settingNames) expect(page).toContain(`\n| \`${name}\` |`);
});
