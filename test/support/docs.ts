import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The documentation's pages, by their paths in the repository. */
export const pages: ReadonlyMap<string, string> = new Map(
  [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ...readdirSync(join(root, "docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ].map((path) => [path, readFileSync(join(root, path), "utf8")]),
);

export function readPage(path: string): string {
  const text = pages.get(path);
  if (text === undefined) throw new Error(`The documentation has no page ${path}.`);
  return text;
}

/** The code blocks of a page in a language. */
export const blocks = (path: string, language: string): string[] =>
  Array.from(
    readPage(path).matchAll(new RegExp(`^( *)\`\`\`${language}\n([\\s\\S]*?)^ *\`\`\``, "gm")),
    ([, indent = "", text = ""]) => text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );

/** The code block that begins with this comment. */
export function block(path: string, language: string, comment: string): string {
  const found = blocks(path, language).find((text) => text.startsWith(`# ${comment}\n`));
  if (found === undefined)
    throw new Error(`${path} has no ${language} block that begins with "# ${comment}".`);
  return found;
}

/** The rows of a page's tables: each the cells of a row. */
export const tableRows = (path: string): string[][] =>
  readPage(path)
    .split("\n")
    .filter((line) => /^ *\|(?! ---)/.test(line))
    .map((line) =>
      line
        .trim()
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );

/** What a cell has in its first pair of backticks. */
export const codeIn = (cell = ""): string => /`([^`]+)`/.exec(cell)?.[1] ?? "";

/** The anchors of a page's headings, as GitHub makes them. */
export const anchors = (path: string): string[] =>
  Array.from(readPage(path).matchAll(/^#+ (.+)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
