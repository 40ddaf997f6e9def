import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** Whether this machine has a redis-server. */
export const hasRedis = (() => {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

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
  let server: ChildProcess | undefined;
  return {
    url: `redis://:${redisPassword}@127.0.0.1:${port}/1`,
    async start() {
      const started = spawn(
        "redis-server",
        ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", redisPassword],
        { stdio: ["ignore", "pipe", "ignore"] },
      );
      server = started;
      let output = "";
      for await (const text of started.stdout.iterator({ destroyOnReturn: false })) {
        output += String(text);
        if (output.includes("Ready to accept connections")) break;
      }
      started.stdout.resume();
    },
    signal: (signal) => void server?.kill(signal),
    async kill() {
      if (!server || server.exitCode !== null || server.signalCode !== null) return;
      server.kill("SIGKILL");
      await once(server, "exit");
    },
  };
}

export const redisPassword = "a-password-of-redis";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  return address.port;
}
