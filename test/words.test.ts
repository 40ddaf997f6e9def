import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Names of earlier versions: words of a camelCase name, joined by `_`. The field's terms replace them. */
const retiredNames =
  /(?<![a-z])(?:patience|leash|paced?|savings|saved_by|deduplicated|quicken|forget_all|know_account|know_user|find_problem|prepare_to_stop|at_door|input_problems|own_accounts|unfit|misfit|fixable|nothing_known|fewest|cuts_off|logged_call|longest_request|longest_retry_after)(?![a-z])/i;

/** Wording that reads as a translation, or treats software as a person. */
const retiredPhrases =
  /\b(?:whoever|whomever|strangers?|to be had|be told|at the door|so many|so long as|the house)\b|(?<!\bthere )\bis no (?!longer\b)|\b(?:Chime|the gateway|Redis|the SDK|it) (?:says|said|tells|told|knows)\b/i;

const root = new URL("../", import.meta.url);
const code = ["src", "schema"].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|graphql)$/.test(file) && !file.startsWith("generated"))
    .map((file) => `${folder}/${file}`),
);
const texts = ["deploy", "docs"].flatMap((folder) =>
  readdirSync(new URL(folder, root))
    .filter((file) => /\.(ya?ml|md)$|^Dockerfile$/.test(file))
    .map((file) => `${folder}/${file}`),
);

/** `setPace` as `set_Pace`. */
const splitWords = (text: string): string => text.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_");

const tools = ["scripts", "bench"].flatMap((folder) =>
  readdirSync(new URL(folder, root))
    .filter((file) => /\.(ts|js)$/.test(file))
    .map((file) => `${folder}/${file}`),
);
/** Their titles are sentences like those of the documentation. */
const tests = readdirSync(new URL("test", root), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && file !== "words.test.ts")
  .map((file) => `test/${file}`);

const linesWith = (isRetired: (line: string) => boolean, files: readonly string[]): string[] =>
  files.flatMap((file) =>
    readFileSync(new URL(file, root), "utf8")
      .split("\n")
      .flatMap((line, index) => (isRetired(line) ? `${file}:${index + 1} ${line.trim()}` : [])),
  );

test("the code, the schema and the scripts use no retired names", () => {
  expect(code.length).toBeGreaterThan(100);
  expect(linesWith((line) => retiredNames.test(splitWords(line)), [...code, ...tools])).toEqual([]);
});

test.each(["setPace", "pacedCalls", "forgetAll", "PACE_MS", "isUnfit"])("the name %s is found", (name) => {
  expect(splitWords(name)).toMatch(retiredNames);
});

const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];

test("code, schema, scripts, manifests, documentation and test titles use no retired phrases", () => {
  expect(texts.length).toBeGreaterThan(10);
  expect(
    linesWith((line) => retiredPhrases.test(line), [...code, ...tools, ...texts, ...pages, ...tests]),
  ).toEqual([]);
});
