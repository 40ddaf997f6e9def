import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Start, test } from "./support/programs.js";

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** The port of a server that does nothing but hold it until the test is over. */
async function usedPort(onTestFinished: (end: () => void) => void): Promise<string> {
  const server = await listen(0);
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It has no port.");
  return String(address.port);
}

describe.concurrent("a start that fails prints a line for each problem on stderr, and exits with 1:", {
  timeout: 60_000,
}, () => {
  async function refused(start: Start, env: Record<string, string>) {
    const program = await start("gateway", { CHIME_LOCAL_DATA: ":memory:", ...env }, "end");
    return { exit: await program.end, stdout: program.stdout, stderr: program.stderr };
  }

  test("the gateway's port is in use", async ({ start, onTestFinished }) => {
    const PORT = await usedPort(onTestFinished);
    expect(await refused(start, { PORT })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `PORT ${PORT} is in use on 127.0.0.1: stop the program that uses it, or set another port\n`,
    });
  });

  test("the embedded Chime's port is in use", async ({ start, onTestFinished }) => {
    const port = await usedPort(onTestFinished);
    expect(await refused(start, { CHIME_LOCAL_PORT: port })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `CHIME_LOCAL_PORT ${port} is in use on 127.0.0.1: stop the program that uses it, or set another port\n`,
    });
  });

  test("the host is not this machine's", async ({ start }) => {
    expect(await refused(start, { HOST: "192.0.2.1", AUTH: "none" })).toEqual({
      exit: 1,
      stdout: "",
      stderr: "HOST 192.0.2.1 is not an address of this machine\n",
    });
  });

  test("other machines reach the gateway, and AUTH is not set", async ({ start }) => {
    expect(await refused(start, { HOST: "0.0.0.0" })).toEqual({
      exit: 1,
      stdout: "",
      stderr:
        "AUTH must be set when CHIME_MODE is remote or HOST is not a loopback address: jwt, or none to let everyone in\n",
    });
  });

  test("the data file is in a folder that cannot be created", async ({ start, folder }) => {
    writeFileSync(join(folder, "file"), "");
    expect(await refused(start, { CHIME_LOCAL_DATA: join(folder, "file", "chime.db") })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `CHIME_LOCAL_DATA is in the folder ${join(folder, "file")}, which cannot be created (EEXIST)\n`,
    });
  });

  test.skipIf(process.getuid?.() === 0)("the data file cannot be written", async ({ start, folder }) => {
    chmodSync(folder, 0o500);
    expect(await refused(start, { CHIME_LOCAL_DATA: join(folder, "chime.db") })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `CHIME_LOCAL_DATA ${join(folder, "chime.db")} cannot be used: it cannot be opened for reading and writing\n`,
    });
  });

  test("the audit log's folder does not exist", async ({ start, folder }) => {
    const AUDIT_LOG = join(folder, "missing", "audit.log");
    expect(await refused(start, { AUDIT_LOG, LOG_KEY: "0123456789abcdef" })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `AUDIT_LOG ${AUDIT_LOG} cannot be opened for appending (ENOENT)\n`,
    });
  });

  test.skipIf(process.platform === "win32")(
    "the audit log is a named pipe without a reader",
    async ({ start, folder }) => {
      const AUDIT_LOG = join(folder, "pipe");
      execFileSync("mkfifo", [AUDIT_LOG]);
      const { exit, stderr } = await refused(start, { AUDIT_LOG, LOG_KEY: "0123456789abcdef" });
      expect({ exit, stderr }).toEqual({
        exit: 1,
        stderr: `AUDIT_LOG ${AUDIT_LOG} cannot be opened for appending (ENXIO)\n`,
      });
    },
  );

  test("the data file is a folder", async ({ start, folder }) => {
    expect(await refused(start, { CHIME_LOCAL_DATA: folder })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `CHIME_LOCAL_DATA ${folder} cannot be used: it cannot be opened for reading and writing\n`,
    });
  });

  test("settings are invalid or misspelled, files are unusable, and ports are in use", async ({
    start,
    folder,
    onTestFinished,
  }) => {
    const used = await usedPort(onTestFinished);
    const operations = join(folder, "operations.json");
    writeFileSync(
      operations,
      JSON.stringify({
        format: "apollo-persisted-query-manifest",
        version: 1,
        operations: ["weather", "birdsong"].map((field) => ({ id: field, body: `{ ${field} }` })),
      }),
    );
    const { exit, stdout, stderr } = await refused(start, {
      EXPLORER: "yes",
      CHIME_CONCURENCY: "3",
      PERSISTED_OPERATIONS: operations,
      CHIME_LOCAL_DATA: folder,
      METRICS_PORT: used,
      CHIME_LOCAL_PORT: used,
    });
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr.split("\n")).toEqual([
      "WARNING: CHIME_CONCURENCY is not a setting and is ignored. Did you mean CHIME_CONCURRENCY?",
      'EXPLORER must be on or off, not "yes"',
      `PERSISTED_OPERATIONS ${operations} has an invalid operation "weather": Cannot query field "weather" on type "Query".`,
      `PERSISTED_OPERATIONS ${operations} has an invalid operation "birdsong": Cannot query field "birdsong" on type "Query".`,
      `CHIME_LOCAL_DATA ${folder} cannot be used: it cannot be opened for reading and writing`,
      `METRICS_PORT ${used} is in use on 127.0.0.1: stop the program that uses it, or set another port`,
      `CHIME_LOCAL_PORT ${used} is in use on 127.0.0.1: stop the program that uses it, or set another port`,
      "",
    ]);
  });

  test("two servers have the same port", async ({ start }) => {
    const server = await listen(0);
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    const PORT = String(port);
    expect(await refused(start, { PORT, METRICS_PORT: PORT })).toEqual({
      exit: 1,
      stdout: "",
      stderr: `METRICS_PORT ${PORT} is the port of PORT as well: set another port\n`,
    });
  });
});
