import { expect, onTestFinished, test, vi } from "vitest";
import type { Gateway } from "../../src/server/listen.js";
import { type Issuer, inSeconds, startIssuer } from "../support/issuer.js";
import { startOn, useWorld } from "../support/world.js";

const world = useWorld();

/** Asks with a token: the status and the code of the error, if there is one. */
async function send(token: string, { url }: Gateway) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: "{ __typename }" }),
  });
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return [response.status, errors?.[0]?.extensions.code];
}

const letIn = [200, undefined];
const invalid = [401, "UNAUTHENTICATED"];
const unavailable = [503, "AUTH_UNAVAILABLE"];

const minute = 60_000;
const hour = 60 * minute;
let own: Issuer;

/** An issuer of its own, a gateway that takes its tokens, and a clock to turn. */
async function start(env: Record<string, string> = {}, prepare: (own: Issuer) => void = () => {}) {
  own = await startIssuer();
  prepare(own);
  const started = await startOn(world.chimeUrl, { ...own.env, ...env });
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(async () => {
    vi.useRealTimers();
    await started.close();
    await own.close();
  });
  return started;
}
const later = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);
const days = () => own.sign({ exp: inSeconds(10 * 24 * 3600) });
const ready = async ({ url }: Gateway) => {
  const response = await fetch(`${url}/health/ready`);
  return [response.status, await response.json()];
};

test("an issuer's keys are found by the issuer's description, and fetched once", async () => {
  const started = await start();
  const token = await days();
  await Promise.all(Array.from({ length: 50 }, () => send(token, started)));

  expect(await send(token, started)).toEqual(letIn);
  expect(own.asked).toEqual(["/.well-known/openid-configuration", "/keys"]);
});

test("an issuer's keys are where AUTH_JWKS_URL says, without asking for a description", async () => {
  const elsewhere = await startIssuer();
  onTestFinished(() => elsewhere.close());
  const started = await start({ AUTH_JWKS_URL: `${elsewhere.url}/keys` });
  const { kid, privateKey } = elsewhere.keys.RS256;

  expect(await send(await own.sign({}, { kid }, privateKey), started)).toEqual(letIn);
  expect([own.asked, elsewhere.asked]).toEqual([[], ["/keys"]]);
});

test("an issuer's keys are not taken from a description of another issuer", async () => {
  const started = await start({}, (it) => {
    it.name = "https://other.example.com";
  });

  expect(await send(await own.sign(), started)).toEqual(unavailable);
  expect(own.asked).toEqual(["/.well-known/openid-configuration"]);
});

test("an issuer's keys need not be there at the start: until they are, it is 503, not ready, and nobody's fault", async () => {
  const started = await start({}, (it) => {
    it.down = true;
  });
  const token = await days();

  expect(await send(token, started)).toEqual(unavailable);
  expect(await ready(started)).toMatchObject([503, { status: "unavailable", code: "AUTH_UNAVAILABLE" }]);
  expect(await send("", started)).toEqual(invalid);
  own.down = false;
  later(11_000);
  expect(await ready(started)).toEqual([200, { status: "ok", chime: "OK" }]);
  expect(await send(token, started)).toEqual(letIn);
});

test("an issuer's keys serve through an outage of a day, and no longer", async () => {
  const started = await start();
  const token = await days();
  expect(await send(token, started)).toEqual(letIn);
  own.down = true;

  later(23 * hour);
  expect(await send(token, started)).toEqual(letIn);
  later(2 * hour);
  expect(await send(token, started)).toEqual(unavailable);
  own.down = false;
  later(minute);
  expect(await send(token, started)).toEqual(letIn);
});

test("an issuer's keys are asked for once where many tokens name unknown ones, in an outage too", async () => {
  const started = await start();
  await send(await days(), started);
  const flood = async () => {
    own.asked.length = 0;
    later(minute);
    const tokens = await Promise.all(
      Array.from({ length: 100 }, (_, n) => own.sign({}, { kid: `made-up-${n}` })),
    );
    for (const token of tokens) expect(await send(token, started)).toEqual(invalid);
    return own.asked;
  };

  expect(await flood()).toEqual(["/.well-known/openid-configuration", "/keys"]);
  own.down = true;
  expect(await flood()).toEqual(["/.well-known/openid-configuration"]);
});

test("an issuer's keys may change: a token of the new key is taken at once, one of the old key not any more", async () => {
  const started = await start();
  const before = await days();
  expect(await send(before, started)).toEqual(letIn);
  await own.rotate();

  later(minute);
  expect(await send(await days(), started)).toEqual(letIn);
  expect(await send(before, started)).toEqual(invalid);
});

test("an issuer's keys that it has withdrawn are trusted for ten minutes at most", async () => {
  const started = await start();
  const before = await days();
  expect(await send(before, started)).toEqual(letIn);
  await own.rotate();

  later(11 * minute);
  expect(await send(before, started)).toEqual(invalid);
});
