import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { startedLine } from "../support/programs.js";

/** A program that runs until it is stopped. */
export interface Running {
  /** Where the gateway listens. */
  readonly url: string;
  /** What it has printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Ends it in order. @returns its exit code */
  stop(): Promise<number | null>;
}

/** For npm: its settings and its cache are this machine's, which often has what is asked for. */
export const npmEnv: Record<string, string> = {
  ...(process.env as Record<string, string>),
  npm_config_prefer_offline: "true",
};

interface Printed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a gateway, with no environment but what is said, and waits until it says that it runs. */
export async function start(
  [command = "", ...args]: readonly string[],
  folder: string,
  env: Record<string, string>,
): Promise<Running> {
  const child = spawn(command === "node" ? process.execPath : command, args, {
    cwd: folder,
    env: inPath(env),
  });
  const printed = await output(child, (stdout) => startedLine(stdout) !== undefined);
  const { url = "" } = startedLine(printed.stdout) ?? {};
  return {
    url,
    get stdout() {
      return printed.stdout;
    },
    get stderr() {
      return printed.stderr;
    },
    async stop() {
      const closed = once(child, "close");
      child.kill("SIGTERM");
      const [code] = await closed;
      return code;
    },
  };
}

/** Runs a program to its end. */
export async function run(
  [command = "", ...args]: readonly string[],
  folder: string,
  env: Record<string, string> = {},
): Promise<Printed> {
  const child = spawn(command === "node" ? process.execPath : command, args, {
    cwd: folder,
    env: inPath(env),
  });
  return output(child);
}

/** What a package's bin, which is a script, looks for Node in. */
const inPath = (env: Record<string, string>) => ({ PATH: process.env["PATH"] ?? "", ...env });

/** @returns what it prints, which grows; when that `isEnough`, or else when it has ended */
function output(child: ChildProcess, isEnough?: (stdout: string) => boolean): Promise<Printed> {
  return new Promise((resolve, reject) => {
    const printed = { code: null as number | null, stdout: "", stderr: "" };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      printed.stdout += text;
      if (isEnough?.(printed.stdout)) resolve(printed);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      printed.stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      printed.code = code;
      if (!isEnough) resolve(printed);
      else reject(new Error(`It ended: ${printed.stderr}`));
    });
  });
}
