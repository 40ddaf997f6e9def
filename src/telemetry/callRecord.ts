/** One call that a request made, whatever its outcome. A request that shares another request's call makes none. */
export interface CallRecord {
  readonly operation: string;
  /** `OK`, `CANCELED` if the last caller has disconnected, else the error's code. */
  readonly outcome: string;
  readonly httpStatus?: number | undefined;
  /** Chime's id of the last attempt. */
  readonly requestId?: string | undefined;
  /** How often it was sent again. */
  readonly retries: number;
  /** How many of its attempts Chime throttled. */
  readonly throttles: number;
  /** When it started to wait for a slot, by `performance.now()`. */
  readonly began: number;
  /** Milliseconds that it waited for slots and for Chime's rate. */
  readonly waited: number;
  /** From the start of the wait to the end. */
  readonly milliseconds: number;
}
