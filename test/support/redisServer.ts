import { isInstalled } from "./installed.js";
import { freePort, type RunningProcess, startProcess } from "./processes.js";

/** Whether this machine has a redis-server. */
export const hasRedis = isInstalled("redis-server", "--version");

export interface RedisServer {
  readonly url: string;
  start(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it, as a crash would. */
  kill(): Promise<void>;
}

/** A redis-server on a free port, with a password and nothing on disk; not started yet. */
export async function createRedisServer(): Promise<RedisServer> {
  const port = await freePort();
  let server: RunningProcess | undefined;
  return {
    url: `redis://:${redisPassword}@127.0.0.1:${port}/1`,
    async start() {
      const args = [
        "--port",
        String(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--requirepass",
        redisPassword,
      ];
      server = await startProcess(["redis-server", ...args], {
        isStarted: (stdout) => stdout.includes("Ready to accept connections"),
      });
    },
    signal: (signal) => void server?.child.kill(signal),
    async kill() {
      await server?.stop("SIGKILL");
    },
  };
}

export const redisPassword = "a-password-of-redis";
