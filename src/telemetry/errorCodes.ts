/**
 * Codes of errors that the caller cannot fix: top-level ones, and those of payloads. ChimeGatewayErrors in
 * deploy/alerts.yml counts the same.
 */
const faults: ReadonlySet<unknown> = new Set([
  "INTERNAL_SERVER_ERROR",
  "AUTH_UNAVAILABLE",
  "UPSTREAM_DENIED",
  "UPSTREAM_TIMEOUT",
  "UPSTREAM_UNAVAILABLE",
  "THROTTLED",
  "THROTTLING",
  "OUTCOME_UNKNOWN",
  "ACCESS_DENIED",
  "SERVICE_FAILURE",
  "SERVICE_UNAVAILABLE",
  "UNAUTHORIZED",
]);

export const isFault = (code: unknown): boolean => faults.has(code);

/** The code that stands for a request with several errors: an unknown outcome, else a fault, else the first. */
export const mainCode = (codes: readonly unknown[]): unknown =>
  codes.find((code) => code === "OUTCOME_UNKNOWN") ?? codes.find(isFault) ?? codes[0];
