import type { IncomingHttpHeaders } from "node:http";

/** A name or a version, if it is safe to log. */
const safeText = (text: unknown): string | undefined =>
  typeof text === "string" && /^[\w.:/-]{1,64}$/.test(text) ? text : undefined;

/** The name by which a client introduces itself in Apollo's header, if it is safe to log. */
export const clientName = ({ "apollographql-client-name": name }: IncomingHttpHeaders): string | undefined =>
  safeText(name);

/** The client's version in Apollo's header, if it is safe to log. */
export const clientVersion = (headers: IncomingHttpHeaders): string | undefined =>
  safeText(headers["apollographql-client-version"]);
