import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as baseTest } from "vitest";

const programs = {
  gateway: fileURLToPath(new URL("../../dist/main.js", import.meta.url)),
  chime: fileURLToPath(new URL("../../dist/chime-local/main.js", import.meta.url)),
};

/** A program of the package, as its own process. */
export interface Program {
  /** Where it says that it listens. */
  readonly urls: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  /** Its exit code, or the signal that ended it. */
  readonly end: Promise<number | string>;
  stop(signal: NodeJS.Signals): Promise<number | string>;
}

export type Start = (
  program: keyof typeof programs,
  env: Record<string, string>,
  until?: "ready" | "end",
) => Promise<Program>;

interface Fixtures {
  /** An empty folder. */
  readonly folder: string;
  /** Starts a program in that folder, on free ports, with no environment but what is said; it ends with the test. */
  readonly start: Start;
}

/** Tests that start programs; each has an empty folder, and what it started ends with it. */
export const test = baseTest.extend<Fixtures>({
  folder: async ({ onTestFinished }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "gateway-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    await use(folder);
  },
  start: async ({ folder }, use) => {
    const children: ChildProcess[] = [];
    await use(async (name, env, until = "ready") => {
      const child = spawn(process.execPath, [programs[name]], {
        cwd: folder,
        env: { HOME: folder, PORT: "0", CHIME_LOCAL_PORT: "0", CHIME_LOCAL_USERS: "0", ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      children.push(child);
      const program = follow(child);
      await (until === "end" ? program.end : Promise.race([program.ready, program.end]));
      return program;
    });
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill("SIGKILL");
        await once(child, "exit");
      }),
    );
  },
});

function follow(child: ChildProcess): Program & { readonly ready: Promise<void> } {
  const output = { stdout: "", stderr: "" };
  const { promise: ready, resolve } = withResolver();
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
    if (startedLine(output.stdout)) resolve();
  });
  const end = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string);
  return {
    get urls() {
      const { url, chimeUrl, metricsUrl } = startedLine(output.stdout) ?? {};
      return [url, chimeUrl, metricsUrl].flatMap((each) => (each ? new URL(each).origin : []));
    },
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    ready,
    end,
    stop(signal) {
      child.kill(signal);
      return end;
    },
  };
}

/** The line that a program prints once it has started: where it listens. */
export function startedLine(stdout: string): Readonly<Record<string, string>> | undefined {
  const line = stdout.split("\n").find((each) => each.endsWith('"msg":"started"}'));
  return line === undefined ? undefined : JSON.parse(line);
}

function withResolver() {
  let resolve = () => {};
  const promise = new Promise<void>((resolvePromise) => {
    resolve = resolvePromise;
  });
  return { promise, resolve };
}
