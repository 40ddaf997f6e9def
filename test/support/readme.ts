import { readFileSync } from "node:fs";

export const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** What the README shows in a language, block by block. */
export const blocks = (language: string): string[] =>
  Array.from(readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm")), ([, text]) =>
    String(text),
  );

/** The block that begins with this comment. */
export function block(language: string, comment: string): string {
  const found = blocks(language).find((text) => text.startsWith(`# ${comment}\n`));
  if (found === undefined)
    throw new Error(`The README shows no ${language} that begins with "# ${comment}".`);
  return found;
}
