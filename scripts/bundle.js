/**
 * Bundles the gateway into dist-bundle, a folder that runs as it is: a few files start in half the time of a thousand
 * modules. The image and AWS Lambda run it; `npm start` and the npm package run plain modules.
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";

const folder = "dist-bundle";
rmSync(folder, { recursive: true, force: true });

await build({
  input: {
    main: "src/main.ts",
    lambda: "src/lambda.ts",
    "chime-local/main": "src/chime-local/main.ts",
  },
  platform: "node",
  // Without it, Apollo hashes queries in JavaScript.
  transform: { define: { "module.require": "require" } },
  // libsql is native; operators add OpenTelemetry's SDK.
  external: ["libsql", /^@opentelemetry\/(?!api$)/],
  output: {
    dir: join(folder, "dist"),
    chunkFileNames: ({ name }) => `${name.split("~")[0]}-[hash].js`,
    codeSplitting: { groups: [{ name: "packages", test: /\/node_modules\//, entriesAware: true }] },
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
  plugins: [
    { name: "own-maps", generateBundle: keepOwnMaps },
    { name: "licenses", generateBundle: writeLicenses },
  ],
});

const { dependencies, devDependencies, overrides, scripts, bin, exports, files, ...manifest } =
  readJson("package.json");
writeFileSync(
  join(folder, "package.json"),
  JSON.stringify({ ...manifest, dependencies: { libsql: dependencies.libsql } }, null, 2),
);
for (const path of ["LICENSE", "schema"]) cpSync(path, join(folder, path), { recursive: true });
copyPackage("libsql");

/** Packages' own files have no maps here: stack traces lead to src, and maps of packages are larger than their code. */
function keepOwnMaps(_options, bundle) {
  for (const [name, file] of Object.entries(bundle)) {
    if (file.type !== "chunk" || !file.moduleIds.every((id) => packageOf(id) !== undefined)) continue;
    file.code = file.code.replace(/\n\/\/# sourceMappingURL=.*\n?$/, "\n");
    delete bundle[`${name}.map`];
  }
}

/** Lists the packages in the bundle with their licenses, as these require. */
function writeLicenses(_options, bundle) {
  const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
  const packages = new Set(modules.map(packageOf).filter((path) => path !== undefined));
  const texts = [...packages].sort().map(licenseOf);
  this.emitFile({ type: "asset", fileName: "LICENSES.txt", source: texts.join(`\n${"-".repeat(80)}\n\n`) });
}

/** The folder of the package that a module belongs to; undefined for ours. */
function packageOf(id) {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];
}

function licenseOf(path) {
  const { name, version, license } = readJson(join(path, "package.json"));
  const files = readdirSync(path).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(join(path, file), "utf8").trim());
  return `${[`${name} ${version} (${license})`, ...texts].join("\n\n")}\n`;
}

/** Copies a package that is installed here, and the packages that it requires. */
function copyPackage(name) {
  const path = join("node_modules", name);
  if (!existsSync(path)) return;
  cpSync(path, join(folder, path), { recursive: true });
  const { dependencies, optionalDependencies } = readJson(join(path, "package.json"));
  for (const required of Object.keys({ ...dependencies, ...optionalDependencies })) copyPackage(required);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
