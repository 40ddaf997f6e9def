/** One finished call. A request that shares another request's call has no record of it. */
export interface CallRecord {
  readonly operation: string;
  /** `OK`, `CANCELED` if the last caller disconnected or was answered before it was done, else the error's code. */
  readonly outcome: string;
  readonly httpStatus?: number | undefined;
  /** Chime's id of the last attempt. */
  readonly requestId?: string | undefined;
  /** Attempts after the first. */
  readonly retries: number;
  /** Attempts that Chime throttled. */
  readonly throttles: number;
  /** When it was queued, by `performance.now()`. */
  readonly began: number;
  /** Milliseconds in the queue. */
  readonly waited: number;
  /** From queueing to the end. */
  readonly milliseconds: number;
}
