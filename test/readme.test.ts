import { describe, expect, test } from "vitest";
import { blocks, codeIn, pages, readPage, tableRows } from "./support/docs.js";
import { useHarness } from "./support/fixture.js";

const harness = useHarness();
const path = "README.md";

describe("the README", () => {
  test("shows a query with the response that it gets", async () => {
    const [query] = blocks(path, "graphql");
    const [response] = blocks(path, "json");

    expect(JSON.parse(String(response))).toEqual(await harness.ask(String(query)));
  });

  test("has at most 180 lines", () => {
    expect(readPage(path).trimEnd().split("\n").length).toBeLessThanOrEqual(180);
  });

  test("links to every page of the documentation", () => {
    for (const page of pages.keys()) if (page !== path) expect(readPage(path)).toContain(`](${page})`);
  });

  test("has ten settings, with the defaults of the page that lists all", () => {
    const all = new Map(
      tableRows("docs/configuration.md").map((cells) => [codeIn(cells[0]), cells.map(codeIn)]),
    );
    const settings = tableRows(path).filter(([name = ""]) => /^`[A-Z_]+`$/.test(name));

    expect(settings).toHaveLength(10);
    for (const [name, fallback] of settings) {
      const documented = all.get(codeIn(name));
      expect(documented, name).toBeDefined();
      if (fallback) expect(documented, name).toContain(codeIn(fallback));
    }
  });
});
