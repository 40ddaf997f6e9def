import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** Violations that remain. The list must be exact, so it can only become shorter. */
const knownViolations: readonly string[] = [];

const root = fileURLToPath(new URL("..", import.meta.url));
const maxLines = 300;
/** For folders of src only: test/support and test/chaos are flat, and have more. */
const maxFilesPerFolder = 20;

/** Parts of src, the outermost first: each may import those after it. `start` is the files of src itself. */
const layers = ["start", "server", "graphql", "chime"];
/** Parts that every layer may import. */
const leaves = [
  "telemetry",
  "stores",
  "config",
  "chime-api",
  "packageJson",
  "publicError",
  "network",
  "outboundProxy",
];
/** Parts that a leaf may import; `telemetry` may also import types of `stores`. */
const importsOfLeaves: Readonly<Record<string, readonly string[]>> = {
  telemetry: ["packageJson", "outboundProxy"],
  config: ["telemetry", "network"],
  "chime-local": ["chime-api", "network"],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

const isGenerated = (file: string): boolean => /^src\/generated\/|\/gql\//.test(file);

const files = ["src", "test", "bench", "scripts"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|tsx|js)$/.test(file) && !/(^|\/)(node_modules|dist|contenders)\//.test(file))
    .map((file) => `${folder}/${file}`),
);
const imports = files.flatMap(importsOf);

/** Imports of our own files, types and dynamic imports included. */
function importsOf(from: string): Import[] {
  const text = readFileSync(join(root, from), "utf8");
  const found = text.matchAll(
    /^(?:import|export)( type)?\b[^;"']*?["'](\.[^"']+)["'];|\bimport\("(\.[^"]+)"\)/gm,
  );
  return Array.from(found, ([, type, specifier, dynamic]) => {
    const path = join(dirname(from), specifier ?? dynamic ?? "");
    const candidates = [".ts", ".tsx", ".js"].map((extension) => path.replace(/\.js$/, extension));
    // A test may contain the text of another program, whose imports name no file here.
    const to = candidates.find((candidate) => existsSync(join(root, candidate)));
    return to === undefined ? [] : [{ from, to, isType: type !== undefined }];
  }).flat();
}

function partOf(file: string): string {
  const [, part = "", ...rest] = file.split("/");
  // The types of the schema refer to the resolvers' context and results, and only resolvers import them.
  if (part === "generated") return "graphql";
  // The program of the embedded Chime.
  if (file === "src/chime-local/main.ts") return "start";
  const name = part.replace(/\.ts$/, "");
  return rest.length > 0 || (leaves.includes(name) && name !== "config") ? name : "start";
}

function isAllowed({ from, to, isType }: Import): boolean {
  const [part, imported] = [partOf(from), partOf(to)];
  if (part === imported || part === "start") return true;
  if (layers.includes(part))
    return leaves.includes(imported) || layers.indexOf(imported) > layers.indexOf(part);
  if (part === "telemetry" && imported === "stores") return isType;
  return importsOfLeaves[part]?.includes(imported) ?? false;
}

/** Groups of files that import each other, be it by way of others. */
function cycles(): string[] {
  const reached = new Map(
    files.map((file) => {
      const found = new Set<string>();
      const queue = [file];
      for (const each of queue)
        for (const { from, to } of imports)
          if (from === each && !found.has(to)) {
            found.add(to);
            queue.push(to);
          }
      return [file, found];
    }),
  );
  return files
    .filter((file) => reached.get(file)?.has(file))
    .map((file) =>
      files.filter((other) => reached.get(file)?.has(other) && reached.get(other)?.has(file)).join(", "),
    );
}

/** Fails for a violation that is not known, and for a known one that no longer exists. */
function expectKnown(rule: string, violations: readonly string[]): void {
  const found = new Set(violations.map((violation) => `${rule}: ${violation}`));
  const known = knownViolations.filter((violation) => violation.startsWith(`${rule}: `));
  expect([...found].toSorted()).toEqual(known.toSorted());
}

test("imports of src point one way: start, server, graphql, chime; the other parts are leaves", () => {
  const violations = imports.filter((each) => each.from.startsWith("src/") && !isAllowed(each));
  expectKnown(
    "direction",
    violations.map(({ from, to }) => `${from} imports ${to}`),
  );
});

test("test and bench share test/support, and do not import each other otherwise", () => {
  const folderOf = (file: string) => file.slice(0, file.indexOf("/"));
  const violations = imports.filter(
    ({ from, to }) =>
      folderOf(from) !== folderOf(to) &&
      ["test", "bench"].includes(folderOf(to)) &&
      !(to.startsWith("test/support/") && folderOf(from) === "bench"),
  );
  expectKnown(
    "direction of tests",
    violations.map(({ from, to }) => `${from} imports ${to}`),
  );
});

test("the chaos modules import each other and test/support only: they run against the built programs", () => {
  const violations = imports.filter(
    ({ from, to }) => from.startsWith("test/chaos/") && !/^test\/(chaos|support)\//.test(to),
  );
  expectKnown(
    "chaos",
    violations.map(({ from, to }) => `${from} imports ${to}`),
  );
});

test("no file imports itself by way of others, not even a type", () => {
  expectKnown("cycle", cycles());
});

test(`no file has more than ${maxLines} lines`, () => {
  const lengthOf = (file: string) => readFileSync(join(root, file), "utf8").trimEnd().split("\n").length;
  expectKnown(
    "length",
    files.filter((file) => !isGenerated(file) && lengthOf(file) > maxLines),
  );
});

test(`no folder of src has more than ${maxFilesPerFolder} files`, () => {
  const folders = files.filter((file) => file.startsWith("src/")).map((file) => dirname(file));
  const sizeOf = (folder: string) => folders.filter((other) => other === folder).length;
  expectKnown(
    "size",
    folders.filter((folder) => sizeOf(folder) > maxFilesPerFolder),
  );
});

test("files have names in camelCase", () => {
  expectKnown(
    "name",
    files.filter(
      (file) => !isGenerated(file) && !/^[a-z][A-Za-z0-9]*(\.test|\.d)?\.(ts|tsx|js)$/.test(basename(file)),
    ),
  );
});
