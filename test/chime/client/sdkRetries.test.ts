import * as sdk from "@aws-sdk/client-chime";
import { StandardRetryStrategy } from "@smithy/core/retry";
import { describe, expect, test } from "vitest";
import { answer, createClient, found, getAccount } from "../../support/sdkClient.js";

describe("the SDK's retries:", () => {
  type Refresh = Parameters<StandardRetryStrategy["refreshRetryTokenForRetry"]>;

  /** The SDK's strategy without its waits, and what it is asked. */
  class Strategy extends StandardRetryStrategy {
    readonly given: object[] = [];
    readonly asked: Refresh[] = [];
    succeeded = 0;

    constructor() {
      super({
        maxAttempts: 3,
        backoff: { computeNextBackoffDelay: () => 0, setDelayBase: () => undefined },
      });
    }

    override async acquireInitialRetryToken(scope: string) {
      const token = await super.acquireInitialRetryToken(scope);
      this.given.push(token);
      return token;
    }

    override async refreshRetryTokenForRetry(...asked: Refresh) {
      this.asked.push(asked);
      const token = await super.refreshRetryTokenForRetry(...asked);
      this.given.push(token);
      return token;
    }

    override recordSuccess(...[token]: Parameters<StandardRetryStrategy["recordSuccess"]>) {
      this.succeeded += 1;
      super.recordSuccess(token);
    }
  }

  test("a strategy receives the error and the token that it returned; backoff sets the delay, maxAttempts the end", async () => {
    const retryStrategy = new Strategy();
    const failure = Object.assign(new Error("broken"), { $retryable: {} });
    const client = createClient(async () => Promise.reject(failure), { retryStrategy });
    const began = performance.now();
    const error = await client.send(getAccount()).catch((thrown) => thrown);

    expect(error, "An error of the transport's no longer comes out as it was raised.").toBe(failure);
    expect(
      retryStrategy.asked.map(([token, info]) => [token === retryStrategy.given.shift(), info.error]),
      "Errors with $retryable are no longer repeated up to maxAttempts, or tokens are others than those given.",
    ).toEqual([
      [true, failure],
      [true, failure],
      [true, failure],
    ]);
    expect(performance.now() - began, "The option backoff no longer sets the wait.").toBeLessThan(1_000);
    expect(error.$metadata.attempts, "Errors no longer have their attempts.").toBe(3);
  });

  test("an error without $retryable is not retried, and a success is recorded", async () => {
    let arrived = 0;
    const client = createClient(async () => {
      arrived += 1;
      throw new Error("no");
    });
    await expect(client.send(getAccount())).rejects.toThrow("no");
    expect(arrived, "The SDK retries errors without $retryable.").toBe(1);

    const retryStrategy = new Strategy();
    await createClient(async () => found(), { retryStrategy }).send(getAccount());
    expect(retryStrategy.succeeded, "recordSuccess is no longer called: the retry quota runs dry.").toBe(1);
  });

  test("a throttled response has its Retry-After", async () => {
    const retryStrategy = new Strategy();
    const headers = { "x-amzn-errortype": "ThrottledClientException", "retry-after": "2" };
    const answers = [answer(429, { Code: "Throttled" }, headers), found()];
    const client = createClient(async () => answers.shift() ?? found(), { retryStrategy });
    const asked = client.send(getAccount());
    await expect.poll(() => retryStrategy.asked.length).toBe(1);
    const [[, { errorType, retryAfterHint, error }] = [] as unknown as Refresh] = retryStrategy.asked;
    const where = "The rate limiter reads these.";
    expect(
      { errorType, status: (error as sdk.ChimeServiceException).$metadata.httpStatusCode },
      where,
    ).toEqual({
      errorType: "THROTTLING",
      status: 429,
    });
    expect((retryAfterHint?.getTime() ?? 0) - Date.now(), where).toBeGreaterThan(1_000);
    await asked;
  });

  test("a strategy that refuses a retry throws its own error, which the caller receives", async () => {
    class Refusing extends StandardRetryStrategy {
      override async refreshRetryTokenForRetry(...[, { error }]: Refresh): Promise<never> {
        throw error;
      }
    }
    let arrived = 0;
    const client = createClient(
      async () => {
        arrived += 1;
        return answer(500, {}, { "x-amzn-errortype": "ServiceFailureException" });
      },
      { retryStrategy: new Refusing(3) },
    );
    await expect(client.send(getAccount())).rejects.toThrow(sdk.ServiceFailureException);
    expect(arrived, "Writes would be repeated.").toBe(1);
  });
});
