import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { ask, startOn } from "../support/world.js";

/** A gateway on a Chime that takes ten requests a second and throttles the others. */
async function gatewayOnBusyChime() {
  let arrivals = 0;
  let tokens = 10;
  let filled = performance.now();
  const chime = createServer((request, response) => {
    arrivals++;
    const now = performance.now();
    tokens = Math.min(10, tokens + (now - filled) / 100);
    filled = now;
    response.setHeader("content-type", "application/json");
    if (tokens < 1) {
      response.statusCode = 429;
      response.setHeader("x-amzn-errortype", "ThrottledClientException").end("{}");
      return;
    }
    tokens--;
    const userId = /users\/([^?]*)/.exec(request.url ?? "")?.[1];
    response.end(JSON.stringify({ User: { UserId: userId, PersonalPIN: "1" } }));
  }).listen(0, "127.0.0.1");
  await once(chime, "listening");
  const gateway = await startOn(`http://127.0.0.1:${(chime.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    await gateway.close();
    chime.closeAllConnections();
    chime.close();
  });
  return { url: gateway.url, arrivals: () => arrivals };
}

describe("a Chime that takes ten requests a second", () => {
  test("answers 60 look-ups at once within the deadline, few of them asked twice", {
    timeout: 15_000,
  }, async () => {
    const { url, arrivals } = await gatewayOnBusyChime();
    const userIds = Array.from({ length: 60 }, (_, i) => `u${i}`);
    const { data, errors } = await ask(url, {
      query: `query ($userIds: [ID!]!) { users(accountId: "a", userIds: $userIds) { userId personalPin } }`,
      variables: { userIds },
    });

    expect(errors).toBeUndefined();
    expect(data.users.map(({ userId }: { userId: string }) => userId)).toEqual(userIds);
    expect(arrivals()).toBeLessThanOrEqual(78);
  });
});

describe("a Chime that asks to wait for long", () => {
  test("holds nobody up for longer than a moment, and is told as a throttle", {
    timeout: 20_000,
  }, async () => {
    let throttles = 1;
    const chime = createServer((_request, response) => {
      response.setHeader("content-type", "application/json");
      if (throttles-- > 0) {
        response.statusCode = 429;
        response.setHeader("retry-after", "3000000");
        response.setHeader("x-amzn-errortype", "ThrottledClientException").end("{}");
        return;
      }
      response.end(JSON.stringify({ Account: { AccountId: "a", AwsAccountId: "1", Name: "A" } }));
    }).listen(0, "127.0.0.1");
    await once(chime, "listening");
    const gateway = await startOn(`http://127.0.0.1:${(chime.address() as AddressInfo).port}`);
    onTestFinished(async () => {
      await gateway.close();
      chime.closeAllConnections();
      chime.close();
    });
    const query = `{ account(accountId: "a") { name } }`;
    const started = performance.now();

    expect(await ask(gateway.url, { query })).toEqual({ data: { account: { name: "A" } } });
    expect(performance.now() - started).toBeLessThan(5_000);
    throttles = Number.POSITIVE_INFINITY;
    const { errors } = await ask(gateway.url, { query });
    expect(errors).toMatchObject([{ extensions: { code: "THROTTLED" } }]);
  });
});
