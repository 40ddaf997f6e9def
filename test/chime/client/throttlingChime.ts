import { onTestFinished } from "vitest";
import type { ChimeSession } from "../../../src/chime/session.js";
import type { UpstreamSettings } from "../../../src/chime/upstream.js";
import { startStub } from "../../support/stub.js";
import { upstreamOn } from "../../support/versions.js";

/** What a Chime of these tests does with the nth request: a status, or no answer at all. */
export type Behaviour = (n: number, accountId: string) => number | "hang";

const errorTypes: Readonly<Record<number, string>> = {
  429: "ThrottledClientException",
  503: "ServiceUnavailableException",
};

/** A Chime that throttles on demand, and records which accounts are requested. */
export async function startThrottlingChime(
  behave: Behaviour,
  headers: Readonly<Record<string, string>> = {},
) {
  const arrivals: string[] = [];
  const chime = await startStub(async ({ url = "" }, response) => {
    const accountId = /^\/accounts\/([^/?]+)/.exec(url)?.[1] ?? "";
    arrivals.push(accountId);
    const status = behave(arrivals.length, accountId);
    if (status === "hang") return;
    response.statusCode = status;
    response.setHeader("content-type", "application/json");
    const errorType = errorTypes[status];
    if (errorType) {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.setHeader("x-amzn-errortype", errorType).end("{}");
    } else response.end(JSON.stringify({ Account: { AccountId: accountId, AwsAccountId: "1", Name: "A" } }));
  });
  onTestFinished(() => chime.close());
  return { ...chime, arrivals };
}

export function startUpstream(url: string, settings: Partial<UpstreamSettings> = {}) {
  const upstream = upstreamOn(url, settings);
  onTestFinished(() => upstream.close());
  return upstream;
}

export const read = (session: ChimeSession, accountId: string) =>
  session.read("GetAccount", { AccountId: accountId });

export const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "OK",
    (error) => error.outcome,
  );

/** Chime throttles everything but one request in this many milliseconds. */
export function oneEvery(milliseconds: number): Behaviour {
  let next = 0;
  return () => {
    const now = performance.now();
    if (now < next) return 429;
    next = now + milliseconds;
    return 200;
  };
}
