/**
 * Limits the rate of calls, only while Chime throttles. Until then a slow start limits the calls in flight, so that a burst
 * does not spend 50 requests on discovering a limit of 10. Times are by `performance.now()`.
 */
export interface RateLimiter {
  /** Calls that may be in flight at once. */
  maxInFlight(now: number): number;
  /** Whether Chime has throttled within the last seconds, or has sent a Retry-After. */
  isLimiting(now: number): boolean;
  /** Milliseconds until the next call may be sent. */
  delay(now: number): number;
  /** No call is sent for the milliseconds of a `Retry-After`, but for five minutes at most. */
  pause(now: number, retryAfter: number): void;
  /** Milliseconds until the end of a `Retry-After`; 0 without one. */
  retryAfter(now: number): number;
  /** A call is sent. @returns its number */
  send(now: number): number;
  /** Chime has responded to a call, and not throttled it. */
  answered(call: number, now: number): void;
  throttled(call: number, now: number): void;
}

/** Calls in flight at the start, and how many each response adds. If the first calls hang, time opens the window instead. */
const slowStart = { calls: 4, perAnswer: 1 / 4, delay: 200, perMillisecond: 1 / 4 };
/** The limit ends this many milliseconds after the last throttle: longer than the time between two at 10 calls a second. */
const limitDuration = 5_000;
/** Calls per second: a lone caller is never delayed by more than a quarter of a second. */
const minRate = 4;
/** The first limit: a multiple of the responses in the last second, but at least `minimum`. Halving does the rest. */
const firstLimit = { factor: 4, minimum: 20 };
/**
 * Growth per response. Fast until a throttle shows the limit; then 0.1 % for the first response after a throttle, 0.2 % for
 * the second, at most 1 %: the rate stays near the limit, and one call in 15 is throttled.
 */
const growth = { searching: 0.15, step: 0.001, steady: 0.01 };
/** The rate is at most this multiple of the recent response rate: more than that would be untested. */
const lead = { factor: 2, milliseconds: 250 };
/**
 * A throttle after a response means slightly too fast, a throttle after a throttle far too fast. In the first second of a
 * limit there are too few responses to measure.
 */
const decrease = { steady: 0.95, unmeasured: 0.8, searching: 0.5 };
/** After a steady throttle the next call is due after this share of the interval: only part of a token is missing. */
const quickRetry = 0.2;
/** Milliseconds that a late timer may catch up when several calls are due. */
const maxCatchUp = 20;
/** The longest pause in milliseconds, whatever the `Retry-After`. */
const maxPause = 5 * 60_000;

export function createRateLimiter(concurrency: number): RateLimiter {
  const answers = createSlidingCount();
  /** Calls in flight that the slow start allows, without what time adds. */
  let window = slowStart.calls;
  let windowSince: number | undefined;
  /** Calls per second; infinite while Chime does not throttle. */
  let rate = Number.POSITIVE_INFINITY;
  let isSearching = false;
  let limitedSince = 0;
  let lastThrottle = Number.NEGATIVE_INFINITY;
  let nextSend = 0;
  let pausedUntil = 0;
  let retryAt = 0;
  let sent = 0;
  /** Calls up to this number were sent before the last decrease: their outcome does not concern the current rate. */
  let decreasedAt = 0;
  let answersSinceDecrease = 0;
  let freshAnswers = 0;

  function isLimited(now: number): boolean {
    if (rate !== Number.POSITIVE_INFINITY && now - lastThrottle > limitDuration) {
      rate = Number.POSITIVE_INFINITY;
      window = slowStart.calls;
      windowSince = now;
    }
    return rate !== Number.POSITIVE_INFINITY;
  }

  function decreased(now: number): number {
    if (answersSinceDecrease === 0) return rate * decrease.searching;
    if (now - limitedSince < 1_000) return rate * decrease.unmeasured;
    const measured = answers.perSecond(now, 1_000, limitedSince);
    return Math.min(rate * decrease.steady, Math.max(rate * decrease.searching, measured));
  }

  return {
    maxInFlight(now) {
      if (isLimited(now)) return concurrency;
      windowSince ??= now;
      const extra = Math.max(0, now - windowSince - slowStart.delay) * slowStart.perMillisecond;
      return Math.min(concurrency, Math.floor(window + extra));
    },
    isLimiting: (now) => isLimited(now) || pausedUntil > now,
    delay: (now) => Math.max(0, (isLimited(now) ? nextSend : 0) - now, pausedUntil - now),
    pause(now, retryAfter) {
      retryAt = Math.max(pausedUntil > now ? retryAt : 0, now + retryAfter);
      pausedUntil = Math.max(pausedUntil, now + Math.min(retryAfter, maxPause));
    },
    retryAfter: (now) => (pausedUntil > now ? retryAt - now : 0),
    send(now) {
      if (isLimited(now)) {
        const interval = 1_000 / rate;
        nextSend = Math.max(nextSend, now - (interval < maxCatchUp ? maxCatchUp : 0)) + interval;
      }
      return ++sent;
    },
    answered(call, now) {
      answers.add(now);
      answersSinceDecrease++;
      if (!isLimited(now)) window += slowStart.perAnswer;
      else if (call > decreasedAt) {
        freshAnswers++;
        const share = isSearching ? growth.searching : Math.min(growth.steady, growth.step * freshAnswers);
        const most = lead.factor * answers.perSecond(now, lead.milliseconds, limitedSince);
        rate = Math.max(rate, Math.min(rate * (1 + share), most));
      }
    },
    throttled(call, now) {
      const isFirst = !isLimited(now);
      lastThrottle = now;
      if (!isFirst && call <= decreasedAt) return;
      if (isFirst) {
        limitedSince = now;
        rate = Math.max(firstLimit.minimum, firstLimit.factor * answers.lastSecond(now));
        answers.reset();
      } else rate = Math.max(minRate, decreased(now));
      isSearching = isFirst || answersSinceDecrease === 0;
      nextSend = now + ((isSearching ? 1 : quickRetry) * 1_000) / rate;
      decreasedAt = sent;
      answersSinceDecrease = 0;
      freshAnswers = 0;
    },
  };
}

/** Counts events of the last second, in steps of 50 ms. */
function createSlidingCount() {
  const steps = 20;
  const milliseconds = 1_000 / steps;
  const counts = new Uint32Array(steps);
  let newest = 0;

  function advance(now: number): number {
    const step = Math.floor(now / milliseconds);
    for (let passed = Math.max(newest + 1, step - steps + 1); passed <= step; passed++)
      counts[passed % steps] = 0;
    newest = Math.max(newest, step);
    return step % steps;
  }

  function count(now: number, span: number): number {
    const last = advance(now);
    let sum = 0;
    for (let back = 0; back < span / milliseconds; back++) sum += counts[(last - back + steps) % steps] ?? 0;
    return sum;
  }

  return {
    add(now: number) {
      const slot = advance(now);
      counts[slot] = (counts[slot] ?? 0) + 1;
    },
    lastSecond: (now: number) => count(now, 1_000),
    reset: () => void counts.fill(0),
    /** Events per second within `span`, or since a later moment, counting one that is about to happen. */
    perSecond(now: number, span: number, since: number): number {
      const elapsed = Math.min(span, Math.max(milliseconds, now - since));
      return ((count(now, span) + 1) * 1_000) / elapsed;
    },
  };
}
