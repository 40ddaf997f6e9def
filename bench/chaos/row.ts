/** A promise, and what a run shows of it. */
export interface Row {
  readonly promise: string;
  readonly figure: string;
  readonly ok: boolean;
}
