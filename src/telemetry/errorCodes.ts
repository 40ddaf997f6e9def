/** Codes of errors that the caller cannot fix, payloads included. ChimeGatewayErrors in deploy/alerts.yml counts the same. */
export const serverErrors: ReadonlySet<string> = new Set([
  "INTERNAL_SERVER_ERROR",
  "AUDIT_UNAVAILABLE",
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

export const isServerError = (code: unknown): boolean => typeof code === "string" && serverErrors.has(code);

/** The code that represents a request with several errors: an unknown outcome, else a server error, else the first. */
export const mainCode = (codes: readonly unknown[]): unknown =>
  codes.find((code) => code === "OUTCOME_UNKNOWN") ?? codes.find(isServerError) ?? codes[0];

type CodedErrors = readonly { readonly extensions?: { readonly code?: unknown } }[];

/** The codes of a response's errors, each once. */
export const codesOf = (errors: CodedErrors = []): unknown[] => [
  ...new Set(errors.map(({ extensions }) => extensions?.code)),
];
