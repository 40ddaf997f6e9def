import { DeadlineError, isThrottle, provesNotDone, retryAfterOf, statusOf } from "../callErrors.js";
import { deadlinePassed } from "../deadline.js";
import { createRateLimiter } from "./rateLimiter.js";
import type { Attempts } from "./transport.js";

/** A token's subject; a request without one has a key of its own. */
export type QueueKey = symbol | string;

/** One request that waits for a call. */
export interface Waiter {
  readonly caller: QueueKey;
  /** When the call must be sent at the latest, by `performance.now()`. */
  readonly sendBefore: number;
  /** Ends this wait. The call goes on for other waiters. */
  fail(error: Error): void;
}

/** A call to Chime that waits for a slot, is sent, and waits again after each throttled response. */
export interface Call {
  /** The call waits in the queues of all their callers. `join` adds to them. */
  readonly waiters: Set<Waiter>;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  readonly attempts: Attempts;
  /** Whether the caller stops waiting at the deadline even if the call has been sent. */
  readonly isLeftAtDeadline: boolean;
  /** Milliseconds spent in queues. */
  waited: number;
  /** When the attempt in flight began. */
  sentAt?: number | undefined;
  /** The number of attempts that Chime has throttled. */
  throttles: number;
  /** The error of the last throttled attempt. */
  lastThrottle?: unknown;
  /** Its place in the queues while it waits. */
  ticket?: Ticket | undefined;
}

export const createCall = (kind: "read" | "write", signal: AbortSignal, isLeftAtDeadline = false): Call => ({
  waiters: new Set(),
  signal,
  isLeftAtDeadline,
  attempts: { signal, isAbortableInFlight: kind === "read", count: 0, isSent: false },
  waited: 0,
  throttles: 0,
});

/** Whether a call may be abandoned now: a read always, a write until it has been sent. */
export const isAbortable = ({ attempts }: Call): boolean => attempts.isAbortableInFlight || !attempts.isSent;

interface Ticket {
  isOpen: boolean;
  readonly admit: () => void;
  readonly reject: (error: Error) => void;
  readonly call: Call;
}

/** Decides when calls are sent: a limited number at once in the process, and no faster than Chime accepts. */
export interface Scheduler {
  /**
   * Sends a call when a slot and the rate allow, and again until it is not throttled. Callers are served round-robin,
   * however many calls they have waiting.
   *
   * @param send makes one attempt. Its errors are rethrown, except throttles
   * @throws DeadlineError if the signal aborts while the call waits, or if Chime sent a Retry-After that is too long
   */
  run<Output>(call: Call, send: () => Promise<Output>): Promise<Output>;
  /** Adds a waiter: from now on the call waits in the queue of its caller too. */
  join(call: Call, waiter: Waiter): void;
  /** Why a call has no response by now: it is throttled, or it waits for a slot or for Chime. */
  lateError(call?: Call): Error;
  /** Whether a `Retry-After` of Chime has not passed yet. */
  readonly isPaused: boolean;
  readonly load: { readonly inFlight: number; readonly waiting: number };
}

/** Milliseconds until the slow start may allow one more call. */
const windowInterval = 10;

