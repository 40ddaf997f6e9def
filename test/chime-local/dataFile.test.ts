import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Libsql from "libsql";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { type ChimeLocal, startChimeLocal } from "../../src/chime-local/server.js";
import { sendHttp } from "./fixture.js";

const main = fileURLToPath(new URL("../../dist/chime-local/main.js", import.meta.url));

let folder: string;
let cleanUp: (() => unknown)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chime-local-"));
  cleanUp = [() => rmSync(folder, { recursive: true })];
});
afterEach(async () => {
  for (const step of cleanUp.toReversed()) await step();
});

async function start(dataFile = join(folder, "chime.db"), users = 3): Promise<ChimeLocal> {
  const chime = await startChimeLocal({ port: 0, dataFile, users });
  cleanUp.push(chime.close);
  return chime;
}

const startError = (dataFile: string): Promise<string> =>
  start(dataFile).then(
    () => "It started.",
    (error) => error.message,
  );

/**
 * Runs the compiled server as a program.
 * @param maxFileBlocks its largest file, in blocks of 512 bytes
 */
function spawnMain(env: Record<string, string>, maxFileBlocks: number | "unlimited" = "unlimited") {
  const script = `ulimit -f ${maxFileBlocks} && exec "$0" "$1"`;
  const child = spawn("sh", ["-c", script, process.execPath, main], {
    env: { ...process.env, CHIME_LOCAL_PORT: "0", CHIME_LOCAL_USERS: "3", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  cleanUp.push(() => child.kill("SIGKILL"));
  const errors: string[] = [];
  createInterface(child.stderr).on("line", (line) => errors.push(line));
  return { child, errors };
}

async function urlOf({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error("The child has no output.");
  for await (const line of createInterface(stdout)) {
    const url = /http:\/\/[\d.]+:\d+/.exec(line)?.[0];
    if (url) return url;
  }
  throw new Error("The child has not printed its URL.");
}

const createAccount = async (url: string, Name: string) =>
  JSON.parse((await sendHttp(url, "POST", "/accounts", { body: { Name } })).body).Account;
const readAccount = async (url: string, AccountId: string) =>
  JSON.parse((await sendHttp(url, "GET", `/accounts/${AccountId}`)).body).Account;

/** Creates accounts, one after the other, until the server fails; adds those that it acknowledged. */
async function createUntilFailure(url: string, acknowledged: { AccountId: string }[]): Promise<void> {
  acknowledged.push(await createAccount(url, `Account ${acknowledged.length}`));
  return createUntilFailure(url, acknowledged);
}

test("state survives a restart, and new ids differ from those before it", async () => {
  const first = await start();
  const birch = await createAccount(first.url, "Birch");
  await first.close();
  const second = await start();
  expect(await readAccount(second.url, birch.AccountId)).toEqual(birch);
  expect((await createAccount(second.url, "Elm")).AccountId).not.toBe(birch.AccountId);
});

test("a restart doesn't seed again, even with another number of users", async () => {
  const first = await start();
  await sendHttp(first.url, "POST", `/accounts/${SEED.teamAccountId}`, { body: { Name: "Renamed" } });
  await first.close();
  const second = await start(undefined, 9);
  expect((await readAccount(second.url, SEED.teamAccountId)).Name).toBe("Renamed");
  const { body } = await sendHttp(second.url, "GET", `/accounts/${SEED.largeAccountId}/users`);
  expect(JSON.parse(body).Users).toHaveLength(3);
});

test("a stopped server leaves everything in the one file", async () => {
  const chime = await start();
  await createAccount(chime.url, "Birch");
  await chime.close();
  rmSync(join(folder, "chime.db-wal"), { force: true });
  rmSync(join(folder, "chime.db-shm"), { force: true });
  const again = await start();
  expect((await sendHttp(again.url, "GET", "/accounts?name=birch")).body).toContain("Birch");
});

test(":memory: leaves no file", async () => {
  await start(":memory:");
  expect(readdirSync(folder)).toEqual([]);
  expect(existsSync(":memory:")).toBe(false);
});

test("kill -9 loses no acknowledged write", async () => {
  const dataFile = join(folder, "chime.db");
  const { child } = spawnMain({ CHIME_LOCAL_DATA: dataFile });
  const url = await urlOf(child);
  const acknowledged: { AccountId: string }[] = [];
  const exited = once(child, "exit");
  const writers = Promise.allSettled([1, 2, 3].map(() => createUntilFailure(url, acknowledged)));
  await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(50);
  child.kill("SIGKILL");
  await writers;
  expect(await exited).toEqual([null, "SIGKILL"]);
  const again = await start();
  for (const account of acknowledged)
    expect(await readAccount(again.url, account.AccountId)).toEqual(account);
});

test("a full disk ends the server with one line and exit code 1, and loses no acknowledged write", async () => {
  const dataFile = join(folder, "chime.db");
  const { child, errors } = spawnMain({ CHIME_LOCAL_DATA: dataFile }, 1024);
  const exited = once(child, "close");
  const acknowledged: { AccountId: string }[] = [];
  await expect(createUntilFailure(await urlOf(child), acknowledged)).rejects.toThrow();
  expect(await exited).toEqual([1, null]);
  expect(errors).toEqual([`CHIME_LOCAL_DATA ${dataFile} cannot be used: reading or writing it failed`]);
  const again = await start();
  expect(acknowledged.length).toBeGreaterThan(0);
  for (const account of acknowledged)
    expect(await readAccount(again.url, account.AccountId)).toEqual(account);
});

test("a disk that is too small for the seed is reported at the start", async () => {
  const dataFile = join(folder, "chime.db");
  const { child, errors } = spawnMain({ CHIME_LOCAL_DATA: dataFile, CHIME_LOCAL_USERS: "9000" }, 1024);
  expect(await once(child, "close")).toEqual([1, null]);
  expect(errors).toEqual([`CHIME_LOCAL_DATA ${dataFile} cannot be used: reading or writing it failed`]);
  await start();
});

test("two servers on one data file see each other's changes and create different ids", async () => {
  const [first, second] = [await start(), await start()];
  const created = await Promise.all(
    Array.from({ length: 20 }, (_, n) => createAccount((n % 2 ? first : second).url, `Account ${n}`)),
  );
  expect(new Set(created.map(({ AccountId }) => AccountId)).size).toBe(20);
  for (const account of created) {
    expect(await readAccount(first.url, account.AccountId)).toEqual(account);
    expect(await readAccount(second.url, account.AccountId)).toEqual(account);
  }
});

test("a reset also removes what another server on the same data file has written", async () => {
  const [one, other] = [await start(), await start()];
  for (let round = 0; round < 2; round++) {
    await sendHttp(one.url, "POST", "/_local/reset");
    const { AccountId } = await createAccount(other.url, "Birch");
    expect(await readAccount(one.url, AccountId)).toMatchObject({ Name: "Birch" });
    await sendHttp(one.url, "POST", "/_local/reset");
    expect((await sendHttp(one.url, "GET", `/accounts/${AccountId}`)).status).toBe(404);
  }
});

test("the data folder is made if it isn't there", async () => {
  const dataFile = join(folder, "new", "deep", "chime.db");
  await start(dataFile);
  expect(existsSync(dataFile)).toBe(true);
});

test("a file that is not an SQLite database is refused and not changed", async () => {
  const dataFile = join(folder, "notes.txt");
  const text = "Milk, bread.\n".repeat(100);
  writeFileSync(dataFile, text);
  expect(await startError(dataFile)).toBe(
    `CHIME_LOCAL_DATA ${dataFile} cannot be used: it is not an SQLite database`,
  );
  expect(readFileSync(dataFile, "utf8")).toBe(text);
});

test("a damaged data file is refused", async () => {
  const dataFile = join(folder, "chime.db");
  await (await start(dataFile)).close();
  truncateSync(dataFile, 40_000);
  expect(await startError(dataFile)).toBe(`CHIME_LOCAL_DATA ${dataFile} cannot be used: it is damaged`);
});

test("another program's SQLite database is refused and not changed", async () => {
  const dataFile = join(folder, "other.db");
  const other = new Libsql(dataFile);
  other.exec("CREATE TABLE songs (title TEXT)");
  other.close();
  const before = readFileSync(dataFile);
  expect(await startError(dataFile)).toBe(
    `CHIME_LOCAL_DATA ${dataFile} cannot be used: it belongs to another program`,
  );
  expect(readFileSync(dataFile).equals(before)).toBe(true);
});

test("a data file of a newer version is refused", async () => {
  const dataFile = join(folder, "chime.db");
  await (await start(dataFile)).close();
  const file = new Libsql(dataFile);
  file.exec("PRAGMA user_version = 99");
  file.close();
  expect(await startError(dataFile)).toBe(
    `CHIME_LOCAL_DATA ${dataFile} cannot be used: a newer version of the embedded Chime wrote it`,
  );
});

test("a folder instead of a data file is refused", async () => {
  const dataFile = join(folder, "chime.db");
  mkdirSync(dataFile);
  expect(await startError(dataFile)).toBe(
    `CHIME_LOCAL_DATA ${dataFile} cannot be used: it cannot be opened for reading and writing`,
  );
});

test("a data folder that cannot be created is refused", async () => {
  writeFileSync(join(folder, "file"), "");
  expect(await startError(join(folder, "file", "chime.db"))).toBe(
    `CHIME_LOCAL_DATA is in the folder ${join(folder, "file")}, which cannot be created (EEXIST)`,
  );
  expect(await startError(join(folder, "file", "deep", "chime.db"))).toBe(
    `CHIME_LOCAL_DATA is in the folder ${join(folder, "file")}, which cannot be created (EEXIST)`,
  );
});

test("a port in use is refused", async () => {
  const { port } = new URL((await start()).url);
  const second = startChimeLocal({ port: Number(port), dataFile: ":memory:", users: 0 });
  await expect(second).rejects.toThrow(
    `CHIME_LOCAL_PORT ${port} is in use on 127.0.0.1: stop the program that uses it, or set another port`,
  );
});

test("close completes active requests, and closes idle connections immediately", async () => {
  const chime = await start();
  await sendHttp(chime.url, "POST", "/_local/faults", { body: { kind: "latency", ms: 60_000 } });
  const response = sendHttp(chime.url, "GET", `/accounts/${SEED.teamAccountId}`);
  while (!(await sendHttp(chime.url, "GET", "/_local/requests")).body.includes('"fault":"latency"'));
  await Promise.all([chime.close(), chime.close()]);
  expect(await response).toMatchObject({ status: 200, headers: { connection: "close" } });
  await expect(sendHttp(chime.url, "GET", "/_local/health")).rejects.toThrow();
});

test("as a program the server prints its URL, and SIGTERM and Ctrl-C end it with exit code 0", async () => {
  const runAndStop = async (signal: NodeJS.Signals) => {
    const { child } = spawnMain({ CHIME_LOCAL_DATA: ":memory:" });
    const url = await urlOf(child);
    expect((await sendHttp(url, "GET", "/_local/health")).status).toBe(200);
    const exited = once(child, "exit");
    child.kill(signal);
    return exited;
  };
  expect(await Promise.all([runAndStop("SIGTERM"), runAndStop("SIGINT")])).toEqual([
    [0, null],
    [0, null],
  ]);
});

test("as a program the server ends with exit code 1 and a line for each problem", async () => {
  const { port } = new URL((await start()).url);
  const settings = spawnMain({
    CHIME_LOCAL_DATA: ":memory:",
    CHIME_LOCAL_PORT: "abc",
    CHIME_LOCAL_USERS: "-1",
  });
  const machine = spawnMain({ CHIME_LOCAL_DATA: folder, CHIME_LOCAL_PORT: port, CHIME_LOCAL_USER: "3" });
  const codes = await Promise.all([once(settings.child, "close"), once(machine.child, "close")]);
  expect(codes).toEqual([
    [1, null],
    [1, null],
  ]);
  expect(settings.errors).toEqual([
    `CHIME_LOCAL_PORT must be a whole number from 0 to 65535, not "abc"`,
    `CHIME_LOCAL_USERS must be a whole number from 0 to 1000000, not "-1"`,
  ]);
  expect(machine.errors).toEqual([
    "WARNING: CHIME_LOCAL_USER is not a setting and is ignored. Did you mean CHIME_LOCAL_USERS?",
    `CHIME_LOCAL_DATA ${folder} cannot be used: it cannot be opened for reading and writing`,
    `CHIME_LOCAL_PORT ${port} is in use on 127.0.0.1: stop the program that uses it, or set another port`,
  ]);
});
