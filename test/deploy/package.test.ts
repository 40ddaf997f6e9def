import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { cp, mkdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentedGroups } from "../../src/config/settings.js";
import { ask } from "../support/graphqlClient.js";
import { npmEnv, repository, runProcess, startProcess } from "../support/processes.js";
import { startRegistry } from "./registry.js";

const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
const { name, version } = manifest;
const folder = mkdtempSync(join(tmpdir(), "package-"));
const tarball = join(folder, `${name}-${version}.tgz`);
/** The folder that it is installed in. */
const home = join(folder, "home");
/** The folder that it is started in. */
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
  // Packing builds again, in a copy: other tests run the programs in dist.
  const copy = join(folder, "copy");
  const left = [".git", "node_modules", "dist", "generated", "gql", ".chime-local"];
  await cp(repository, copy, { recursive: true, filter: (path) => !left.includes(basename(path)) });
  await symlink(join(repository, "node_modules"), join(copy, "node_modules"));
  await npm(["pack", "--silent", "--pack-destination", folder], copy);
  for (const empty of [home, elsewhere]) await mkdir(empty);
  const registry = await startRegistry(manifest, tarball, await npm(["config", "get", "registry"], folder));
  const quietly = ["--ignore-scripts", "--no-audit", "--no-fund"];
  // --prefix: npm would otherwise install into a package in a folder above.
  await npm(["install", "--prefix", home, "--registry", registry.url, ...quietly, name], home);
  registry.close();
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }), 120_000);

describe("the package", () => {
  test("holds the programs with maps to their sources, the contract, and files to deploy it", async () => {
    const { stdout } = await run(["tar", "-tzf", tarball], folder);
    const files = stdout.trim().split("\n");
    const others = files.filter((file) => !file.startsWith("package/dist/"));
    const folders = ["schema", "deploy"].flatMap((each) =>
      readdirSync(join(repository, each)).map((file) => `${each}/${file}`),
    );
    const expected = ["CHANGELOG.md", "LICENSE", "README.md", "package.json", ...folders];
    expect(others.toSorted()).toEqual(expected.map((file) => `package/${file}`).toSorted());

    const modules = readdirSync(join(repository, "src"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `package/dist/${file.replace(/\.ts$/, ".js")}`);
    const programs = files.filter((file) => file.startsWith("package/dist/"));
    expect(programs.toSorted()).toEqual(modules.flatMap((file) => [file, `${file}.map`]).toSorted());
    expect(statSync(tarball).size).toBeLessThan(400_000);
  });

  test("has maps that lead to src, without the sources", () => {
    const dist = join(home, "node_modules", name, "dist");
    const map = JSON.parse(readFileSync(join(dist, "server", "app.js.map"), "utf8"));
    expect(map.sources).toEqual(["../../src/server/app.ts"]);
    expect(map).not.toHaveProperty("sourcesContent");
    expect(readFileSync(join(dist, "main.js"), "utf8")).toMatch(/^#!.* node --enable-source-maps\n/);
  });

  test("runs by its name in any folder, and keeps its state there, as it reports", async () => {
    const gateway = await startProcess(bin, {
      cwd: elsewhere,
      env: { PORT: "0", CHIME_LOCAL_PORT: "0", CHIME_LOCAL_USERS: "0" },
    });
    try {
      expect(gateway.stdout).toContain(`"chimeData":"${join(elsewhere, ".chime-local", "chime.db")}"`);
      const { data } = await ask(gateway.url, { query: "{ accounts(first: 1) { nodes { name } } }" });
      expect(data.accounts.nodes).toHaveLength(1);
    } finally {
      expect(await gateway.stop()).toBe(0);
    }
    expect(readdirSync(join(elsewhere, ".chime-local"))).toContain("chime.db");
  }, 60_000);

  test("prints its schema without a start, for any prefix and for routers without scopes", async () => {
    const before = readdirSync(elsewhere);
    const print = (...args: string[]) => run([...bin, "--print-schema", ...args], elsewhere);
    const { code, stdout, stderr } = await print("--no-scopes", "--prefix", "Chime");

    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^type ChimeUser implements ChimeNode @key/m);
    expect(stdout).not.toContain("@requiresScopes");
    expect((await print()).stdout).toMatch(/^type User implements Node @key[\s\S]*@requiresScopes/m);
    expect(await print("--prefix", "chime")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^--prefix must be .*\n$/),
    });
    expect(readdirSync(elsewhere)).toEqual(before);
  }, 60_000);

  test("exports the Lambda handler", async () => {
    const script = `import("${name}/lambda").then(() => console.log("loaded"))`;
    const env = { CHIME_MODE: "remote", AUTH: "none" };
    expect((await run(["node", "-e", script], home, env)).stdout).toBe("loaded\n");
  });
});

describe("the program's arguments:", () => {
  test("--help lists each setting in its group, with its values, its default and its meaning", async () => {
    const { code, stdout, stderr } = await run([...bin, "--help"], elsewhere);
    expect([code, stderr]).toEqual([0, ""]);
    const told = stdout.replaceAll(/\s+/g, " ");
    for (const { title, settings } of documentedGroups) {
      expect(stdout).toContain(`\n${title}\n`);
      for (const { name: setting, values, fallback, ifUnset = fallback, meaning } of settings) {
        const shown = ifUnset === undefined ? "" : ` (default: ${ifUnset})`;
        expect(told).toContain(` ${setting}: ${values}${shown} ${meaning}`.replaceAll("`", ""));
      }
    }
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    expect((await run([...bin, "-h"], elsewhere)).stdout).toBe(stdout);
  });

  test("--version prints the package's version", async () => {
    expect(await run([...bin, "--version"], elsewhere)).toEqual({
      code: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
  });

  test("an unknown argument is named without its value, which may be secret, and nothing starts", async () => {
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
  }, 60_000);
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
