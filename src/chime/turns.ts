import { NotSentError } from "./failures.js";
import { createPace } from "./pace.js";
import type { Patience } from "./patience.js";

/** Decides when requests to Chime are sent: so many at once in the whole process, and no faster than Chime takes them. */
export interface Turns {
  /**
   * Waits for a place, which `giveBack` frees again. Owners are served by turns, however much one of them wants: a query
   * of a thousand calls does not hold up the others'.
   *
   * @param patience of this call alone. When it is over, the wait ends with a NotSentError
   */
  take(owner: object, patience: Patience): Promise<void>;
  /** If the call with this patience still waits, it does so in this owner's line as well: whose turn comes first sends it. */
  join(owner: object, patience: Patience): void;
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

/** A call that waits for a place. */
interface Wait {
  readonly patience: Patience;
  readonly go: Go;
  readonly owners: Set<object>;
}

/**
 * Places at the start and after a throttle. While calls wait and nothing is throttled they grow by a tenth every ten
 * milliseconds, up to the limit: a burst at a Chime of whom nothing is known does not spend 50 requests on finding out
 * that it takes 10.
 */
const cautious = 4;
const growthInterval = 10;
/** Milliseconds until they grow for the first time, where nothing was answered before: a process that has just started is slow. */
const firstGrowth = 50;

export function createTurns(concurrency: number): Turns {
  const pace = createPace();
  /** By owner. The first one is served next, and goes to the end. */
  const queues = new Map<object, Set<Wait>>();
  /** By patience. */
  const waits = new Map<Patience, Wait>();
  const repeats: Go[] = [];
  let underWay = 0;
  let places = Math.min(concurrency, cautious);
  let isGrowing = false;
  let isFresh = true;
  let isAlarmSet = false;

  function serve(): void {
    while (repeats.length > 0 || (waits.size > 0 && underWay < places)) {
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
    if (waits.size > 0 && places < concurrency) grow();
  }

  /** Whether nobody has to wait: as a rule. */
  const isFree = () =>
    waits.size === 0 && repeats.length === 0 && underWay < places && pace.wait(performance.now()) === 0;

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
    setTimeout(
      () => {
        isGrowing = false;
        isFresh = false;
        if (!pace.slowed) places = Math.min(concurrency, Math.ceil(places * 1.1));
        serve();
      },
      isFresh ? firstGrowth : growthInterval,
    );
  }

  function nextInLine(): Go {
    const [[owner, queue] = never()] = queues;
    const [wait = never()] = queue;
    leave(wait);
    if (queue.size > 0) {
      queues.delete(owner);
      queues.set(owner, queue);
    }
    underWay++;
    return wait.go;
  }

  function enter(wait: Wait, owner: object): void {
    const queue = queues.get(owner) ?? new Set();
    queues.set(owner, queue.add(wait));
    wait.owners.add(owner);
  }

  function leave(wait: Wait): void {
    waits.delete(wait.patience);
    for (const owner of wait.owners) {
      const queue = queues.get(owner);
      queue?.delete(wait);
      if (queue?.size === 0) queues.delete(owner);
    }
  }

  return {
    take(owner, patience) {
      if (patience.end) return Promise.reject(new NotSentError());
      if (isFree()) {
        pace.send(performance.now());
        underWay++;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          leave(wait);
          reject(new NotSentError());
        };
        const go = () => {
          patience.offEnd(giveUp);
          resolve();
        };
        const wait: Wait = { patience, go, owners: new Set() };
        patience.onEnd(giveUp);
        waits.set(patience, wait);
        enter(wait, owner);
        serve();
      });
    },
    join(owner, patience) {
      const wait = waits.get(patience);
      if (wait) enter(wait, owner);
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
      isFresh = false;
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
      return waits.size;
    },
  };
}

function never(): never {
  throw new Error("Nobody waits for a turn.");
}
