import type { DeserializedData } from "keyv";
import type { SharedStore } from "./store.js";

/** For one operation. A slower Redis has no advantage over Chime. */
const timeoutMs = 100;
/** After a failure, during which operations fail immediately. */
const cooldownMs = 1_000;
const reportIntervalMs = 60_000;
const namespace = "chime-graphql";

/** In one step, so that no count is without an end. */
const incrementScript = `
  local count = redis.call("INCR", KEYS[1])
  if count == 1 then redis.call("PEXPIRE", KEYS[1], ARGV[1]) end
  return { count, redis.call("PTTL", KEYS[1]) }
`;

/**
 * A store in Redis or Valkey. It connects in the background and reconnects without end, so that a Redis that is down, even
 * at the start, is used as soon as it is up. Its errors are not logged: they may contain its address.
 */
export async function connectRedis(url: string): Promise<SharedStore> {
  // Loaded only when it is used.
  const [{ Keyv }, { default: KeyvRedis, createClient }] = await Promise.all([
    import("keyv"),
    import("@keyv/redis"),
  ]);
  const client = createClient({
    url,
    // A command that cannot be sent now would arrive too late.
    disableOfflineQueue: true,
    // A connection that receives nothing, not even the response to a ping, is replaced.
    pingInterval: 1_000,
    socket: { connectTimeout: 2_000, socketTimeout: 5_000, reconnectStrategy: () => 500 },
  });
  const keyv = new Keyv(new KeyvRedis(client, { throwOnErrors: true }), {
    namespace,
    serialize: JSON.stringify,
    deserialize,
    throwOnErrors: true,
  });
  // Callers get the errors; without a listener they would also end the process.
  keyv.on("error", () => undefined);
  client.connect().catch(() => undefined);

  const listeners: ((isAvailable: boolean) => void)[] = [];
  const malformed = createMalformedCount();
  let isAvailable = true;
  let cooldownEnd = 0;

  function setAvailable(value: boolean): void {
    if (value === isAvailable) return;
    isAvailable = value;
    for (const listener of listeners) listener(value);
  }

  async function run<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (performance.now() < cooldownEnd) throw new Error("Redis is in cooldown.");
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`Redis did not respond in ${timeoutMs} ms.`)), timeoutMs);
    });
    try {
      const result = await Promise.race([operation(), timeout]);
      setAvailable(true);
      return result;
    } catch (error) {
      cooldownEnd = performance.now() + cooldownMs;
      setAvailable(false);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** A malformed value counts as missing. An error would make Redis unavailable. */
  function deserialize<Value>(text: string): DeserializedData<Value> | undefined {
    const data = parseJson(text);
    if (typeof data === "object" && data !== null && "value" in data) return data as DeserializedData<Value>;
    malformed.add();
    return undefined;
  }

  return {
    getMany: (keys) => run(() => keyv.getMany([...keys])),
    async set(key, value, milliseconds) {
      await run(() => keyv.set(key, value, milliseconds));
    },
    async increment(key, milliseconds) {
      const names = { keys: [`${namespace}:${key}`], arguments: [String(milliseconds)] };
      const [count, timeLeft] = (await run(() => client.eval(incrementScript, names))) as [number, number];
      return { count, timeLeft };
    },
    foundMalformed: malformed.add,
    onChange: (listener) => listeners.push(listener),
    onMalformed: malformed.onCount,
    close() {
      malformed.close();
      client.destroy();
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
