import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Names of earlier versions, as whole words or parts of camelCase names. The field's terms replace them. */
const retiredNames =
  /patience|leash|(?<![a-z])paced?(?![a-z])|savings|savedBy|deduplicated|quicken|forgetAll|knowAccount|knowUser|findProblem|prepareToStop|atDoor|inputProblems|ownAccounts|unfit|misfit|fixable|nothingKnown|fewest/i;

/** Wording that reads as a translation, or treats software as a person. */
const retiredPhrases =
  /\b(?:whoever|whomever|strangers?|to be had|be told|at the door|so many|so long as|the house)\b|(?<!\bthere )\bis no (?!longer\b)|\b(?:Chime|the gateway|Redis|the SDK|it) (?:says|said|tells|told|knows)\b/i;

const root = new URL("../", import.meta.url);
const files = ["src", "schema"].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|graphql)$/.test(file) && !file.startsWith("generated"))
    .map((file) => `${folder}/${file}`),
);

test.each([
  ["names", retiredNames],
  ["phrases", retiredPhrases],
])("the code and the schema use no retired %s", (_kind, retired) => {
  const found = files.flatMap((file) =>
    readFileSync(new URL(file, root), "utf8")
      .split("\n")
      .flatMap((line, index) => (retired.test(line) ? `${file}:${index + 1} ${line.trim()}` : [])),
  );

  expect(files.length).toBeGreaterThan(100);
  expect(found).toEqual([]);
});
