import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { devNull } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasStarted, urlsIn } from "./startedUrls.js";
import type { Usage, UsageQuestion } from "./usageProbe.js";

/** The repository: compiled files are deeper in it than their sources. */
export const repository = (function find(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : find(dirname(folder));
})(dirname(fileURLToPath(import.meta.url)));

/** The programs of the package. */
export const programs = {
  gateway: join(repository, "dist/main.js"),
  chime: join(repository, "dist/chime-local/main.js"),
};

export interface ProcessOptions {
  readonly cwd?: string;
  /** The whole environment, PATH aside: the settings of this machine must not decide a result. */
  readonly env?: Readonly<Record<string, string>>;
  /** Opens a channel for messages. */
  readonly hasChannel?: boolean;
  /** Whether what it prints after its start is read, but not kept. */
  readonly dropsOutput?: boolean;
  readonly isStarted?: (stdout: string) => boolean;
}

/** A process that was started here. It does not outlive this process. */
export interface RunningProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The URLs that it has printed, its own first. Without a path. */
  readonly urls: readonly string[];
  /** The first of them. */
  readonly url: string;
  readonly started: Promise<void>;
  /** Its exit code, or the signal that ended it. */
  readonly end: Promise<number | NodeJS.Signals>;
  /** @param signal SIGTERM if absent */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a process, and does not wait for it. @param command `node` is the Node of this process */
export function spawnProcess(
  [command = "", ...args]: readonly string[],
  { cwd, env, hasChannel = false, dropsOutput = false, isStarted = hasStarted }: ProcessOptions = {},
): RunningProcess {
  const child = spawn(command === "node" ? process.execPath : command, args, {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: hasChannel ? ["ignore", "pipe", "pipe", "ipc"] : ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const printed = { stdout: "", stderr: "" };
  let hasBegun = false;
  const started = new Promise<void>((resolve, reject) => {
    for (const name of ["stdout", "stderr"] as const)
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        // Unread output would block the process.
        if (hasBegun && dropsOutput) return;
        printed[name] += text;
        if (hasBegun || !isStarted(printed.stdout)) return;
        hasBegun = true;
        resolve();
      });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      running.delete(child);
      reject(new Error(`${command} ${args.join(" ")} ended with ${code ?? signal}: ${printed.stderr}`));
    });
  });
  // Some tests only wait for the end.
  started.catch(() => undefined);
  const end = once(child, "close").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  end.catch(() => undefined);
  return {
    child,
    pid: child.pid ?? 0,
    get stdout() {
      return printed.stdout;
    },
    get stderr() {
      return printed.stderr;
    },
    get urls() {
      return urlsIn(printed.stdout);
    },
    get url() {
      return urlsIn(printed.stdout)[0] ?? "";
    },
    started,
    end,
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return end;
    },
  };
}

/** Starts a process and waits until it has started. @throws with its standard error if it ends before */
export async function startProcess(
  command: readonly string[],
  options: ProcessOptions = {},
): Promise<RunningProcess> {
  const started = spawnProcess(command, options);
  await started.started;
  return started;
}

/** Runs a process to its end. */
export async function runProcess(
  command: readonly string[],
  options: ProcessOptions = {},
): Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }> {
  const started = spawnProcess(command, options);
  const code = await started.end;
  return { code, stdout: started.stdout, stderr: started.stderr };
}

/** A program of the package, or of its benchmark, that is measured. */
export interface Program extends RunningProcess {
  /** Of the Chime that it calls, or is. */
  readonly chimeUrl: string;
  /** @param question whether garbage is collected first, so that the memory is what is in use */
  usage(question?: UsageQuestion): Promise<Usage>;
}

/** Starts a file on free ports, as it would run on a server, with a Chime that keeps nothing if it embeds one. */
export async function startProgram(file: string, env: Record<string, string> = {}): Promise<Program> {
  const probe = new URL("./usageProbe.js", import.meta.url).href;
  const started = await startProcess(["node", "--expose-gc", "--import", probe, file], {
    env: {
      PORT: "0",
      CHIME_LOCAL_PORT: "0",
      CHIME_LOCAL_DATA: ":memory:",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      ...env,
    },
    hasChannel: true,
    dropsOutput: true,
  });
  const [url = "", chimeUrl = url] = started.urls;
  return Object.assign(started, {
    chimeUrl: env["CHIME_ENDPOINT"] ?? chimeUrl,
    async usage(question: UsageQuestion = "usage") {
      const answer = once(started.child, "message");
      started.child.send(question);
      const [usage] = await answer;
      return usage as Usage;
    },
  });
}

/** A gateway with an embedded Chime, unless the environment names another. */
export const startGateway = (env: Record<string, string> = {}): Promise<Program> =>
  startProgram(programs.gateway, env);

/** The environment of a gateway that calls a Chime as it would call AWS. */
export const remoteChime = (chimeUrl: string): Record<string, string> => ({
  CHIME_MODE: "remote",
  CHIME_ENDPOINT: chimeUrl,
  AUTH: "none",
});

export const startGatewayOn = (chimeUrl: string, env: Record<string, string> = {}): Promise<Program> =>
  startGateway({ ...remoteChime(chimeUrl), ...env });

export const startChime = (env: Record<string, string> = {}): Promise<Program> =>
  startProgram(programs.chime, env);

/** A port that is free at the moment, for a program that cannot choose its own. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/**
 * The environment for npm: its settings and its cache are those of this machine, which often has the packages. Options of
 * an npm that runs these tests, such as `npm test --ignore-scripts`, don't apply: npm passes them on in the environment.
 */
export const npmEnv: Record<string, string> = {
  ...(process.env as Record<string, string>),
  npm_config_prefer_offline: "true",
  npm_config_ignore_scripts: "false",
  npm_config_call: "",
  npm_config_package: "",
};
