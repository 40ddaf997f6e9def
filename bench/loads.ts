/** The calls that a throttling Chime accepts, and the clients that cause them. */
export interface Load {
  /** Calls a second that Chime accepts. */
  readonly rate: number;
  /** Each looks up one user, and the next one when that is answered. */
  readonly clients: number;
  /** Calls that Chime accepts at once after a pause. */
  readonly burst: number;
  /** Milliseconds that each of Chime's responses takes. */
  readonly latency: number;
}

/** Seconds of each measurement, from the first request that a process gets. */
export const seconds = 10;
/** The first seconds include the burst and the search for Chime's rate. */
const settledAfter = 3;
/** The default of CHIME_CONCURRENCY. */
const concurrency = 50;
/** What a call takes in addition to Chime's latency: timers and two busy processes. */
const overhead = 1.15;

export const nameOf = ({ rate, clients, burst, latency }: Load): string =>
  `${rate}/${clients}/${burst}/${latency}`;

/** @returns undefined if the name is not of the form `500/64/50/20` */
export function loadOf(name: string): Load | undefined {
  const [, rate, clients, burst, latency] = (/^(\d+)\/(\d+)\/(\d+)\/(\d+)$/.exec(name) ?? []).map(Number);
  // Chime's fault rules accept no burst below one.
  return rate && clients && burst && latency !== undefined ? { rate, clients, burst, latency } : undefined;
}

export const standardLoads: readonly Load[] = [
  { rate: 10, clients: 4, burst: 1, latency: 0 },
  { rate: 10, clients: 16, burst: 1, latency: 20 },
  { rate: 100, clients: 4, burst: 10, latency: 0 },
  { rate: 100, clients: 16, burst: 10, latency: 20 },
  { rate: 100, clients: 64, burst: 100, latency: 100 },
  { rate: 100, clients: 64, burst: 10, latency: 0 },
  { rate: 500, clients: 16, burst: 50, latency: 0 },
  { rate: 500, clients: 64, burst: 50, latency: 50 },
];

/** Lookups a second that can be answered, the burst aside. */
export const capacityOf = ({ rate, clients, latency }: Load): number =>
  Math.min(rate, Math.min(clients, concurrency) / (latency / 1000) / overhead);

/** The result of a contender under a load. */
export interface Outcome {
  /** The share of the capacity that was answered. Above 1 it includes the burst. */
  readonly share: number;
  /** The same of the worst second, after the first three. */
  readonly worstSecond: number;
  /** Calls to Chime for each lookup that was answered, late ones included. */
  readonly calls: number;
  /** Lookups that failed. */
  readonly errors: number;
}

/** What the clients and Chime have observed. */
export interface Observation {
  /** When each lookup was answered: milliseconds since the first one was sent. */
  readonly answeredAt: readonly number[];
  readonly errors: number;
  readonly calls: number;
}

export function outcomeOf(load: Load, { answeredAt, errors, calls }: Observation): Outcome {
  const perSecond = Array.from(
    { length: seconds },
    (_, second) => answeredAt.filter((at) => Math.floor(at / 1000) === second).length,
  );
  const capacity = capacityOf(load);
  return {
    share: perSecond.reduce((sum, count) => sum + count, 0) / capacity / seconds,
    worstSecond: Math.min(...perSecond.slice(settledAfter)) / capacity,
    calls: calls / answeredAt.length,
    errors,
  };
}
