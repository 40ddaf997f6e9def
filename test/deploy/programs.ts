import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A program that runs until it is stopped. */
export interface Running {
  /** Where the gateway listens. */
  readonly url: string;
  readonly stdout: string;
  /** Ends it in order. @returns its exit code */
  stop(): Promise<number | null>;
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
  const { stdout } = await output(child, "Ctrl-C stops.");
  const [, url] = /(http:\S+)\/graphql/.exec(stdout) ?? [];
  if (!url) throw new Error("It does not say where it listens.");
  return {
    url,
    stdout,
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
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(command === "node" ? process.execPath : command, args, {
    cwd: folder,
    env: inPath(env),
  });
  return output(child);
}

/** What a package's bin, which is a script, looks for Node in. */
const inPath = (env: Record<string, string>) => ({ PATH: process.env["PATH"] ?? "", ...env });

function output(
  child: ChildProcess,
  until?: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (until !== undefined && stdout.includes(until)) resolve({ code: null, stdout, stderr });
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (until === undefined) resolve({ code, stdout, stderr });
      else reject(new Error(`It ended: ${stderr}`));
    });
  });
}
