/** How fast Chime may be asked, learned from what it throttles. Times are milliseconds of `performance.now`. */
export interface Pace {
  /** Milliseconds until the next request may be sent: 0 for now. */
  wait(now: number): number;
  /** A request is sent. */
  send(now: number): void;
  /** How many were sent so far. */
  readonly sent: number;
  /** One was answered otherwise than by a throttle. */
  answered(now: number): void;
  /**
   * One was throttled.
   * @param request how many had been sent when it was
   * @param retryAfter milliseconds that Chime asks to wait, if it does
   */
  throttled(request: number, now: number, retryAfter?: number): void;
  /** Whether Chime's throttle is being felt. */
  readonly slowed: boolean;
}

/**
 * A request that is throttled now and then is sent again, and no more comes of it. The rate is cut when of the last
 * requests, about twenty, so many were throttled.
 */
const tolerated = { share: 0.12, weight: 1 / 20 };
/** No request goes out for so long after a cut: time for Chime to take some again. */
const pause = 500;
/** What remains of the rate after a cut. */
const cut = 0.8;
/**
 * What it gains in a second without one, as a share of the rate that was cut last: fast up to there, carefully beyond; as a
 * share of itself where nothing is known of what Chime takes.
 */
const growth = { known: 0.5, unknown: 0.06, blind: 0.8 };
/** Requests a second, at least. */
const slowest = 2;
/** Nothing is held back for longer, whatever Chime asks for: another throttle says if that was too short. */
const longestPause = 2_000;
/** After so long without a cut the rate is free again. */
const memory = 10_000;

/**
 * Free until Chime throttles; from then on as fast as Chime answered in the last second, less a fifth, growing until it
 * throttles again. (60 look-ups at once, of a Chime that takes 10 a second: the SDK's standard mode answered 38 in eight
 * seconds and sent 147 requests, its adaptive mode 54 and 106, this one 60 and some 70.)
 */
export function createPace(): Pace {
  const answers = createTally();
  let rate = Number.POSITIVE_INFINITY;
  /** The rate that was cut last; undefined where nothing had been answered by then, and nothing is known. */
  let known: number | undefined;
  let next = 0;
  let requests = 0;
  /** Requests up to this one were sent before the last cut: that they are throttled is no news. */
  let newsFrom = 0;
  let lastCut = Number.NEGATIVE_INFINITY;
  let share = 0;
  /** As long as Chime has asked for. */
  let pausedUntil = 0;

  return {
    wait(now) {
      if (now - lastCut > memory) rate = Number.POSITIVE_INFINITY;
      return Math.max(0, Math.max(next, pausedUntil) - now);
    },
    send(now) {
      next = Math.max(now, next) + 1000 / rate;
      requests++;
    },
    get sent() {
      return requests;
    },
    answered(now) {
      answers.add(now);
      share -= share * tolerated.weight;
      if (rate === Number.POSITIVE_INFINITY) return;
      // Of a rate per second that is used, each answer stands for its share of the second.
      if (known === undefined) rate += growth.blind;
      else rate += ((rate < known ? growth.known : growth.unknown) * known) / rate;
    },
    throttled(request, now, retryAfter = 0) {
      if (retryAfter > 0) pausedUntil = Math.max(pausedUntil, now + Math.min(retryAfter, longestPause));
      share += (1 - share) * tolerated.weight;
      if (request <= newsFrom || share < tolerated.share) return;
      lastCut = now;
      newsFrom = requests;
      const taken = rate === Number.POSITIVE_INFINITY ? answers.lastSecond(now) : rate;
      known = taken || undefined;
      rate = Math.max(slowest, taken * cut);
      next = Math.max(next, now + pause);
    },
    get slowed() {
      return rate !== Number.POSITIVE_INFINITY || pausedUntil > performance.now();
    },
  };
}

/** Counts what happened in the last second, in tenths of it. */
function createTally() {
  const counts = new Uint32Array(10);
  let newest = 0;
  function forget(now: number): number {
    const tenth = Math.floor(now / 100);
    for (let passed = Math.max(newest + 1, tenth - 9); passed <= tenth; passed++) counts[passed % 10] = 0;
    newest = Math.max(newest, tenth);
    return tenth;
  }
  return {
    add(now: number) {
      const slot = forget(now) % 10;
      counts[slot] = (counts[slot] ?? 0) + 1;
    },
    lastSecond(now: number): number {
      forget(now);
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}
