import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { SEED } from "../src/chime-local/seed/index.js";
import { packageJson } from "../src/packageJson.js";
import { ask } from "./support/fixture.js";
import { arrivals, plainTest as test } from "./support/programs.js";

async function listen(port: number) {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const teamName = `{ account(accountId: "${SEED.teamAccountId}") { name } }`;
const teamNameAnswer = { data: { account: { name: "Harbor Street Studio" } } };

describe.concurrent("the program", { timeout: 60_000 }, () => {
  test.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "prints its URLs as a line of JSON, whatever LOG_LEVEL is, and on %s stops with exit code 0 and frees its ports",
    async (signal, { start, folder }) => {
      const program = await start("gateway", { LOG_LEVEL: "silent" });
      const [gateway = "", chime = ""] = program.urls;
      expect(JSON.parse(program.stdout)).toEqual({
        level: 30,
        time: expect.any(Number),
        msg: "started",
        version: packageJson.version,
        node: process.version,
        url: gateway,
        graphqlUrl: `${gateway}/graphql`,
        graphiqlUrl: `${gateway}/graphiql`,
        chimeUrl: chime,
        chimeData: join(folder, ".chime-local", "chime.db"),
      });
      expect(await ask(gateway, { query: teamName })).toEqual(teamNameAnswer);
      expect((await fetch(`${chime}/_local/health`)).status).toBe(200);

      expect(await program.stop(signal)).toBe(0);
      expect(program.stderr).toBe("");
      for (const url of program.urls) (await listen(Number(new URL(url).port))).close();
    },
  );

  test("answers the requests in progress before it stops, and then stops at once", async ({
    start,
    expect,
  }) => {
    const program = await start("gateway", { CHIME_LOCAL_DATA: ":memory:" });
    const [gateway = "", chime = ""] = program.urls;
    await fetch(`${chime}/_local/faults`, {
      method: "POST",
      body: JSON.stringify({ operation: "GetAccount", kind: "latency", ms: 400 }),
    });
    const answer = ask(gateway, { query: teamName });
    await expect.poll(async () => (await arrivals(chime))["GetAccount"]).toBe(1);
    const end = program.stop("SIGTERM");
    expect(await answer).toEqual(teamNameAnswer);
    expect(await end).toBe(0);
  });

  test("carries out each write in progress before it stops, once, and starts no other", async ({
    start,
    folder,
    expect,
  }) => {
    const env = { CHIME_LOCAL_DATA: join(folder, "chime.db") };
    const create = (name: string) => ({
      query: `mutation { createAccount(input: { name: "${name}" }) { account { name } } }`,
    });
    const program = await start("gateway", env);
    const [gateway = "", chime = ""] = program.urls;
    await fetch(`${chime}/_local/faults`, {
      method: "POST",
      body: JSON.stringify({ operation: "CreateAccount", kind: "latency", ms: 3_000 }),
    });
    const names = Array.from({ length: 10 }, (_, n) => `Kept ${n}`);
    const answers = Promise.all(names.map((name) => ask(gateway, create(name))));
    await expect.poll(async () => (await arrivals(chime))["CreateAccount"], { timeout: 20_000 }).toBe(10);

    const end = program.stop("SIGTERM");
    await expect.poll(async () => (await fetch(`${gateway}/health/ready`)).status).toBe(503);
    expect(await ask(gateway, create("Kept out"))).toEqual({
      errors: [{ message: "The gateway is shutting down.", extensions: { code: "UPSTREAM_UNAVAILABLE" } }],
    });
    expect(await answers).toEqual(names.map((name) => ({ data: { createAccount: { account: { name } } } })));
    expect(await end).toBe(0);

    const again = await start("gateway", env);
    const kept = await ask(again.urls[0] ?? "", {
      query: `{ accounts(namePrefix: "Kept") { nodes { name } } }`,
    });
    expect(kept.data.accounts.nodes.map((account: { name: string }) => account.name).sort()).toEqual(names);
  });

  test("has all that it answered after a restart, and after a kill -9", async ({ start, folder }) => {
    const env = { CHIME_LOCAL_DATA: join(folder, "data", "chime.db") };
    const names = `{ accounts(namePrefix: "Kept") { nodes { name } } }`;
    const create = (name: string) =>
      `mutation { createAccount(input: { name: "${name}" }) { errors { code } } }`;

    const first = await start("gateway", env);
    await ask(first.urls[0] ?? "", { query: create("Kept over a restart") });
    await first.stop("SIGTERM");
    const second = await start("gateway", env);
    await ask(second.urls[0] ?? "", { query: create("Kept over a kill") });
    expect(await second.stop("SIGKILL")).toBe("SIGKILL");

    const third = await start("gateway", env);
    expect(await ask(third.urls[0] ?? "", { query: names })).toEqual({
      data: { accounts: { nodes: [{ name: "Kept over a kill" }, { name: "Kept over a restart" }] } },
    });
  });
});
