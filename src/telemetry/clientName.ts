import type { IncomingHttpHeaders } from "node:http";

/** The name by which a client introduces itself in Apollo's header, if it is safe to log. */
export function clientName({ "apollographql-client-name": name }: IncomingHttpHeaders): string | undefined {
  return typeof name === "string" && /^[\w.:/-]{1,64}$/.test(name) ? name : undefined;
}
