import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { createUpstream, type UpstreamSettings } from "../../src/chime/upstream.js";
import { startStub } from "./stub.js";

/** Milliseconds that a call takes before it is done, and from then until it is answered. */
export type Delays = readonly [before: number, after: number];

/** A Chime whose accounts and users all have the same name: the number of writes that it has done. */
export async function startVersionedChime() {
  let version = 0;
  let reads = 0;
  let arrived = 0;
  let delays: { readonly reads: readonly Delays[]; readonly writes: readonly Delays[] } = {
    reads: [],
    writes: [],
  };
  const stub = await startStub(async ({ method, url = "" }, response) => {
    const kind = method === "GET" ? "reads" : "writes";
    const [before, after] = delays[kind][arrived++ % delays[kind].length] ?? [0, 0];
    await sleep(before);
    if (kind === "reads") reads++;
    else version++;
    const name = String(version);
    await sleep(after);
    const [, accountId, userId] = url.match(/^\/accounts\/([^/?]+)(?:\/users\/([^/?]+))?/) ?? [];
    const user = { AccountId: accountId, UserId: userId, DisplayName: name, PersonalPIN: "1234567890" };
    const account = { AccountId: accountId, AwsAccountId: "1", Name: name };
    response
      .setHeader("content-type", "application/json")
      .end(JSON.stringify(userId ? { User: user } : { Account: account }));
  });
  return {
    ...stub,
    /** Writes done so far. */
    get version() {
      return version;
    },
    /** Reads that have arrived so far. */
    get reads() {
      return reads;
    },
    /** From now on calls take this long, in this order. */
    setDelays(some: Partial<typeof delays>) {
      delays = { reads: [], writes: [], ...some };
    },
  };
}

/** Reads that return their result late, and writes that end meanwhile. */
export const delays = fc.record({
  reads: fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 60 })), {
    minLength: 1,
  }),
  writes: fc.array(fc.tuple(fc.integer({ min: 0, max: 10 }), fc.constant(0)), { minLength: 1 }),
});

export const upstreamOn = (endpoint: string, settings: Partial<UpstreamSettings> = {}) =>
  createUpstream({
    target: { mode: "local", endpoint },
    concurrency: 50,
    callTimeout: 5_000,
    readDeadline: 8_000,
    writeDeadline: 30_000,
    ...settings,
  });
