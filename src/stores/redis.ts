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
    deserialize: JSON.parse,
    throwOnErrors: true,
  });
  // Who asks is told; without a listener, so would be the process.
  keyv.on("error", () => undefined);
  client.connect().catch(() => undefined);

  const listeners: ((answers: boolean) => void)[] = [];
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

  return {
    getMany: (keys) => inTime(() => keyv.getMany([...keys])),
    async set(key, value, milliseconds) {
      await inTime(() => keyv.set(key, value, milliseconds));
    },
    onChange: (listener) => listeners.push(listener),
    close: () => client.destroy(),
  };
}
