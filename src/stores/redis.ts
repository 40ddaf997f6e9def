import type { DeserializedData } from "keyv";
import type { SharedStore } from "./store.js";

/** Milliseconds that an operation may take: it is there to be faster than Chime. */
const patience = 100;
/** Milliseconds for which a Redis that has failed is left alone. */
const rest = 1_000;

/**
 * A store in Redis or Valkey. It begins to connect, and goes on trying as long as it runs: a Redis that is down when the
 * gateway starts, or goes down, is used when it is there. Nothing is said of its errors, which may hold its address.
 */
export async function connectRedis(url: string): Promise<SharedStore> {
  // Loaded only where it is used.
  const [{ Keyv }, { default: KeyvRedis, createClient }] = await Promise.all([
    import("keyv"),
    import("@keyv/redis"),
  ]);
  const client = createClient({
    url,
    // What can't be sent now would come too late.
    disableOfflineQueue: true,
    // A connection on which nothing comes, not even the answer to a ping, is made anew.
    pingInterval: 1_000,
    socket: { connectTimeout: 2_000, socketTimeout: 5_000, reconnectStrategy: () => 500 },
  });
  const keyv = new Keyv(new KeyvRedis(client, { throwOnErrors: true }), {
    namespace: "chime-graphql",
    serialize: JSON.stringify,
    deserialize,
    throwOnErrors: true,
  });
  // Who asks is told; without a listener, so would be the process.
  keyv.on("error", () => undefined);
  client.connect().catch(() => undefined);

  const listeners: ((answers: boolean) => void)[] = [];
  const malformed = createMalformedCount();
  let answers = true;
  let restUntil = 0;

  function become(state: boolean): void {
    if (state === answers) return;
    answers = state;
    for (const listener of listeners) listener(state);
  }

  async function inTime<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (performance.now() < restUntil) throw new Error("Redis is left alone.");
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("Redis did not answer in time.")), patience);
    });
    try {
      const result = await Promise.race([operation(), late]);
      become(true);
      return result;
    } catch (error) {
      restUntil = performance.now() + rest;
      become(false);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** A value that cannot be read is none. If it raised an error, Redis would count as failed. */
  function deserialize<Value>(text: string): DeserializedData<Value> | undefined {
    const data = parseJson(text);
    if (typeof data === "object" && data !== null && "value" in data) return data as DeserializedData<Value>;
    malformed.add();
    return undefined;
  }

  return {
    getMany: (keys) => inTime(() => keyv.getMany([...keys])),
    async set(key, value, milliseconds) {
      await inTime(() => keyv.set(key, value, milliseconds));
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

/** Milliseconds between two reports of malformed values. */
const reportInterval = 60_000;

/** Counts, and tells at once of the first, then of all that came within a minute. */
function createMalformedCount() {
  const listeners: ((values: number) => void)[] = [];
  let values = 0;
  let timer: NodeJS.Timeout | undefined;

  function report(): void {
    timer = undefined;
    if (values === 0) return;
    for (const listener of listeners) listener(values);
    values = 0;
    timer = setTimeout(report, reportInterval).unref();
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
