import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { cp, mkdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { settingRows } from "../../src/cli.js";
import { ask } from "../support/graphqlClient.js";
import { npmEnv, repository, runProcess, startProcess } from "../support/processes.js";
import { startRegistry } from "./registry.js";

const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
const { name, version } = manifest;
const folder = mkdtempSync(join(tmpdir(), "package-"));
const tarball = join(folder, `${name}-${version}.tgz`);
/** Where it is installed. */
const home = join(folder, "home");
/** Where it is run. */
const elsewhere = join(folder, "elsewhere");
const bin = [join(home, "node_modules", ".bin", name)];

const run = (command: readonly string[], cwd: string, env: Record<string, string> = {}) =>
  runProcess(command, { cwd, env });

async function npm(args: readonly string[], where: string): Promise<string> {
  const { code, stdout, stderr } = await run(["npm", ...args], where, npmEnv);
  expect(code, stderr).toBe(0);
  return stdout.trim();
}

beforeAll(async () => {
  // Packing builds again, which must not disturb the other tests.
  const copy = join(folder, "copy");
  const left = [".git", "node_modules", "dist", "generated", "gql", ".chime-local"];
  await cp(repository, copy, { recursive: true, filter: (path) => !left.includes(basename(path)) });
  await symlink(join(repository, "node_modules"), join(copy, "node_modules"));
  await npm(["pack", "--silent", "--pack-destination", folder], copy);
  for (const empty of [home, elsewhere]) await mkdir(empty);
  const registry = await startRegistry(manifest, tarball, await npm(["config", "get", "registry"], folder));
  const quietly = ["--ignore-scripts", "--no-audit", "--no-fund"];
  // Without its own package.json it would belong to the package above it.
  await npm(["install", "--prefix", home, "--registry", registry.url, ...quietly, name], home);
  registry.close();
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }), 120_000);

describe("the package", () => {
  test("contains the programs, the contract and what they need, and nothing else", async () => {
    const { stdout } = await run(["tar", "-tzf", tarball], folder);
    const files = stdout
      .trim()
      .split("\n")
      .map((file) => file.replace("package/", ""));
    const programs = ["main", "lambda", "chime-local/main", "graphql/printSchema"].map(
      (entry) => `dist/${entry}.js`,
    );
    const folders = ["schema", "deploy"].flatMap((each) =>
      readdirSync(join(repository, each)).map((file) => `${each}/${file}`),
    );
    const others = ["dist/LICENSES.txt", "CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    const shared = files.filter((file) => /^dist\/[\w.-]+-[\w-]{8}\.js$/.test(file));
    expect(files.toSorted()).toEqual([...programs, ...shared, ...folders, ...others].toSorted());
    expect(statSync(tarball).size).toBeLessThan(5_000_000);
  });

  test("contains nearly all of its dependencies, with their licenses", () => {
    const modules = join(home, "node_modules");
    const installed = readdirSync(modules).filter((entry) => !/^[.@]/.test(entry));
    expect(installed.toSorted()).toEqual([name, "detect-libc", "libsql"].toSorted());
    const licenses = readFileSync(join(modules, name, "dist", "LICENSES.txt"), "utf8");
    const { packages } = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as {
      packages: Record<string, { version: string }>;
    };
    for (const bundled of ["fastify", "undici", "@apollo/server", "@aws-sdk/client-chime", "graphql"])
      expect(licenses).toContain(`\n${bundled} ${packages[`node_modules/${bundled}`]?.version} (`);
  });

  test("runs by its name in any folder, and keeps its state there, as it reports", async () => {
    const gateway = await startProcess(bin, {
      cwd: elsewhere,
      env: { PORT: "0", CHIME_LOCAL_PORT: "0", CHIME_LOCAL_USERS: "0" },
    });
    try {
      expect(gateway.stdout).toContain(`State: ${join(elsewhere, ".chime-local", "chime.db")}\n`);
      const { data } = await ask(gateway.url, { query: "{ accounts(first: 1) { nodes { name } } }" });
      expect(data.accounts.nodes).toHaveLength(1);
    } finally {
      expect(await gateway.stop()).toBe(0);
    }
    expect(readdirSync(join(elsewhere, ".chime-local"))).toContain("chime.db");
  }, 60_000);

  test("exports its Lambda handler", async () => {
    const script = `import("${name}/lambda").then(() => console.log("loaded"))`;
    const env = { CHIME_MODE: "remote", AUTH: "none" };
    expect((await run(["node", "-e", script], home, env)).stdout).toBe("loaded\n");
  });
});

describe("the program's arguments:", () => {
  test("--help lists every setting with its default and its meaning", async () => {
    const { code, stdout, stderr } = await run([...bin, "--help"], elsewhere);
    expect([code, stderr]).toEqual([0, ""]);
    const help = stdout.replaceAll(/\s+/g, " ");
    for (const { name: setting, fallback, meaning } of settingRows())
      expect(help).toContain(
        ` ${setting}${fallback === undefined ? "" : ` (${fallback})`} ${meaning}. `.trimEnd(),
      );
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect((await run([...bin, "-h"], elsewhere)).stdout).toBe(stdout);
  });

  test("--version prints the package's version", async () => {
    expect(await run([...bin, "--version"], elsewhere)).toEqual({
      code: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
  });

  test("an unknown argument is named without a value that may be secret, and nothing starts", async () => {
    for (const [argument, named] of [
      ["serve", "serve"],
      ["--port", "--port"],
      ["--router-secret=0123456789abcdef", "--router-secret"],
    ] as const)
      expect(await run([...bin, argument], elsewhere)).toEqual({
        code: 1,
        stdout: "",
        stderr: `Unknown argument ${named}: settings are environment variables, which --help lists\n`,
      });
  });
});

describe("a secret", () => {
  const ROUTER_SECRET = "correct-horse-battery-staple";
  const LOG_KEY = "an-ocean-of-small-pebbles";

  test("is not printed at the start, by --help, or with invalid settings", async () => {
    const env = { PORT: "0", CHIME_LOCAL_PORT: "0", CHIME_LOCAL_USERS: "0", LOG_LEVEL: "trace" };
    const gateway = await startProcess(bin, { cwd: elsewhere, env: { ...env, ROUTER_SECRET, LOG_KEY } });
    await ask(gateway.url, { query: "{ __typename }" }, { "x-router-secret": ROUTER_SECRET });
    await gateway.stop();
    const wrong = [
      { ROUTER_SECRET: `${ROUTER_SECRET},short` },
      { ROUTER_SECRET: `${ROUTER_SECRET},${ROUTER_SECRET}1,${ROUTER_SECRET}2` },
      { ROUTER_SECRET, LOG_KEY, PORT: "no" },
      { ROUTER_SECRET, CHIME_MODE: "remote" },
    ];
    const ends = await Promise.all(wrong.map((each) => run(bin, elsewhere, { ...env, ...each })));
    const help = await run([...bin, "--help"], elsewhere, { ROUTER_SECRET, LOG_KEY });
    for (const { code } of ends) expect(code).toBe(1);
    const printed = [gateway, help, ...ends].map(({ stdout, stderr }) => stdout + stderr).join();
    for (const secret of [ROUTER_SECRET, LOG_KEY]) expect(printed).not.toContain(secret);
  }, 60_000);
});
