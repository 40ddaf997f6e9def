import { z } from "zod";
import { operations } from "../chime-api/operations.js";

const kinds = [
  /** Delays the work by `ms` milliseconds; combines with another fault. */
  "latency",
  /** Chime's own errors Throttled, ServiceFailure and ServiceUnavailable. The work is not done. */
  "429",
  "500",
  "503",
  /** Errors of a proxy in front of Chime: an HTML page without an error type. The work is not done. */
  "502",
  "504",
  /** Throttled for requests beyond a rate of `perSecond` and a burst of `burst`. Their work is not done. */
  "throttle",
  /** Resets the connection (RST) when the whole request is received: before, or after, the work is done. */
  "reset-before",
  "reset-after",
  /** Closes the connection (FIN) without a response. The work is not done. */
  "close",
  /** Never responds. The work is not done. */
  "hang",
  /** The work is done, but the connection is closed half-way through the response's body. */
  "truncate",
  /** The work is done, and the response's body is half of its JSON. */
  "malformed",
] as const;

const operationNames = new Set(["*", ...Object.keys(operations)]);

/** A rule as clients send it. Without `next` and `probability` it applies to every request that it matches. */
export const faultRule = z
  .strictObject({
    operation: z
      .string()
      .refine((name) => operationNames.has(name), "must be the name of an operation, or *")
      .default("*"),
    kind: z.enum(kinds),
    /** A part of the request's path or query, such as a user's id. */
    path: z.string().min(1).optional(),
    /** Applies to this number of matching requests, then never again. */
    next: z.int().min(1).optional(),
    /** Applies to this share of the matching requests. */
    probability: z.number().min(0).max(1).optional(),
    /** Rules with the same seed and probability apply in the same pattern. */
    seed: z.int().optional(),
    ms: z.number().min(0).max(600_000).optional(),
    /** Matching requests per second that a throttle rule admits, all counted together. */
    perSecond: z.number().positive().max(1_000_000).optional(),
    /** Requests that it admits at once. Default: those of a second, at least one. */
    burst: z.int().min(1).optional(),
  })
  .refine(({ kind, ms }) => (kind === "latency") === (ms !== undefined), {
    path: ["ms"],
    error: "is required for latency rules, and allowed for no others",
  })
  .refine(({ kind, perSecond }) => (kind === "throttle") === (perSecond !== undefined), {
    path: ["perSecond"],
    error: "is required for throttle rules, and allowed for no others",
  })
  .refine(({ kind, burst }) => kind === "throttle" || burst === undefined, {
    path: ["burst"],
    error: "is allowed for throttle rules only",
  })
  .refine(({ kind, next, probability }) => kind !== "throttle" || (next ?? probability) === undefined, {
    path: ["kind"],
    error: "throttle cannot be combined with next or probability",
  })
  .refine(({ next, probability }) => next === undefined || probability === undefined, {
    path: ["probability"],
    error: "cannot be combined with next",
  });

export type FaultRule = z.infer<typeof faultRule>;
export type FaultKind = FaultRule["kind"];

/** A rule, and how many requests it was applied to. */
export type ActiveRule = FaultRule & { applied: number };

export type Faults = ReturnType<typeof createFaults>;

interface Fault {
  readonly rule: ActiveRule;
  /** Decides on one matching request. Each call counts: it may take a token or the next random number. */
  readonly decide: () => boolean;
}

export function createFaults() {
  let faults: readonly Fault[] = [];

  return {
    add(rules: readonly FaultRule[]): void {
      const active = rules.map((rule) => ({ ...rule, applied: 0 }));
      faults = [...faults, ...active.map((rule) => ({ rule, decide: createDecision(rule) }))];
    },
    list: (): ActiveRule[] => faults.map(({ rule }) => rule),
    clear(): void {
      faults = [];
    },
    /**
     * Picks the rules to apply to a request: the first latency and the first other one.
     * @param target the request's path and query
     */
    pick(operation: string, target: string): { latency?: ActiveRule; other?: ActiveRule } {
      const matching = faults.filter(
        ({ rule }) =>
          (rule.operation === "*" || rule.operation === operation) &&
          (rule.path === undefined || target.includes(rule.path)),
      );
      const latency = pickFirst(matching.filter(({ rule }) => rule.kind === "latency"));
      const other = pickFirst(matching.filter(({ rule }) => rule.kind !== "latency"));
      return { ...(latency && { latency }), ...(other && { other }) };
    },
  };
}

/** Rules after the first one that applies are not evaluated, and keep their tokens. */
function pickFirst(faults: readonly Fault[]): ActiveRule | undefined {
  for (const { rule, decide } of faults) {
    if (!decide()) continue;
    rule.applied += 1;
    return rule;
  }
  return undefined;
}

function createDecision(rule: ActiveRule): () => boolean {
  const { next, probability, perSecond, burst, seed = 1 } = rule;
  if (perSecond !== undefined) {
    const takeToken = createTokenBucket(perSecond, burst ?? Math.max(1, perSecond));
    return () => !takeToken();
  }
  if (next !== undefined) return () => rule.applied < next;
  if (probability === undefined) return () => true;
  const random = createRandom(seed);
  return () => random() < probability;
}

/** A token bucket, full at first. @returns a function that takes a token if there is one */
function createTokenBucket(perSecond: number, capacity: number): () => boolean {
  let tokens = capacity;
  let filledAt = performance.now();
  return () => {
    const now = performance.now();
    tokens = Math.min(capacity, tokens + ((now - filledAt) * perSecond) / 1000);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/** Mulberry32: numbers from 0 to 1 that depend on the seed. Math.random cannot be seeded. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
