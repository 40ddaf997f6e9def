import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { devNull } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { addressesIn, hasStarted } from "../../bench/addresses.js";

/** A program of the package in a process of its own. */
export interface Program {
  /** Where it listens: the gateway, or Chime where it runs alone. Without a path. */
  readonly url: string;
  /** Of the Chime that is embedded in a gateway, or that a gateway has been pointed at. */
  readonly chimeUrl: string;
  readonly pid: number;
  /** Its exit code, or the signal that ended it. */
  readonly end: Promise<number | NodeJS.Signals>;
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** With an embedded Chime that keeps nothing, unless the environment says otherwise. */
export const startGateway = (env: Record<string, string> = {}): Promise<Program> =>
  start("../../../../dist/main.js", env);

/** A gateway that finds its Chime as it would find AWS's. */
export const startGatewayOn = (chimeUrl: string, env: Record<string, string> = {}): Promise<Program> =>
  startGateway({ CHIME_MODE: "remote", CHIME_ENDPOINT: chimeUrl, AUTH: "none", ...env });

export const startChime = (env: Record<string, string> = {}): Promise<Program> =>
  start("../../../../dist/chime-local/main.js", env);

/** SIGUSR2 collects the garbage. */
const collectable = [
  "--expose-gc",
  "--import",
  `data:text/javascript,process.on("SIGUSR2", () => globalThis.gc())`,
];

/** MiB of a gateway's heap that are in use, its garbage collected. */
export async function heapInUse({ url, pid }: Program): Promise<number> {
  process.kill(pid, "SIGUSR2");
  await sleep(1_000);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(metrics)?.[1]) / 2 ** 20;
}

/** The environment is given in full: what this machine has set, for AWS above all, must not decide a promise. */
async function start(main: string, env: Record<string, string>): Promise<Program> {
  const child = spawn(process.execPath, [...collectable, fileURLToPath(new URL(main, import.meta.url))], {
    env: {
      PORT: "0",
      CHIME_LOCAL_PORT: "0",
      CHIME_LOCAL_DATA: ":memory:",
      LOG_LEVEL: "silent",
      AWS_ACCESS_KEY_ID: "chaos",
      AWS_SECRET_ACCESS_KEY: "chaos",
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const end = once(child, "exit").then(([code, signal]) => {
    process.removeListener("exit", kill);
    return (code ?? signal) as number | NodeJS.Signals;
  });
  const [url = "", embeddedChimeUrl = url] = await urlsOf(child);
  return {
    url,
    chimeUrl: env["CHIME_ENDPOINT"] ?? embeddedChimeUrl,
    pid: child.pid ?? 0,
    end,
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return end;
    },
  };
}

/** Where a program listens, once it has started. */
function urlsOf({ stdout }: ChildProcess): Promise<string[]> {
  let text = "";
  let urls: string[] | undefined;
  return new Promise((resolve, reject) => {
    stdout?.setEncoding("utf8").on("data", (part: string) => {
      // The log is read on, or the program would be held up, but not kept.
      if (urls) return;
      text += part;
      if (!hasStarted(text)) return;
      urls = addressesIn(text);
      resolve(urls);
    });
    stdout?.once("end", () => reject(new Error("The program has not started.")));
  });
}

/** Measures how far a process's memory rises from now on: MiB at its peak, exactly, as Linux keeps it. */
export async function watchMemory(pid: number): Promise<() => Promise<number>> {
  await takePeak(pid);
  const before = await memoryOf(pid, "VmRSS");
  return async () => (await takePeak(pid)) - before;
}

/** MiB of a process at its peak since the last time it was asked for, or since it began. */
export async function takePeak(pid: number): Promise<number> {
  const peak = await memoryOf(pid, "VmHWM");
  // Sets the peak back to what the process has now.
  await writeFile(`/proc/${pid}/clear_refs`, "5");
  return peak;
}

async function memoryOf(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
}

/** Milliseconds of CPU that a process has used, to the hundredth of a second, as Linux counts it. */
export async function cpuOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ").at(-1)?.split(" ") ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks * 10;
}
