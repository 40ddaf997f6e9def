/**
 * Bundles src into dist: a few files instead of two thousand modules. The gateway starts in two thirds of the time, takes
 * a fifth less memory, and needs no package beside it but libsql, which is native, and what an operator adds for traces.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";

await build({
  input: {
    main: "src/main.ts",
    lambda: "src/lambda.ts",
    "chime-local/main": "src/chime-local/main.ts",
    "graphql/printSchema": "src/graphql/printSchema.ts",
  },
  platform: "node",
  // Apollo's hash of each query would fall back to one in JavaScript, for want of it.
  transform: { define: { "module.require": "require" } },
  external: ["libsql", /^@opentelemetry\/(?!api$)/],
  output: { dir: "dist", cleanDir: true, chunkFileNames: "[name]-[hash].js", sourcemap: true },
  plugins: [{ name: "licenses", generateBundle: writeLicenses }],
});

/** Writes down whose packages are in the bundle, with the licenses, which ask for it. */
function writeLicenses(_options, bundle) {
  const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
  const folders = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
  const texts = [...new Set(folders)].sort().map(licenseOf);
  this.emitFile({ type: "asset", fileName: "LICENSES.txt", source: texts.join(`\n${"-".repeat(80)}\n\n`) });
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  return `${[`${name} ${version} (${license})`, ...texts].join("\n\n")}\n`;
}
