import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CombinedGraphQLErrors, gql } from "@apollo/client";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";
import { createClient } from "./app/client.js";
import { updateUser } from "./app/license.js";
import { createHashLink, createManifestLink } from "./app/persisted.js";
import { AccountUsers } from "./app/users.js";

const { teamAccountId: accountId, userId } = SEED;
const folder = mkdtempSync(join(tmpdir(), "manifest-"));
const manifest = join(folder, "persisted-query-manifest.json");
const app = fileURLToPath(new URL("./app/", import.meta.url));

// Before the harness below starts, which reads the manifest.
beforeAll(async () => {
  writeFileSync(
    join(folder, "persisted-query-manifest.config.json"),
    JSON.stringify({ documents: [`${app}*.{ts,tsx}`] }),
  );
  const generator = createRequire(import.meta.url).resolve(
    "@apollo/generate-persisted-query-manifest/cli.js",
  );
  await promisify(execFile)(process.execPath, [generator], { cwd: folder });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const harness = useHarness();
const strict = useHarness({ PERSISTED_OPERATIONS: manifest, PERSISTED_OPERATIONS_MODE: "only" });

/** The bodies of what is sent from now on, until the test is over. */
function watchRequests(): () => Record<string, unknown>[] {
  const fetching = vi.spyOn(globalThis, "fetch");
  onTestFinished(() => fetching.mockRestore());
  return () => fetching.mock.calls.map(([, init]) => JSON.parse(String(init?.body)));
}

describe("Apollo Client with a persisted query link", () => {
  const readUsers = { query: AccountUsers, variables: { accountId, first: 3 } };
  const answer = { data: { account: { name: "Harbor Street Studio" } } };

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
