/** A cluster's nodes are found by their addresses: credentials and TLS are those of the first URL. */
export function connectionOptions([first = ""]: readonly string[]) {
  const { protocol, username, password } = new URL(first);
  return {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    // A command that cannot be sent now would arrive too late.
    disableOfflineQueue: true,
    // A connection that receives nothing, not even the response to a ping, is replaced.
    pingInterval: 1_000,
    socket: {
      ...(protocol === "rediss:" && { tls: true as const }),
      // Longer than the start of the gateway takes, during which no connection is noticed.
      connectTimeout: 5_000,
      socketTimeout: 5_000,
      reconnectStrategy: () => 500,
    },
  };
}

/** The code with which Redis begins the message of an error, such as WRONGPASS. */
export const replyOf = (error: unknown): string | undefined =>
  error instanceof Error ? /^[A-Z]{2,}(?= )/.exec(error.message)?.[0] : undefined;

/** Why Redis cannot be used: a code, since a message may contain an address. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { name } = error.constructor;
  if (/Timeout/.test(name)) return "TIMEOUT";
  if (name === "ClientOfflineError") return "NOT_CONNECTED";
  return "code" in error ? String(error.code) : (replyOf(error) ?? name);
}
