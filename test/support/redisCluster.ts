import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type RunningProcess, runProcess, startProcess } from "./processes.js";
import { redisPassword } from "./redisServer.js";

/** Three redis-servers that share the keys. */
export interface RedisCluster {
  /** Its nodes, with commas between. */
  readonly urls: string;
  /** Ends a node, as a crash would. */
  kill(node: number): Promise<void>;
  /** Starts it again, with the slots that it had. */
  start(node: number): Promise<void>;
  close(): Promise<void>;
}

export async function startRedisCluster(): Promise<RedisCluster> {
  const folder = mkdtempSync(join(tmpdir(), "redis-cluster-"));
  const ports: number[] = [];
  // One after the other, as no two may be equal.
  while (ports.length < 6) {
    const port = await freePort();
    if (!ports.includes(port)) ports.push(port);
  }
  const nodes = ports.slice(0, 3);
  const servers: (RunningProcess | undefined)[] = [];

  async function start(node: number): Promise<void> {
    const settings = {
      port: nodes[node],
      "cluster-port": ports[node + 3],
      bind: "127.0.0.1",
      save: '""',
      requirepass: redisPassword,
      "cluster-enabled": "yes",
      "cluster-config-file": join(folder, `${node}.conf`),
      "cluster-node-timeout": 1_000,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    servers[node] = await startProcess(["redis-server", ...args], {
      cwd: folder,
      isStarted: (stdout) => stdout.includes("Ready to accept connections"),
    });
  }

  await Promise.all(nodes.map((_port, node) => start(node)));
  const addresses = nodes.map((port) => `127.0.0.1:${port}`);
  const { code, stdout, stderr } = await runProcess([
    "redis-cli",
    "-a",
    redisPassword,
    "--cluster",
    "create",
    ...addresses,
    "--cluster-yes",
  ]);
  if (code !== 0) throw new Error(`The cluster was not created: ${stdout}${stderr}`);

  const kill = async (node: number) => void (await servers[node]?.stop("SIGKILL"));
  return {
    urls: addresses.map((address) => `redis://:${redisPassword}@${address}`).join(),
    kill,
    start,
    async close() {
      await Promise.all(nodes.map((_port, node) => kill(node)));
      rmSync(folder, { recursive: true });
    },
  };
}
