import { isThrottlingError, StandardRetryStrategy } from "@smithy/core/retry";
import { provesNotDone, TransportError } from "./failures.js";
import type { Turns } from "./turns.js";

type Token = Awaited<ReturnType<StandardRetryStrategy["acquireInitialRetryToken"]>>;
type Refresh = StandardRetryStrategy["refreshRetryTokenForRetry"];

/** Attempts of a call that Chime throttles, of one that does not get as far as Chime, and of one that fails otherwise. */
const attempts = { throttled: 6, unsent: 6, failed: 3 };

/** The turns decide when a throttled request is sent again: no further wait. */
const noBackoff = { computeNextBackoffDelay: () => 0, setDelayBase: () => undefined };

/**
 * The SDK's standard strategy, which waits longer after each failure; but what Chime throttles is sent again when the
 * turns allow it, and all that Chime says of its throttle goes to them.
 */
export class ReadRetryStrategy extends StandardRetryStrategy {
  readonly #turns: Turns;
  readonly #throttled = new StandardRetryStrategy({ maxAttempts: attempts.throttled, backoff: noBackoff });
  readonly #unsent = new StandardRetryStrategy({ maxAttempts: attempts.unsent });
  /** How many requests had been sent, in the whole process, when a token's was. */
  readonly #sent = new WeakMap<Token, number>();

  constructor(turns: Turns) {
    super({ maxAttempts: attempts.failed });
    this.#turns = turns;
  }

  override async acquireInitialRetryToken(scope: string): Promise<Token> {
    const token = await super.acquireInitialRetryToken(scope);
    this.#sent.set(token, this.#turns.sent);
    return token;
  }

  override async refreshRetryTokenForRetry(...[token, info]: Parameters<Refresh>): Promise<Token> {
    const { error, retryAfterHint } = info;
    if (error instanceof TransportError && !error.sent)
      return this.#unsent.refreshRetryTokenForRetry(token, info);
    if (!error || !isThrottlingError(error)) return super.refreshRetryTokenForRetry(token, info);
    const retryAfter = retryAfterHint && retryAfterHint.getTime() - Date.now();
    this.#turns.throttled(this.#sent.get(token) ?? 0, retryAfter);
    // Without the hint: the SDK would wait for it once more.
    const next = await this.#throttled.refreshRetryTokenForRetry(token, { error, errorType: info.errorType });
    await this.#turns.again();
    this.#sent.set(next, this.#turns.sent);
    return next;
  }

  override recordSuccess(token: Token): void {
    super.recordSuccess(token);
    this.#throttled.recordSuccess(token);
    this.#unsent.recordSuccess(token);
  }
}

/**
 * Repeats a request only when it certainly changed nothing and may succeed the next time: Chime throttled it, or it was
 * never sent. The SDK's own strategy repeats CreateUser after a lost answer: two users for one request.
 */
export class WriteRetryStrategy extends ReadRetryStrategy {
  override async refreshRetryTokenForRetry(...[token, info]: Parameters<Refresh>): Promise<Token> {
    const { error } = info;
    if (error && (isThrottlingError(error) || provesNotDone(error)))
      return super.refreshRetryTokenForRetry(token, info);
    throw error ?? new Error("The outcome of the request is unknown.");
  }
}
