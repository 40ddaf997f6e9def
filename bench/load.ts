import { Pool } from "undici";

/** A request to a contender: all are POST, of JSON. */
export interface Shot {
  readonly path: string;
  readonly body: string;
  /** Bytes of the answer, if they are known: another number is an error. */
  readonly size?: number;
}

/** The nth request of those that take turns. */
export const byTurns =
  (shots: readonly Shot[]) =>
  (n: number): Shot => {
    const shot = shots[n % shots.length];
    if (!shot) throw new Error("There is nothing to ask.");
    return shot;
  };

export interface Fired {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds of each request. */
  readonly latencies: readonly number[];
}

/** When to stop: whichever comes first. */
export interface Until {
  readonly seconds?: number;
  readonly requests?: number;
}

/** A client that keeps so many requests under way, on as many connections; several servers take turns. */
export interface Gun {
  /** @param next makes the nth request */
  fire(next: (n: number) => Shot, until: Until): Promise<Fired>;
  /** One request. */
  ask(shot: Shot): Promise<Buffer>;
  close(): Promise<void>;
}

export function createGun(urls: readonly string[], connections: number): Gun {
  const pools = urls.map((url) => new Pool(url, { connections: Math.ceil(connections / urls.length) }));
  const poolOf = (n: number): Pool => pools[n % pools.length] as Pool;

  async function exchange(pool: Pool, { path, body, size = -1 }: Shot): Promise<Buffer> {
    const headers = { "content-type": "application/json" };
    const answer = await pool.request({ path, method: "POST", headers, body });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (answer.statusCode !== 200) throw new Error(`${path} answers ${answer.statusCode}: ${bytes}`);
    if (size >= 0 && bytes.byteLength !== size) throw new Error(`${path} answers otherwise: ${bytes}`);
    return bytes;
  }

  return {
    async fire(next, { seconds = Number.POSITIVE_INFINITY, requests = Number.POSITIVE_INFINITY }) {
      const latencies: number[] = [];
      const began = performance.now();
      let begun = 0;
      async function shoot(pool: Pool): Promise<void> {
        for (let now = began; begun < requests && now < began + seconds * 1000; ) {
          await exchange(pool, next(begun++));
          const then = performance.now();
          latencies.push(then - now);
          now = then;
        }
      }
      await Promise.all(Array.from({ length: connections }, (_, n) => shoot(poolOf(n))));
      return { requests: latencies.length, seconds: (performance.now() - began) / 1000, latencies };
    },
    ask: (shot) => exchange(poolOf(0), shot),
    async close() {
      await Promise.all(pools.map((pool) => pool.close()));
    },
  };
}
