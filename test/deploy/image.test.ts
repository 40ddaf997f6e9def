import { existsSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import { rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { settings } from "../../src/config.js";
import { ask } from "../support/graphqlClient.js";
import { freePort, repository, runProcess, startProcess } from "../support/processes.js";
import { build, type Image, isIgnored } from "./dockerfile.js";

const MB = 1_000_000;
let folder: string;
let image: Image;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "image-"));
  image = await build(join(repository, "deploy", "Dockerfile"), repository, folder, {
    // It is what this checkout has been given already. That of the dependencies is what the image runs on: it is done.
    "npm ci --ignore-scripts": (into) =>
      symlink(join(repository, "node_modules"), join(into, "node_modules")),
  });
  port = await freePort();
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }), 120_000);

/** What the container's environment is, with what must not be the same here. */
const environment = (more: Record<string, string>) => ({
  ...image.env,
  CHIME_LOCAL_DATA: join(image.root, image.env["CHIME_LOCAL_DATA"] ?? ""),
  CHIME_LOCAL_PORT: "0",
  CHIME_LOCAL_USERS: "0",
  ...more,
  HOST: "127.0.0.1",
  PORT: String(port),
});

describe("the image", () => {
  test("runs as an unprivileged user, exposes its port, and sets only known settings", () => {
    expect(image).toMatchObject({ user: "node", volumes: ["/data"], ports: [image.env["PORT"]] });
    expect(image.env).toMatchObject({ NODE_ENV: "production", HOST: "0.0.0.0" });
    for (const name of Object.keys(image.env)) expect(Object.keys(settings.shape)).toContain(name);
    expect(statSync(join(image.root, "data")).mode & 0o1777).toBe(0o1777);
  });

  test("contains what it needs, and at most 30 MB of dependencies", () => {
    expect(readdirSync(image.root).toSorted()).toEqual(["app", "data"]);
    expect(readdirSync(image.folder).toSorted()).toEqual([
      "LICENSE",
      "dist",
      "node_modules",
      "package.json",
      "schema",
    ]);
    for (const tool of ["fastify", "typescript", "vitest", "@graphql-codegen", "@biomejs"])
      expect(existsSync(join(image.folder, "node_modules", tool))).toBe(false);
    const sizes = packageSizes(join(image.folder, "node_modules"));
    const all = sizes.reduce((sum, { size }) => sum + size, 0);
    const largest = sizes.slice(0, 5).map(({ name, size }) => `${name} ${(size / MB).toFixed(1)} MB`);
    expect(all, `The largest are ${largest.join(", ")}.`).toBeLessThan(30 * MB);
  });

  test("is built only from the files that it needs", () => {
    const ignored = (path: string) => isIgnored(join(repository, ".dockerignore"), path);
    for (const path of ["src/main.ts", "schema/user.graphql", "package-lock.json", "LICENSE"])
      expect(ignored(path), path).toBe(false);
    for (const path of [
      ".env",
      ".git/config",
      ".npmrc",
      ".chime-local/chime.db",
      "node_modules/fastify/package.json",
      "src/generated/schema.ts",
      "test/main.test.ts",
    ])
      expect(ignored(path), path).toBe(true);
  });

  test("does not start without CHIME_MODE and AUTH", async () => {
    const { code, stderr } = await runProcess(image.command, {
      cwd: image.folder,
      env: { ...image.env, HOST: String(image.env["HOST"]) },
    });
    expect(code).toBe(1);
    expect(stderr.split("\n")).toEqual([
      expect.stringMatching(/^CHIME_MODE must be set/),
      expect.stringMatching(/^AUTH must be set/),
      "",
    ]);
  });

  test("starts, is healthy, answers, stops on SIGTERM, and keeps its state on the volume", async () => {
    const env = environment({ CHIME_MODE: "local", AUTH: "none" });
    expect((await runProcess(image.healthCheck, { cwd: image.folder, env })).code).toBe(1);
    const gateway = await startProcess(image.command, { cwd: image.folder, env });
    try {
      expect((await runProcess(image.healthCheck, { cwd: image.folder, env })).code).toBe(0);
      expect(gateway.stdout).not.toContain("Sandbox");
      const { data } = await ask(gateway.url, { query: "{ accounts(first: 1) { nodes { name } } }" });
      expect(data.accounts.nodes).toHaveLength(1);
    } finally {
      expect(await gateway.stop()).toBe(0);
    }
    expect(existsSync(join(image.root, "data", "chime.db"))).toBe(true);
  }, 60_000);
});

/** Bytes of files, the largest packages first. */
function packageSizes(modules: string): { name: string; size: number }[] {
  const sizes = new Map<string, number>();
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const [first = "", second = ""] = path.slice(modules.length + 1).split("/");
    const name = first.startsWith("@") ? `${first}/${second}` : first;
    sizes.set(name, (sizes.get(name) ?? 0) + statSync(path).size);
  }
  return Array.from(sizes, ([name, size]) => ({ name, size })).toSorted((a, b) => b.size - a.size);
}
