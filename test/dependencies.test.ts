import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

interface LockedPackage {
  readonly dev?: boolean;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
}

const repository = fileURLToPath(new URL("..", import.meta.url));
const readJson = (file: string) => JSON.parse(readFileSync(join(repository, file), "utf8"));
const { dependencies, devDependencies, peerDependencies, allowScripts } = readJson("package.json");
const locked: [path: string, entry: LockedPackage][] = Object.entries<LockedPackage>(
  readJson("package-lock.json").packages,
).filter(([path]) => path !== "");
const runtime = locked.filter(([, { dev }]) => !dev);

/**
 * Hive's gateway runtime (test/federation/supergraph.ts) imports `@graphql-mesh/transport-<kind>` without declaring it; the
 * subgraphs have the kind http.
 */
const importedByPackages = ["@graphql-mesh/transport-http"];

/** What a module loads, at its start or later. */
const imports = /^(?:(?:import|export|\}).* from |import )"([^"]+)";|\bimport\("([^"$]+)"\)/gm;

/** The packages that modules in these folders or files import, types included. */
function importedBy(...places: readonly string[]): string[] {
  const files = places.flatMap((place) =>
    /\.(js|tsx?)$/.test(place)
      ? [place]
      : readdirSync(join(repository, place), { recursive: true, encoding: "utf8" })
          .filter((file) => /\.(js|tsx?)$/.test(file) && !/(^|\/)(dist|gql|contenders)\//.test(file))
          .map((file) => join(place, file)),
  );
  const specifiers = files.flatMap((file) =>
    Array.from(
      readFileSync(join(repository, file), "utf8").matchAll(imports),
      (match) => match[1] ?? match[2] ?? "",
    ),
  );
  const packages = specifiers
    .filter((specifier) => !specifier.startsWith(".") && !isBuiltin(specifier))
    .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? "");
  return [...new Set(packages)].toSorted();
}

describe("package.json", () => {
  test("has the packages that src imports in dependencies, those for traces as peers, and no other", () => {
    const declared = Object.keys({ ...dependencies, ...peerDependencies });

    expect(importedBy("src")).toEqual(declared.toSorted());
  });

  test("declares every package that tests, benchmarks and scripts import", () => {
    const declared = Object.keys({ ...dependencies, ...devDependencies });
    const imported = importedBy("test", "bench", "scripts", "vitest.config.ts", "eslint.config.js");

    expect(imported).toContain("vitest");
    expect(imported.filter((name) => !declared.includes(name))).toEqual([]);
  });

  test("has no development dependency that nothing uses", () => {
    const files = ["src", "test", "bench", "scripts"].flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.(ts|tsx|js)$/.test(file) && !/(^|\/)(dist|contenders|node_modules)\//.test(file))
        // This file names them to explain them.
        .filter((file) => file !== "dependencies.test.ts")
        .map((file) => join(folder, file)),
    );
    const text = [...files, "package.json", "codegen.yml", "eslint.config.js", "tsconfig.json", "biome.json"]
      .map((file) => readFileSync(join(repository, file), "utf8").replace(/"devDependencies": \{[^}]*\}/, ""))
      .join("\n");
    // TypeScript and codegen.yml name theirs without the prefix.
    const isUsed = (name: string) => text.includes(name) || /^@(types|graphql-codegen)\//.test(name);

    expect(Object.keys(devDependencies).filter((name) => !isUsed(name))).toEqual(importedByPackages);
  });

  test("pins the AWS SDK exactly: the gateway relies on more than it documents", () => {
    const versions = ["@aws-sdk/client-chime", "@aws-sdk/core", "@smithy/core"].map(
      (name) => dependencies[name],
    );

    for (const version of versions) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("lets no package run a script when it is installed", () => {
    const scripted = locked
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => nameOf(path));

    expect(scripted.filter((name) => allowScripts[name] !== false)).toEqual([]);
  });
});

const permissive = ["0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

/** An SPDX expression without nested parentheses. */
const isPermissive = (license: unknown): boolean =>
  typeof license === "string" &&
  license
    .replaceAll(/[()]/g, "")
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((id) => permissive.includes(id)));

test("every package that runs in production has a permissive license", () => {
  const licenses = runtime.map(([path, { license }]) => {
    const file = join(path, "package.json");
    // Builds for other platforms are not installed here.
    return [nameOf(path), existsSync(join(repository, file)) ? readJson(file).license : license];
  });

  expect(licenses.length).toBeGreaterThan(100);
  expect(licenses.filter(([, license]) => !isPermissive(license))).toEqual([]);
});

test.each([
  ["MIT", true],
  ["(MIT AND BSD-3-Clause)", true],
  ["(GPL-3.0-only OR MIT)", true],
  ["MIT AND CC-BY-4.0", false],
  ["Elastic-2.0", false],
  [undefined, false],
])("the license %s is permissive: %s", (license, expected) => {
  expect(isPermissive(license)).toBe(expected);
});

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}
