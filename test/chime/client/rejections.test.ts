import { describe, expect, test } from "vitest";
import { ask, startOnStub } from "../../support/fixture.js";

const read = `{ account(accountId: "a") { name } }`;
const write = `mutation { createAccount(input: { name: "New" }) { outcome } }`;

describe("a call that Chime rejects with 4xx is sent once, whatever the error's name:", () => {
  const codes = [
    [400, "RequestTimeout"],
    [400, "RequestTimeoutException"],
    [400, "InternalError"],
    [403, "TimeoutError"],
    [418, "TransientError"],
  ] as const;

  test.each(codes)("%s %s", async (status, name) => {
    let requests = 0;
    const url = await startOnStub((_request, response) => {
      requests++;
      response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": name }).end("{}");
    });
    for (const [sent, query] of [read, write].entries()) {
      const { errors } = await ask(url, { query });
      expect(requests).toBe(sent + 1);
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_DENIED"]);
    }
  });
});

test("a call that Chime rejects because of the gateway's clock is sent again with the corrected time", async () => {
  const dates: unknown[] = [];
  const url = await startOnStub(({ headers }, response) => {
    dates.push(String(headers["x-amz-date"]).slice(0, 4));
    const isFirst = dates.length === 1;
    response
      .writeHead(isFirst ? 403 : 200, {
        "content-type": "application/json",
        date: "Wed, 02 Jan 2030 03:04:05 GMT",
        ...(isFirst && { "x-amzn-errortype": "RequestTimeTooSkewed" }),
      })
      .end(JSON.stringify(isFirst ? {} : { Account: { AccountId: "a", AwsAccountId: "1", Name: "A" } }));
  });
  expect(await ask(url, { query: read })).toEqual({ data: { account: { name: "A" } } });
  expect(dates).toEqual([String(new Date().getFullYear()), "2030"]);
});
