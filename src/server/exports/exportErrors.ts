/** Ends a transfer. The code keeps @fastify/compress from logging it: the request's line has the reason. */
export class CutOffError extends Error {
  override readonly name = "CutOffError";
  readonly code = "ERR_STREAM_PREMATURE_CLOSE";
}

/** HTTP statuses by the codes of errors. */
const statuses: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  UPSTREAM_DENIED: 502,
  UPSTREAM_UNAVAILABLE: 502,
  OVERLOADED: 503,
  THROTTLED: 503,
  UPSTREAM_TIMEOUT: 504,
};

export const statusOf = (code: string): number => statuses[code] ?? 500;
