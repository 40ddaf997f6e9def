import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "log-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Logs as the gateway does, and then does what its argument names. */
const source = `
import { setTimeout as sleep } from "node:timers/promises";
import { droppedLines, flushLog, loggerSettings, onLinesDropped } from ${JSON.stringify(
  fileURLToPath(new URL("../../src/telemetry/logger.ts", import.meta.url)),
)};
const { stream } = await loggerSettings("info");
onLinesDropped((dropped) => stream.write("dropped " + dropped + "\\n"));
const write = (count) => { for (let n = 0; n < count; n++) stream.write("x".repeat(999) + "\\n"); };
const actions = {
  async stall() {
    const before = process.memoryUsage.rss();
    for (let n = 0; n < 200; n++) {
      write(100);
      await sleep(25);
    }
    process.send({ dropped: droppedLines(), grown: process.memoryUsage.rss() - before });
    process.disconnect();
  },
  throw() { write(20); throw new Error("A bug."); },
  exit() { write(20); process.exit(0); },
  async flush() { write(20); await flushLog(); process.kill(process.pid, "SIGKILL"); },
};
await actions[process.argv[2]]();
`;
const program = join(folder, "program.mjs");

beforeAll(async () => {
  const input = join(folder, "source.ts");
  writeFileSync(input, source);
  await build({
    input,
    platform: "node",
    external: ["pino-pretty"],
    output: { file: program },
    logLevel: "silent",
  });
});

type Action = "stall" | "throw" | "exit" | "flush";

const start = (action: Action, stdout: "pipe" | number = "pipe"): ChildProcess =>
  spawn(process.execPath, [program, action], { stdio: ["ignore", stdout, "pipe", "ipc"] });

function collect(child: ChildProcess, name: "stdout" | "stderr"): { text: string } {
  const collected = { text: "" };
  child[name]?.setEncoding("utf8").on("data", (text: string) => {
    collected.text += text;
  });
  return collected;
}

const linesOf = ({ text }: { text: string }) => text.split("\n").slice(0, -1);

describe("the log", { timeout: 60_000 }, () => {
  test("takes little memory while its reader stalls; dropped lines are counted, and logged when it is back", async () => {
    const child = start("stall");
    const [{ dropped, grown }] = (await once(child, "message")) as [{ dropped: number; grown: number }];
    expect(dropped).toBeGreaterThan(5_000);
    expect(grown).toBeLessThan(40 * 2 ** 20);
    const output = collect(child, "stdout");
    await once(child, "close");
    const lines = linesOf(output);
    expect(lines.at(-1)).toBe(`dropped ${dropped}`);
    expect(lines).toHaveLength(20_000 - dropped + 1);
  });

  test.for<Action>(["throw", "exit", "flush"])("keeps its last lines: %s", async (action) => {
    const child = start(action);
    const output = collect(child, "stdout");
    await once(child, "close");
    expect(linesOf(output)).toHaveLength(20);
  });

  test.for<Action>(["throw", "exit"])("does not delay the end if its reader is gone: %s", async (action) => {
    const child = start(action);
    child.stdout?.destroy();
    const [code] = await once(child, "close");
    expect(code).toBe(action === "throw" ? 1 : 0);
  });

  test.skipIf(!existsSync("/dev/full"))(
    "on a full disk is dropped and counted, with one warning; the process continues",
    async () => {
      const child = start("stall", openSync("/dev/full", "w"));
      const errors = collect(child, "stderr");
      const [message] = await once(child, "message");
      expect(message).toMatchObject({ dropped: expect.toSatisfy((dropped: number) => dropped > 19_000) });
      const [code] = await once(child, "close");
      expect(code).toBe(0);
      expect(linesOf(errors)).toEqual([
        expect.stringMatching(/^WARNING: the log cannot be written to standard output, \/dev\/full \(ENOSPC/),
      ]);
    },
  );
});
