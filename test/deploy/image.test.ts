import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { settingNames } from "../../src/config/settings.js";
import { packageJson } from "../../src/packageJson.js";
import { startCollector } from "../support/collector.js";
import { blocks } from "../support/docs.js";
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
    // This checkout has the packages already.
    "npm ci --ignore-scripts": (into) =>
      symlink(join(repository, "node_modules"), join(into, "node_modules")),
  });
  port = await freePort();
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }), 120_000);

/** The container's environment, with an address and ports that are free here. */
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
  test("runs as an unprivileged user, exposes its port, and sets existing settings only", () => {
    expect(image).toMatchObject({ user: "node", volumes: ["/data"], ports: [image.env["PORT"]] });
    expect(image.env).toMatchObject({ NODE_ENV: "production", HOST: "0.0.0.0" });
    for (const name of Object.keys(image.env)) expect([...settingNames, "NODE_ENV"]).toContain(name);
    expect(statSync(join(image.root, "data")).mode & 0o1777).toBe(0o1777);
  });

  test("contains only what it runs, in at most 30 MB", () => {
    expect(readdirSync(image.root).toSorted()).toEqual(["app", "data"]);
    expect(readdirSync(image.folder).toSorted()).toEqual([
      "LICENSE",
      "dist",
      "node_modules",
      "package.json",
      "schema",
    ]);
    expect(readdirSync(join(image.folder, "node_modules")).toSorted()).toEqual([
      "@libsql",
      "@neon-rs",
      "detect-libc",
      "libsql",
    ]);
    expect(sizeOf(image.folder)).toBeLessThan(30 * MB);
  });

  test("has the licenses of the packages in the bundle", () => {
    const licenses = readFileSync(join(image.folder, "dist", "LICENSES.txt"), "utf8");
    const { packages } = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as {
      packages: Record<string, { version: string }>;
    };
    for (const name of ["fastify", "undici", "@apollo/server", "@aws-sdk/client-chime", "graphql"])
      expect(licenses).toContain(`\n${name} ${packages[`node_modules/${name}`]?.version} (`);
  });

  test("maps the gateway's code to src, without the sources, and no other code", () => {
    const maps = readdirSync(join(image.folder, "dist"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".map"))
      .map((file) => JSON.parse(readFileSync(join(image.folder, "dist", file), "utf8")));
    const sources: string[] = maps.flatMap((map) => map.sources);
    for (const map of maps) expect(map).not.toHaveProperty("sourcesContent");
    for (const file of ["main.ts", "server/app.ts"])
      expect(sources).toContainEqual(expect.stringMatching(new RegExp(`\\.\\./src/${file}$`)));
    expect(sources.filter((source) => !/^(\.\.\/)+src\//.test(source))).toEqual([]);
    expect(image.command).toContain("--enable-source-maps");
  });

  test("is built from what it needs: nothing else in the folder gets into it", () => {
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

  test("does not start until CHIME_MODE and AUTH are set", async () => {
    const { code, stderr } = await runProcess(image.command, {
      cwd: image.folder,
      env: {
        ...image.env,
        HOST: String(image.env["HOST"]),
      },
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
      expect(gateway.stdout).not.toContain("graphiql");
      const { data } = await ask(gateway.url, { query: "{ accounts(first: 1) { nodes { name } } }" });
      expect(data.accounts.nodes).toHaveLength(1);
    } finally {
      expect(await gateway.stop()).toBe(0);
    }
    expect(existsSync(join(image.root, "data", "chime.db"))).toBe(true);
  }, 60_000);
});

test("the image of docs/operations.md with OpenTelemetry's SDK exports its spans", async () => {
  const recipe = blocks("docs/operations.md", "dockerfile")[0] ?? "";
  const range = packageJson.peerDependencies["@opentelemetry/sdk-node"];
  const install = `npm install --ignore-scripts @opentelemetry/sdk-node@${range}`;
  expect(recipe).toContain(`RUN ${install}\n`);
  const into = join(folder, "with-tracing");
  await mkdir(into);
  const file = join(into, "Dockerfile");
  await writeFile(file, recipe);
  const traced = await build(
    file,
    into,
    into,
    { [install]: (at) => symlink(join(repository, "node_modules"), join(at, "node_modules")) },
    { "chime-graphql-gateway": image },
  );
  expect(traced).toMatchObject({ user: image.user, command: image.command, ports: image.ports });
  const collector = await startCollector();
  onTestFinished(() => void collector.close());
  const gateway = await startProcess(traced.command, {
    cwd: traced.folder,
    env: environment({
      CHIME_MODE: "local",
      CHIME_LOCAL_DATA: ":memory:",
      AUTH: "none",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    }),
  });
  await ask(gateway.url, { query: "query Name { __typename }" });
  expect(await gateway.stop()).toBe(0);
  expect(collector.spans().map(({ name }) => name)).toEqual(["query Name"]);
}, 60_000);

test("the embedded Chime of the image listens where CHIME_LOCAL_HOST has it, so that its port can be published", async () => {
  const local = { CHIME_MODE: "local", CHIME_LOCAL_DATA: ":memory:", AUTH: "none" };
  const chimePort = await freePort();
  // Stands for the container's address.
  const address = `http://127.0.0.2:${chimePort}/_local/health`;
  for (const [host, isReached] of [
    ["", false],
    ["127.0.0.2", true],
  ] as const) {
    const gateway = await startProcess(image.command, {
      cwd: image.folder,
      env: environment({ ...local, CHIME_LOCAL_HOST: host, CHIME_LOCAL_PORT: String(chimePort) }),
    });
    try {
      const { errors } = await ask(gateway.url, { query: "{ accounts(first: 1) { nodes { name } } }" });
      expect(errors).toBeUndefined();
      const response = await fetch(address).catch(() => undefined);
      expect(response?.ok ?? false).toBe(isReached);
    } finally {
      await gateway.stop();
    }
  }
}, 60_000);

/** Bytes of all files in a folder. */
const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
