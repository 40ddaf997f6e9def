import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Gateway } from "../../src/server/listen.js";
import { startOn, useHarness } from "../support/fixture.js";
import { type Issuer, inSeconds, startIssuer } from "../support/issuer.js";

const harness = useHarness();

/** Sends a request with a token: the status and the error's code. */
async function send(token: string, { url }: Gateway) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: "{ __typename }" }),
  });
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return [response.status, errors?.[0]?.extensions.code];
}

const accepted = [200, undefined];
const invalid = [401, "UNAUTHENTICATED"];
const unavailable = [503, "AUTH_UNAVAILABLE"];

const minute = 60_000;
const hour = 60 * minute;
const discovery = "/.well-known/openid-configuration";
let own: Issuer;

/** A gateway with an issuer, and control over both clocks: the wall clock, and the monotonic one with its intervals. */
async function start(env: Record<string, string> = {}, prepare: (own: Issuer) => void = () => {}) {
  own = await startIssuer();
  prepare(own);
  vi.useFakeTimers({ toFake: ["Date", "performance", "setInterval", "clearInterval"] });
  const started = await startOn(harness.chimeUrl, { ...own.env, ...env });
  onTestFinished(async () => {
    await started.close();
    await own.close();
  });
  return started;
}
afterEach(() => {
  vi.useRealTimers();
});

/** Time passes, and loads of keys that it starts are awaited. */
async function later(milliseconds: number) {
  const before = own.asked.length;
  vi.advanceTimersByTime(milliseconds);
  await new Promise((resolve) => setTimeout(resolve, 100));
  return own.asked.slice(before);
}
const setWallClock = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);
const longLived = () => own.sign({ exp: inSeconds(10 * 24 * 3600) });
const ready = async ({ url }: Gateway) => {
  const response = await fetch(`${url}/health/ready`);
  return [response.status, await response.json()];
};

test("keys are found by OpenID Connect discovery, and loaded once", async () => {
  const started = await start();
  const token = await longLived();
  await Promise.all(Array.from({ length: 50 }, () => send(token, started)));

  expect(await send(token, started)).toEqual(accepted);
  expect(own.asked).toEqual([discovery, "/keys"]);
});

test("keys are loaded from AUTH_JWKS_URL without discovery", async () => {
  const elsewhere = await startIssuer();
  onTestFinished(() => elsewhere.close());
  const started = await start({ AUTH_JWKS_URL: `${elsewhere.url}/keys` });
  const { kid, privateKey } = elsewhere.keys.RS256;

  expect(await send(await own.sign({}, { kid }, privateKey), started)).toEqual(accepted);
  expect([own.asked, elsewhere.asked]).toEqual([[], ["/keys"]]);
});

test("a discovery document of another issuer is rejected", async () => {
  const started = await start({}, (it) => {
    it.name = "https://other.example.com";
  });

  expect(await send(await own.sign(), started)).toEqual(unavailable);
  expect(own.asked).toEqual([discovery]);
});

test("until the first keys are loaded, the gateway is not ready and responds 503", async () => {
  const started = await start({}, (it) => {
    it.down = true;
  });
  const token = await longLived();

  expect(await send(token, started)).toEqual(unavailable);
  expect(await ready(started)).toMatchObject([503, { status: "unavailable", code: "AUTH_UNAVAILABLE" }]);
  expect(await send("", started)).toEqual(invalid);
  own.down = false;
  await later(11_000);
  expect(await ready(started)).toEqual([200, { status: "ok", chime: "OK" }]);
  expect(await send(token, started)).toEqual(accepted);
});

test("the last keys are used during an outage of a day, and no longer", async () => {
  const started = await start();
  const token = await longLived();
  expect(await send(token, started)).toEqual(accepted);
  own.down = true;

  await later(23 * hour);
  expect(await send(token, started)).toEqual(accepted);
  await later(2 * hour);
  expect(await send(token, started)).toEqual(unavailable);
  own.down = false;
  await later(minute);
  expect(await send(token, started)).toEqual(accepted);
});

test("many tokens with unknown key ids cause one load, and a failed one during an outage", async () => {
  const started = await start();
  await send(await longLived(), started);
  const flood = async () => {
    own.asked.length = 0;
    await later(minute);
    const tokens = await Promise.all(
      Array.from({ length: 100 }, (_, n) => own.sign({}, { kid: `made-up-${n}` })),
    );
    for (const token of tokens) expect(await send(token, started)).toEqual(invalid);
    return own.asked;
  };

  expect(await flood()).toEqual([discovery, "/keys"]);
  own.down = true;
  expect(await flood()).toEqual([discovery]);
});

test("after a rotation a token of the new key is accepted at once, and one of the old key no longer", async () => {
  const started = await start();
  const before = await longLived();
  expect(await send(before, started)).toEqual(accepted);
  await own.rotate();

  await later(minute);
  expect(await send(await longLived(), started)).toEqual(accepted);
  expect(await send(before, started)).toEqual(invalid);
});

test("a withdrawn key is trusted for ten minutes at most, and no request waits for the reload", async () => {
  const started = await start();
  const before = await longLived();
  expect(await send(before, started)).toEqual(accepted);
  await own.rotate();

  expect(await later(9 * minute)).toEqual([]);
  expect(await send(before, started)).toEqual(accepted);
  expect(await later(minute)).toEqual([discovery, "/keys"]);
  expect(await send(before, started)).toEqual(invalid);
});

test("an issuer that hangs delays no request whose key is loaded", async () => {
  const started = await start();
  const token = await longLived();
  expect(await send(token, started)).toEqual(accepted);
  own.hangs = true;
  await later(11 * minute);

  vi.useRealTimers();
  const began = performance.now();
  expect(await send(token, started)).toEqual(accepted);
  expect(performance.now() - began).toBeLessThan(1_000);
});

test.each([
  ["back", -hour],
  ["forward", 48 * hour],
])("a wall clock that is set %s changes no age of a key", async (_direction, change) => {
  const started = await start();
  const before = await longLived();
  expect(await send(before, started)).toEqual(accepted);

  setWallClock(change);
  own.down = true;
  expect(await send(before, started)).toEqual(accepted);
  own.down = false;
  await own.rotate();
  await later(11_000);
  expect(await send(await longLived(), started)).toEqual(accepted);
  const rotated = await longLived();
  await own.rotate();
  expect(await later(10 * minute)).toEqual([discovery, "/keys"]);
  expect(await send(rotated, started)).toEqual(invalid);
});

describe("a response of more than 1 MiB is rejected, counted after decompression:", () => {
  const padded = (answer: object, size: number) =>
    Buffer.from(JSON.stringify({ padding: "a".repeat(size), ...answer }));

  test.each<[string, string, boolean]>([
    ["keys", "/keys", false],
    ["keys, compressed", "/keys", true],
    ["a discovery document", discovery, false],
    ["a discovery document, compressed", discovery, true],
  ])("%s", async (_what, path, isCompressed) => {
    const started = await start({}, (it) => {
      it.encode = (url, answer) => {
        const body = padded(answer, url === path ? 2_000_000 : 0);
        return isCompressed ? { body: gzipSync(body), encoding: "gzip" } : { body };
      };
    });

    expect(await send(await longLived(), started)).toEqual(unavailable);
    own.encode = (_url, answer) => ({ body: padded(answer, 1_000_000) });
    await later(11_000);
    expect(await send(await longLived(), started)).toEqual(accepted);
  });
});
