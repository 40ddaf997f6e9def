import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocks, codeIn, pages, readPage, root, tableRows } from "./support/docs.js";
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
    const defaults = (page: string, column: number) =>
      tableRows(page)
        .filter(([name = ""]) => /^`[A-Z_]+`$/.test(name))
        .map((cells): [string, string] => [codeIn(cells[0]), cells[column] ?? ""]);
    const settings = defaults(path, 1);

    expect(settings).toHaveLength(10);
    expect(defaults("docs/configuration.md", 2)).toEqual(expect.arrayContaining(settings));
  });

  test("has every folder of src in its layout", () => {
    const folders = readdirSync(join(root, "src"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "generated")
      .map(({ name }) => `src/${name}/`);
    const documented = tableRows(path).map(([folder]) => codeIn(folder));

    expect(documented.filter((folder) => folder.startsWith("src/")).toSorted()).toEqual(folders.toSorted());
  });
});
