import { NotSentError, statusOf, throttleOf } from "../callErrors.js";
import { createRateLimiter } from "./rateLimiter.js";

/** Whoever calls are made for: a token's subject, or a request where nobody is authenticated. */
export type Caller = object | string;

/** A call to Chime that waits for its turn, is sent, and waits again after each throttled answer. */
export interface Call {
  /** It waits in the queues of all of them. `join` adds to them. */
  readonly callers: Set<Caller>;
  /** Nobody needs the answer any more. */
  readonly signal: AbortSignal;
  /** Whether it may be abandoned now: a read always, a write until it has been sent. */
  readonly isAbortable: () => boolean;
  /** When it must be sent at the latest, by `performance.now()`. */
  sendBefore: number;
  /** Milliseconds that it has waited for its turns. */
  waited: number;
  /** How many of its attempts Chime has throttled. */
  throttles: number;
  /** The error of the last of them. */
  lastThrottle?: unknown;
  /** Its place in the queues while it waits. */
  ticket?: Ticket | undefined;
}

export const createCall = (
  caller: Caller,
  signal: AbortSignal,
  sendBefore: number,
  isAbortable: Call["isAbortable"],
): Call => ({ callers: new Set([caller]), signal, isAbortable, sendBefore, waited: 0, throttles: 0 });

interface Ticket {
  isOpen: boolean;
  readonly admit: () => void;
  readonly reject: (error: Error) => void;
  readonly call: Call;
}

/** Decides when calls are sent: a limited number at once in the whole process, and no faster than Chime accepts. */
export interface Scheduler {
  /**
   * Sends a call when it is its turn, and again until it is not throttled. Callers take turns, one call each, however many
   * calls one of them has waiting.
   *
   * @param send makes one attempt. Its errors are passed on, except throttles
   * @throws NotSentError if the call's signal aborts while it waits, or if Chime asks to wait for longer than it can
   */
  run<Output>(call: Call, send: () => Promise<Output>): Promise<Output>;
  /** From now on a call waits in this caller's queue too. */
  join(call: Call, caller: Caller, sendBefore: number): void;
  /** Why a call has no answer by now: it is throttled, or it waits for a slot or for Chime. */
  lateError(call?: Call): Error;
  /** Calls that occupy a slot, and calls that wait for one. */
  readonly load: { readonly inFlight: number; readonly waiting: number };
}

/** Milliseconds until the slow start may allow one more call. */
const windowInterval = 10;

export function createScheduler(concurrency: number): Scheduler {
  const limiter = createRateLimiter(concurrency);
  /** Callers with waiting calls; the first one is next. */
  const queues = new Map<Caller, Ticket[]>();
  let inFlight = 0;
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  let timerDue = 0;

  /** Sends whatever may be sent now. */
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

  /** The oldest call of the caller whose turn it is, who is last from then on. */
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

  function enqueue(ticket: Ticket, caller: Caller, place: "push" | "unshift"): void {
    const queue = queues.get(caller) ?? [];
    queue[place](ticket);
    queues.set(caller, queue);
  }

  function close(ticket: Ticket): void {
    ticket.isOpen = false;
    ticket.call.ticket = undefined;
    // Closed tickets stay in the queues until it is their turn.
    if (--waiting === 0) queues.clear();
  }

  /** Waits for a slot and for the rate, and occupies the slot. @returns the number of the call's attempt */
  function takeSlot(call: Call): Promise<number> {
    const began = performance.now();
    if (call.signal.aborted)
      return Promise.reject(call.throttles > 0 ? throttledError(call) : lateError(call));
    const pause = limiter.retryAfter(began);
    if (pause > 0 && began + pause > call.sendBefore) return Promise.reject(throttledError(call));
    if (waiting === 0 && inFlight < limiter.maxInFlight(began) && limiter.delay(began) === 0) return occupy();
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
      // After a throttle it is the first of its caller's calls, but its caller waits like all others.
      for (const caller of call.callers) enqueue(ticket, caller, call.throttles > 0 ? "unshift" : "push");
      dispatch();
    });
  }

  function occupy(): Promise<number> {
    inFlight++;
    return Promise.resolve(limiter.send(performance.now()));
  }

  /** Answers at once those who cannot wait for as long as Chime asks. */
  function rejectHopeless(): void {
    const end = performance.now() + limiter.retryAfter(performance.now());
    for (const ticket of [...queues.values()].flat())
      if (ticket.isOpen && ticket.call.sendBefore < end) ticket.reject(throttledError(ticket.call));
  }

  const throttledError = (call?: Call): NotSentError =>
    new NotSentError("throttled", limiter.retryAfter(performance.now()), call?.lastThrottle);

  function lateError(call?: Call): NotSentError {
    const now = performance.now();
    const isRateBound = limiter.isLimiting(now) && inFlight < limiter.maxInFlight(now);
    if (isRateBound && (!call || call.ticket)) return throttledError(call);
    return new NotSentError("late");
  }

  return {
    async run(call, send) {
      for (;;) {
        const attempt = await takeSlot(call);
        try {
          const output = await untilAborted(send(), call);
          limiter.answered(attempt, performance.now());
          return output;
        } catch (error) {
          const throttle = throttleOf(error);
          if (throttle) {
            limiter.throttled(attempt, performance.now(), throttle.retryAfter);
            if (throttle.retryAfter) rejectHopeless();
            call.throttles++;
            call.lastThrottle = error;
          } else {
            if (statusOf(error) !== undefined) limiter.answered(attempt, performance.now());
            throw error;
          }
        } finally {
          inFlight--;
          dispatch();
        }
      }
    },
    join(call, caller, sendBefore) {
      call.sendBefore = Math.max(call.sendBefore, sendBefore);
      if (call.callers.has(caller)) return;
      call.callers.add(caller);
      if (call.ticket) enqueue(call.ticket, caller, "push");
    },
    lateError,
    get load() {
      return { inFlight, waiting };
    },
  };
}

/** Also ends the SDK's own waits, for credentials and between its retries, when nobody needs the answer any more. */
function untilAborted<Output>(work: Promise<Output>, { signal, isAbortable }: Call): Promise<Output> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      if (isAbortable()) reject(new NotSentError("late"));
    };
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
