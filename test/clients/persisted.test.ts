import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CombinedGraphQLErrors, gql } from "@apollo/client";
import { printSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { createSchema } from "../../src/graphql/schema.js";
import { ask, useHarness } from "../support/fixture.js";
import { createClient } from "./app/client.js";
import { updateUser } from "./app/license.js";
import { createHashLink, createManifestLink } from "./app/persisted.js";
import { AccountUsers } from "./app/users.js";

const { teamAccountId: accountId, userId } = SEED;
const folder = mkdtempSync(join(tmpdir(), "manifest-"));
const manifest = join(folder, "persisted-query-manifest.json");
const app = fileURLToPath(new URL("./app/", import.meta.url));

const resolve = (program: string) => createRequire(import.meta.url).resolve(program);
const run = (program: string, ...options: string[]) =>
  promisify(execFile)(process.execPath, [resolve(program), ...options], { cwd: folder });

// Before the harnesses below start, which read the manifests.
beforeAll(async () => {
  writeFileSync(
    join(folder, "persisted-query-manifest.config.json"),
    JSON.stringify({ documents: [`${app}*.{ts,tsx}`] }),
  );
  await run("@apollo/generate-persisted-query-manifest/cli.js");
  symlinkSync(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(folder, "node_modules"));
  const schema = join(folder, "schema.graphql");
  writeFileSync(schema, printSchema(createSchema()));

  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src/Names.js"), `graphql\`${namesQuery}\`;\n`);
  writeFileSync(
    join(folder, "relay.config.json"),
    JSON.stringify({
      src: "src",
      schema: "schema.graphql",
      language: "javascript",
      eagerEsModules: false,
      persistConfig: { file: relayManifest },
    }),
  );
  // The compiler adds to the file.
  writeFileSync(relayManifest, "{}");
  await run("relay-compiler/cli.js");

  const preset = { preset: "client", presetConfig: { persistedDocuments: { hashAlgorithm: "sha256" } } };
  writeFileSync(
    join(folder, "codegen.json"),
    JSON.stringify({ schema, documents: `${app}*.{ts,tsx}`, generates: { [`${folder}/gql/`]: preset } }),
  );
  await run(
    join(dirname(resolve("@graphql-codegen/cli/package.json")), "esm/bin.js"),
    "--silent",
    "--config",
    "codegen.json",
  );
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const relayManifest = join(folder, "relay.json");
const presetManifest = join(folder, "gql/persisted-documents.json");
const answer = { data: { account: { name: "Harbor Street Studio" } } };
const namesQuery = "query NamesQuery($accountId: ID!) { account(accountId: $accountId) { name } }";

const harness = useHarness();
const strict = useHarness({ PERSISTED_OPERATIONS: manifest, PERSISTED_OPERATIONS_MODE: "only" });
const relay = useHarness({ PERSISTED_OPERATIONS: relayManifest, PERSISTED_OPERATIONS_MODE: "only" });
const preset = useHarness({ PERSISTED_OPERATIONS: presetManifest, PERSISTED_OPERATIONS_MODE: "only" });

/** The bodies of what is sent from now on, until the test is over. */
function watchRequests(): () => Record<string, unknown>[] {
  const fetching = vi.spyOn(globalThis, "fetch");
  onTestFinished(() => fetching.mockRestore());
  return () => fetching.mock.calls.map(([, init]) => JSON.parse(String(init?.body)));
}

describe("Apollo Client with a persisted query link", () => {
  const readUsers = { query: AccountUsers, variables: { accountId, first: 3 } };

  test("sends a query once, and only its hash afterwards, from any client", async () => {
    const uri = `${harness.url}/graphql`;
    const sent = watchRequests();
    for (const name of ["first", "second"])
      expect(await createClient(uri, createHashLink(uri)).query(readUsers), name).toMatchObject(answer);

    expect(sent().map((body) => "query" in body)).toEqual([false, true, false]);
  });

  test("sends the ids of a generated manifest to a gateway that answers nothing else", async () => {
    const uri = `${strict.url}/graphql`;
    const loadManifest = () => JSON.parse(readFileSync(manifest, "utf8"));
    const apollo = createClient(uri, createManifestLink(uri, { loadManifest }));
    const sent = watchRequests();

    expect(await apollo.query(readUsers)).toMatchObject(answer);
    expect(await updateUser(apollo, { accountId, userId, licenseType: "PRO" })).toMatchObject({
      outcome: "DONE",
    });
    expect(sent().filter((body) => "query" in body)).toEqual([]);
  });

  test("is also answered if it sends the text of an operation in the manifest", async () => {
    expect(await createClient(`${strict.url}/graphql`).query(readUsers)).toMatchObject(answer);
  });

  test("receives an error code if its operation is not in a manifest", async () => {
    const uri = `${strict.url}/graphql`;
    const other = gql("query Other { accounts(first: 1) { nodes { id } } }");
    for (const apollo of [createClient(uri), createClient(uri, createHashLink(uri))]) {
      const error = await apollo.query({ query: other }).catch((reason: unknown) => reason);
      expect(CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.["code"]).toBe(
        "PERSISTED_OPERATION_REQUIRED",
      );
    }
    expect(await strict.calls()).toEqual({});
  });
});

describe("a manifest", () => {
  const readManifest = (file: string): [id: string, text: string][] =>
    Object.entries(JSON.parse(readFileSync(file, "utf8")));

  test("of relay-compiler is served by its ids", async () => {
    const [[documentId = ""] = []] = readManifest(relayManifest);
    expect(documentId).toMatch(/^[\da-f]{32}$/);
    expect(await ask(relay.url, { documentId, variables: { accountId } })).toMatchObject(answer);
    expect(await relay.ask(namesQuery, { accountId })).toMatchObject({
      errors: [{ extensions: { code: "PERSISTED_OPERATION_REQUIRED" } }],
    });
  });

  test("of the client preset is served by its hashes", async () => {
    const [documentId = ""] =
      readManifest(presetManifest).find(([, text]) => text.includes("AccountUsers")) ?? [];
    const variables = { accountId, first: 1 };
    expect(documentId).toMatch(/^sha256:[\da-f]{64}$/);
    for (const id of [documentId, documentId.replace("sha256:", "")])
      expect(await ask(preset.url, { documentId: id, variables })).toMatchObject(answer);
    const extensions = { persistedQuery: { version: 1, sha256Hash: documentId } };
    expect(await ask(preset.url, { extensions, variables })).toMatchObject(answer);
  });
});
