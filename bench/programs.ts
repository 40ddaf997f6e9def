import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { devNull } from "node:os";
import { fileURLToPath } from "node:url";
import { addressesIn } from "./addresses.js";

/** What a process has used so far, all its threads. */
export interface Usage {
  /** Milliseconds of processor time. */
  readonly cpu: number;
  /** MiB that it holds. */
  readonly memory: number;
}

/** A program in a process of its own. */
export interface Program {
  /** Where it listens, without a path. */
  readonly url: string;
  /** Of the Chime that it talks to, or is. */
  readonly chimeUrl: string;
  /** @param question whether the garbage is collected first, so that the memory is that which is in use */
  usage(question?: "usage" | "usage without garbage"): Promise<Usage>;
  stop(): Promise<void>;
}

/** Paths are those from the compiled file. */
const probe = new URL("./probe.js", import.meta.url).href;

/** The embedded Chime, with so many users in its large account. */
export const startChime = (users: number): Promise<Program> =>
  start("../../../dist/chime-local/main.js", { CHIME_LOCAL_USERS: String(users) });

/** @param file that of another build, as a URL */
export const startGateway = (chimeUrl: string, file = "../../../dist/main.js"): Promise<Program> =>
  startOn(chimeUrl, file);

/** @param name that of its file in bench/contenders */
export const startContender = (
  chimeUrl: string,
  name: string,
  env: Record<string, string> = {},
): Promise<Program> => startOn(chimeUrl, `../../contenders/dist/${name}.js`, env);

/** As it would run on a server, with the Chime that it would find at AWS. */
const startOn = (chimeUrl: string, file: string, env: Record<string, string> = {}): Promise<Program> =>
  start(file, {
    NODE_ENV: "production",
    CHIME_MODE: "remote",
    CHIME_ENDPOINT: chimeUrl,
    AUTH: "none",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    ...env,
  });

/** The environment is given in full: what this machine has set must not decide a figure. */
async function start(file: string, env: Record<string, string>): Promise<Program> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: ["--expose-gc", "--import", probe],
    env: {
      PORT: "0",
      CHIME_LOCAL_PORT: "0",
      CHIME_LOCAL_DATA: ":memory:",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "bench",
      AWS_SECRET_ACCESS_KEY: "bench",
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const end = once(child, "exit").then(() => process.removeListener("exit", kill));
  const url = await urlOf(child);
  return {
    url,
    chimeUrl: env["CHIME_ENDPOINT"] ?? url,
    async usage(question = "usage") {
      const told = once(child, "message");
      child.send(question);
      const [usage] = await told;
      return usage as Usage;
    },
    async stop() {
      child.kill();
      await end;
    },
  };
}

/** The first address that a program prints: it prints it when it listens. */
function urlOf(child: ChildProcess): Promise<string> {
  let url: string | undefined;
  const streams = [child.stdout, child.stderr].map((stream) => ({ stream, text: "" }));
  return new Promise((resolve, reject) => {
    for (const output of streams)
      output.stream?.setEncoding("utf8").on("data", (part: string) => {
        // The rest is a line of the log for each request: read, or the program would be held up, but not kept.
        if (url) return;
        output.text += part;
        [url] = addressesIn(output.text);
        if (url) resolve(url);
      });
    child.once("exit", () => {
      reject(new Error(`The program has not started: ${streams.map(({ text }) => text).join("")}`));
    });
  });
}
