import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { ask } from "../support/fixture.js";
import { test } from "../support/programs.js";

/** Runs a program in a terminal. */
const script = "/usr/bin/script";
const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const memory = { CHIME_LOCAL_DATA: ":memory:" };

describe("the log", { timeout: 60_000 }, () => {
  test("delays neither responses nor the shutdown if its reader stalls and then disconnects", async ({
    folder,
    onTestFinished,
  }) => {
    const program = spawn(process.execPath, [main], {
      cwd: folder,
      env: { HOME: folder, PORT: "0", CHIME_LOCAL_PORT: "0", ...memory },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => {
      program.kill("SIGKILL");
    });
    const ended = once(program, "close");
    let errors = "";
    program.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    let shown = "";
    program.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
    });
    await expect.poll(() => shown, { timeout: 20_000 }).toContain('"msg":"started"');
    const url = /http:\/\/[\d.]+:\d+/.exec(shown)?.[0] ?? "";

    program.stdout.pause();
    for (let n = 0; n < 2_000; n++) expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    program.stdout.destroy();
    expect(await ask(url, { query: `{ account(accountId: "${SEED.teamAccountId}") { name } }` })).toEqual({
      data: { account: { name: "Harbor Street Studio" } },
    });
    program.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(errors).toBe("");
  });

  test.skipIf(!existsSync(script))("is text in a terminal", async ({ folder, onTestFinished }) => {
    const terminal = spawn(script, ["-qefc", `${process.execPath} ${main}`, "/dev/null"], {
      cwd: folder,
      env: { HOME: folder, PATH: process.env["PATH"], PORT: "0", CHIME_LOCAL_PORT: "0", ...memory },
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(async () => {
      terminal.kill();
      await once(terminal, "close");
    });
    let shown = "";
    terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
    });
    await expect.poll(() => shown, { timeout: 20_000 }).toContain("Ctrl-C stops.");
    await fetch(`${/http:\/\/[\d.]+:\d+/.exec(shown)?.[0]}/nowhere`);
    await expect.poll(() => shown).toMatch(/INFO.*request.*"status":404/);
    expect(shown).not.toContain('"level":30');
  });
});
