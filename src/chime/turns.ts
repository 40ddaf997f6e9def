import { NotSentError } from "./failures.js";
import { createPace } from "./pace.js";

/** Decides when requests to Chime are sent: so many at once in the whole process, and no faster than Chime takes them. */
export interface Turns {
  /**
   * Waits for a place, which `giveBack` frees again. Owners are served by turns, however much one of them wants: a query
   * of a thousand calls does not hold up the others'.
   *
   * @param patience aborted: the wait ends with a NotSentError
   */
  take(owner: object, patience: AbortSignal): Promise<void>;
  giveBack(): void;
  /** Waits until whoever has a place may send once more. */
  again(): Promise<void>;
  /** How many requests were sent so far. */
  readonly sent: number;
  /** A request was answered, and not by a throttle. */
  answered(): void;
  /**
   * A request was throttled.
   * @param request how many had been sent when it was
   * @param retryAfter milliseconds that Chime asks to wait, if it does
   */
  throttled(request: number, retryAfter?: number): void;
  /** Whether Chime's throttle is being felt. */
  readonly slowed: boolean;
  /** Places that are taken. */
  readonly underWay: number;
  /** Calls that wait for one. */
  readonly waiting: number;
}

type Go = () => void;

/**
 * Places at the start and after a throttle. While calls wait and nothing is throttled they grow by a tenth every ten
 * milliseconds, up to the limit: a burst at a Chime of whom nothing is known does not spend 50 requests on finding out
 * that it takes 10.
 */
const cautious = 8;
const growthInterval = 10;

export function createTurns(concurrency: number): Turns {
  const pace = createPace();
  /** By owner. The first one is served next, and goes to the end. */
  const queues = new Map<object, Set<Go>>();
  const repeats: Go[] = [];
  let waiting = 0;
  let underWay = 0;
  let places = Math.min(concurrency, cautious);
  let isGrowing = false;
  let isAlarmSet = false;

  function serve(): void {
    while (repeats.length > 0 || (waiting > 0 && underWay < places)) {
      const now = performance.now();
      const milliseconds = pace.wait(now);
      if (milliseconds > 0) {
        serveIn(milliseconds);
        return;
      }
      pace.send(now);
      const go = repeats.shift() ?? nextInLine();
      go();
    }
    if (waiting > 0 && places < concurrency) grow();
  }

  function serveIn(milliseconds: number): void {
    if (isAlarmSet) return;
    isAlarmSet = true;
    setTimeout(() => {
      isAlarmSet = false;
      serve();
    }, milliseconds);
  }

  function grow(): void {
    if (isGrowing) return;
    isGrowing = true;
    setTimeout(() => {
      isGrowing = false;
      if (!pace.slowed) places = Math.min(concurrency, Math.ceil(places * 1.1));
      serve();
    }, growthInterval);
  }

  function nextInLine(): Go {
    const [[owner, queue] = never()] = queues;
    const [go = never()] = queue;
    remove(owner, queue, go);
    if (queue.size > 0) {
      queues.delete(owner);
      queues.set(owner, queue);
    }
    underWay++;
    return go;
  }

  function remove(owner: object, queue: Set<Go>, go: Go): void {
    queue.delete(go);
    waiting--;
    if (queue.size === 0) queues.delete(owner);
  }

  return {
    take(owner, patience) {
      return new Promise((resolve, reject) => {
        if (patience.aborted) return reject(new NotSentError());
        const queue = queues.get(owner) ?? new Set();
        queues.set(owner, queue);
        const giveUp = () => {
          remove(owner, queue, go);
          reject(new NotSentError());
        };
        const go = () => {
          patience.removeEventListener("abort", giveUp);
          resolve();
        };
        patience.addEventListener("abort", giveUp, { once: true });
        queue.add(go);
        waiting++;
        serve();
      });
    },
    giveBack() {
      underWay--;
      serve();
    },
    again() {
      return new Promise((resolve) => {
        repeats.push(resolve);
        serve();
      });
    },
    get sent() {
      return pace.sent;
    },
    answered() {
      pace.answered(performance.now());
    },
    throttled(request, retryAfter) {
      pace.throttled(request, performance.now(), retryAfter);
      places = Math.min(places, cautious);
    },
    get slowed() {
      return pace.slowed;
    },
    get underWay() {
      return underWay;
    },
    get waiting() {
      return waiting;
    },
  };
}

function never(): never {
  throw new Error("Nobody waits for a turn.");
}
