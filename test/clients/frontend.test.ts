import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { createViteServer } from "vitest/node";
import { ask, useHarness } from "../support/fixture.js";

const harness = useHarness();
const root = fileURLToPath(new URL("../../", import.meta.url));
const app = fileURLToPath(new URL("./app/", import.meta.url));
const page = readFileSync(join(root, "docs/frontend.md"), "utf8");

/** The files on the page, by name: a line with the name, then a block with the text. */
const files = new Map(
  Array.from(page.matchAll(/^`([\w/.]+)`\n\n```\w+\n([\s\S]*?)^```/gm), ([, name = "", text = ""]) => [
    name,
    text,
  ]),
);

describe("the page for frontend developers", () => {
  test("shows exactly the client that the other tests here run", () => {
    const sources = readdirSync(app)
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => [`src/${name}`, readFileSync(join(app, name), "utf8")] as const);

    const configurations = ["codegen.yml", "vite.config.ts"].map((name) => [name, files.get(name)] as const);

    expect(files).toEqual(new Map([...sources, ...configurations]));
    expect(page.match(/^```(ts|tsx|js|yaml|graphql)$/gm)).toHaveLength(files.size);
  });

  test("has a codegen configuration that generates this client's types from a running gateway", async () => {
    const project = mkdtempSync(join(tmpdir(), "frontend-"));
    onTestFinished(() => rmSync(project, { recursive: true }));
    symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
    cpSync(app, join(project, "src"), { recursive: true, filter: (path) => basename(path) !== "gql" });
    writeFileSync(
      join(project, "codegen.yml"),
      (files.get("codegen.yml") ?? "").replace("http://127.0.0.1:4000", harness.url),
    );
    const codegen = createRequire(import.meta.url).resolve("@graphql-codegen/cli/package.json");
    await promisify(execFile)(process.execPath, [join(codegen, "../esm/bin.js"), "--silent"], {
      cwd: project,
    });

    for (const name of ["fragment-masking.ts", "gql.ts", "graphql.ts"])
      expect(readFileSync(join(project, "src/gql", name), "utf8")).toBe(
        readFileSync(join(app, "gql", name), "utf8"),
      );
  }, 60_000);

  test("has a configuration for Vite with which a development server passes requests on", async () => {
    const project = mkdtempSync(join(tmpdir(), "vite-"));
    onTestFinished(() => rmSync(project, { recursive: true }));
    symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
    writeFileSync(
      join(project, "vite.config.ts"),
      (files.get("vite.config.ts") ?? "").replace("http://127.0.0.1:4000", harness.url),
    );
    const server = await createViteServer({
      root: project,
      logLevel: "silent",
      server: { host: "127.0.0.1", port: 0 },
    });
    onTestFinished(() => server.close());
    await server.listen();
    const [url = ""] = server.resolvedUrls?.local.map((local) => new URL(local).origin) ?? [];

    expect(await ask(url, { query: "{ __typename }" }, { origin: url })).toEqual({
      data: { __typename: "Query" },
    });
    const headers = { accept: "application/json", "sec-fetch-site": "same-origin" };
    expect((await fetch(`${url}/graphql?query={__typename}`, { headers })).status).toBe(200);
  });

  test("installs the versions that the tests use", () => {
    const { devDependencies, dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const installed = Array.from(page.matchAll(/npm install (?:--save-dev )?([^`\n]+)/g), ([, names = ""]) =>
      names.split(" "),
    ).flat();

    expect(installed).toContain("@apollo/client");
    expect(Object.keys({ ...devDependencies, ...dependencies })).toEqual(expect.arrayContaining(installed));
  });
});