export function createScheduler(concurrency: number): Scheduler {
  const limiter = createRateLimiter(concurrency);
  /** Callers with waiting calls; the first one is next. */
  const queues = new Map<QueueKey, Ticket[]>();
  let inFlight = 0;
  let waiting = 0;
  /** Why Chime's last `Retry-After` was sent. */
  let pauseReason: "throttled" | "unavailable" = "throttled";
  let timer: NodeJS.Timeout | undefined;
  let timerDue = 0;

  /** Admits all calls that may be sent now. */
  function dispatch(): void {
    while (waiting > 0) {
      const now = performance.now();
      const isFull = inFlight >= limiter.maxInFlight(now);
      if (isFull && inFlight >= concurrency) return;
      const milliseconds = isFull ? windowInterval : limiter.delay(now);
      if (milliseconds > 0) {
        dispatchIn(milliseconds);
        return;
      }
      nextTicket()?.admit();
    }
  }

  function dispatchIn(milliseconds: number): void {
    const due = performance.now() + milliseconds;
    if (timer && timerDue <= due) return;
    clearTimeout(timer);
    timerDue = due;
    timer = setTimeout(() => {
      timer = undefined;
      dispatch();
    }, Math.ceil(milliseconds)).unref();
  }

  /** The oldest call of the next caller, who goes to the end of the round. */
  function nextTicket(): Ticket | undefined {
    for (const [caller, queue] of queues) {
      queues.delete(caller);
      let ticket = queue.shift();
      while (ticket && !ticket.isOpen) ticket = queue.shift();
      if (queue.length > 0) queues.set(caller, queue);
      if (ticket) return ticket;
    }
    return undefined;
  }

  function enqueue(ticket: Ticket, caller: QueueKey, place: "push" | "unshift"): void {
    const queue = queues.get(caller) ?? [];
    queue[place](ticket);
    queues.set(caller, queue);
  }

  const openTickets = () => new Set([...queues.values()].flat().filter(({ isOpen }) => isOpen));

  function close(ticket: Ticket): void {
    ticket.isOpen = false;
    ticket.call.ticket = undefined;
    // Closed tickets stay in the queues until they are reached.
    if (--waiting === 0) queues.clear();
  }

  /** Waits for a slot and for the rate, and occupies the slot. @returns the number of the call's attempt */
  function takeSlot(call: Call): Promise<number> {
    const began = performance.now();
    if (call.signal.aborted) return Promise.reject(lateError(call));
    const expired = expiredWaiters(call, began);
    if (expired.length > 0 && expired.length === call.waiters.size)
      return Promise.reject(throttledError(call));
    for (const waiter of expired) waiter.fail(throttledError(call));
    if (waiting === 0 && inFlight < limiter.maxInFlight(began) && limiter.delay(began) === 0)
      return Promise.resolve(occupy());
    return new Promise<number>((resolve, reject) => {
      const leave = () => ticket.reject(lateError(call));
      const settle = (then: () => void) => {
        close(ticket);
        call.signal.removeEventListener("abort", leave);
        call.waited += performance.now() - began;
        then();
      };
      const ticket: Ticket = {
        isOpen: true,
        call,
        admit: () => settle(() => resolve(occupy())),
        reject: (error) => settle(() => reject(error)),
      };
      call.signal.addEventListener("abort", leave);
      call.ticket = ticket;
      waiting++;
      const callers = new Set(Array.from(call.waiters, ({ caller }) => caller));
      // A throttled call goes first in its caller's queue, without priority over other callers.
      for (const caller of callers) enqueue(ticket, caller, call.throttles > 0 ? "unshift" : "push");
      dispatch();
    });
  }

  function occupy(): number {
    inFlight++;
    return limiter.send(performance.now());
  }

  /** Waiters whose deadline is before the end of Chime's Retry-After. */
  function expiredWaiters({ waiters }: Call, now: number): Waiter[] {
    const pause = limiter.retryAfter(now);
    return pause > 0 ? [...waiters].filter(({ sendBefore }) => sendBefore < now + pause) : [];
  }

  function failExpired(call: Call): void {
    for (const waiter of expiredWaiters(call, performance.now())) waiter.fail(throttledError(call));
  }

  function pause(reason: typeof pauseReason, retryAfter: number): void {
    const now = performance.now();
    if (retryAfter > limiter.retryAfter(now)) pauseReason = reason;
    limiter.pause(now, retryAfter);
    for (const { call } of openTickets()) failExpired(call);
  }

  function throttledError(call?: Call): DeadlineError {
    const retryAfter = limiter.retryAfter(performance.now());
    return new DeadlineError(retryAfter > 0 ? pauseReason : "throttled", retryAfter, call?.lastThrottle);
  }

  function lateError(call?: Call): DeadlineError {
    const now = performance.now();
    const isRateBound = limiter.isLimiting(now) && inFlight < limiter.maxInFlight(now);
    const hasWaited = call !== undefined && (call.throttles > 0 || limiter.isLimiting(now));
    // An attempt in flight is late if it has taken longer than the waits that throttling caused.
    const isThrottled =
      call?.sentAt === undefined ? isRateBound : hasWaited && call.waited > now - call.sentAt;
    if (isThrottled) return throttledError(call);
    return new DeadlineError(call?.attempts.isSent ? "unanswered" : "unsent");
  }

  /**
   * Also ends the SDK's own waits, for credentials and between its retries, when nobody waits any more. A repeated write that
   * takes longer than its deadline goes on, but its caller does not wait.
   */
  function untilAborted<Output>(work: Promise<Output>, call: Call): Promise<Output> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        if (isAbortable(call)) reject(lateError(call));
        else if (call.isLeftAtDeadline && call.signal.reason === deadlinePassed)
          reject(new DeadlineError("unanswered"));
      };
      call.signal.addEventListener("abort", abort);
      work.then(resolve, reject).finally(() => call.signal.removeEventListener("abort", abort));
    });
  }

  return {
    async run(call, send) {
      for (;;) {
        const attempt = await takeSlot(call);
        call.sentAt = performance.now();
        try {
          const output = await untilAborted(send(), call);
          limiter.answered(attempt, performance.now());
          return output;
        } catch (error) {
          const isThrottled = isThrottle(error);
          if (isThrottled) {
            limiter.throttled(attempt, performance.now());
            call.throttles++;
            call.lastThrottle = error;
          } else if (statusOf(error) !== undefined) limiter.answered(attempt, performance.now());
          const retryAfter = retryAfterOf(error);
          if (retryAfter > 0) pause(isThrottled ? "throttled" : "unavailable", retryAfter);
          // A throttle with a 5xx does not prove that a write was not done.
          if (!isThrottled || !(call.attempts.isAbortableInFlight || provesNotDone(error))) throw error;
          call.attempts.isSent = false;
        } finally {
          call.sentAt = undefined;
          inFlight--;
          dispatch();
        }
      }
    },
    join(call, waiter) {
      const isNew = ![...call.waiters].some(({ caller }) => caller === waiter.caller);
      call.waiters.add(waiter);
      if (!call.ticket) return;
      if (isNew) enqueue(call.ticket, waiter.caller, "push");
      failExpired(call);
    },
    lateError,
    get isPaused() {
      return limiter.retryAfter(performance.now()) > 0;
    },
    get load() {
      return { inFlight, waiting };
    },
  };
}
