import { connectionOptions, reasonOf, replyOf } from "./redisConnection.js";
import type { SharedStore } from "./store.js";

/** Maximum duration of an operation: beyond it, calling Chime is faster. */
const timeoutMs = 100;
/** After a failure, operations fail immediately for this long. */
const cooldownMs = 1_000;
const reportIntervalMs = 60_000;
const namespace = "chime-graphql";
/** One step for both commands, so that each count has an end. */
const incrementScript = `
  local count = redis.call("INCR", KEYS[1])
  if count == 1 then redis.call("PEXPIRE", KEYS[1], ARGV[1]) end
  return { count, redis.call("PTTL", KEYS[1]) }
`;
const nameOf = (key: string): string => `${namespace}:${key}`;

/**
 * A store in Redis or Valkey. It connects in the background and reconnects without end, so that a Redis that is down, even
 * at the start, is used as soon as it is up. Of its errors only a code is reported: their messages may contain its address.
 *
 * @param urls one, or nodes of a cluster
 */
export async function connectRedis(urls: readonly string[]): Promise<SharedStore> {
  // Loaded only when it is used.
  const { createClient, createCluster } = await import("@redis/client");
  const isCluster = urls.length > 1;
  const options = connectionOptions(urls);
  /** The reason why the last attempt to connect failed: an operation only reports that there is no connection. */
  let connectionProblem: string | undefined;

  function connect() {
    const created = isCluster
      ? createCluster({ rootNodes: urls.map((url) => ({ url })), defaults: options })
      : createClient({ url: urls[0] ?? "", ...options });
    // Without a listener, an error would end the process.
    created.on("error", (error: Error) => {
      connectionProblem = reasonOf(error);
    });
    created.connect().catch(() => undefined);
    return created;
  }

  let connection = connect();
  const listeners: ((isAvailable: boolean, problem?: string) => void)[] = [];
  const malformed = createMalformedCount();
  let problem: string | undefined;
  let cooldownEnd = 0;
  let isClosed = false;

  function setProblem(value: string | undefined): void {
    if (value === problem || isClosed) return;
    problem = value;
    for (const listener of listeners) listener(value === undefined, value);
  }

  async function run<Result>(operation: (used: typeof connection) => Promise<Result>): Promise<Result> {
    if (isClosed) throw new Error("Redis is closed.");
    if (performance.now() < cooldownEnd) throw new Error("Redis is in cooldown.");
    const used = connection;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      const error = Object.assign(new Error(`Redis did not respond in ${timeoutMs} ms.`), {
        code: "TIMEOUT",
      });
      timer = setTimeout(() => reject(error), timeoutMs);
    });
    try {
      const result = await Promise.race([operation(used), timeout]);
      connectionProblem = undefined;
      setProblem(undefined);
      return result;
    } catch (error) {
      cooldownEnd = performance.now() + cooldownMs;
      setProblem(replyOf(error) ?? connectionProblem ?? reasonOf(error));
      if (isCluster && !isClosed && used === connection) reconnect();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The client looks for a cluster's nodes once: it would not find those that replace them. */
  function reconnect(): void {
    connection.destroy();
    connection = connect();
  }

  /** A malformed value counts as missing. An error would make Redis unavailable. */
  function read(text: string | null): unknown {
    if (text === null) return undefined;
    const data = parseJson(text);
    if (typeof data === "object" && data !== null && "value" in data) return data.value;
    malformed.add();
    return undefined;
  }

  const getMany = async (keys: readonly string[]): Promise<unknown[]> =>
    (await run((used) => used.mGet(keys.map(nameOf)))).map(read);

  return {
    getMany,
    async set(key, value, milliseconds) {
      await run((used) => used.set(nameOf(key), JSON.stringify({ value }), { PX: milliseconds }));
    },
    async probe() {
      await getMany(["probe"]).catch(() => undefined);
      return problem;
    },
    async increment(key, milliseconds) {
      const names = { keys: [nameOf(key)], arguments: [String(milliseconds)] };
      const [count, timeLeft] = (await run((used) => used.eval(incrementScript, names))) as [number, number];
      return { count, timeLeft };
    },
    foundMalformed: malformed.add,
    onChange: (listener) => listeners.push(listener),
    onMalformed: malformed.onCount,
    close() {
      isClosed = true;
      malformed.close();
      connection.destroy();
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reports the first malformed value immediately, and then their number at most once in an interval. */
function createMalformedCount() {
  const listeners: ((values: number) => void)[] = [];
  let values = 0;
  let timer: NodeJS.Timeout | undefined;

  function report(): void {
    timer = undefined;
    if (values === 0) return;
    for (const listener of listeners) listener(values);
    values = 0;
    timer = setTimeout(report, reportIntervalMs).unref();
  }

  return {
    add(): void {
      values++;
      if (!timer) report();
    },
    onCount: (listener: (values: number) => void): void => void listeners.push(listener),
    close: () => clearTimeout(timer),
  };
}
