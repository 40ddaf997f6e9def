import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** The request's text cannot be decoded. A replacement, such as U+FFFD for a byte that is not UTF-8, might be stored. */
class EncodingError extends Error {
  override readonly name = "EncodingError";

  constructor(
    readonly statusCode: 400 | 415,
    message: string,
  ) {
    super(message);
  }
}

export const notUtf8 = (part: "body" | "URL"): EncodingError =>
  new EncodingError(400, `The ${part} is not valid UTF-8.`);

/**
 * Rejects other charsets and content encodings before the body is read, and URLs that are not UTF-8. (The body itself is
 * checked where it is parsed.)
 */
export function requireUtf8(app: FastifyInstance): void {
  app.addHook("preParsing", async ({ method, headers, url, is404 }: FastifyRequest, reply) => {
    if (is404) return;
    // A POST's URL has no parameters that are read.
    if (method !== "POST" && !isUtf8Url(url)) throw notUtf8("URL");
    if (method !== "POST") return;
    if (charsetsOf(headers["content-type"] ?? "").some((charset) => !/^utf-?8$/i.test(charset)))
      throw new EncodingError(415, "The body's charset is not supported: send UTF-8.");
    if (encodingsOf(headers["content-encoding"] ?? "").some((encoding) => encoding !== "identity")) {
      reply.header("accept-encoding", "identity");
      throw new EncodingError(415, "The body's content encoding is not supported: send it uncompressed.");
    }
  });
}

/** Every `charset` of a Content-Type, unquoted. */
const charsetsOf = (contentType: string): string[] =>
  Array.from(contentType.matchAll(/;\s*charset\s*=\s*("[^"]*"|[^\s;]*)/gi), ([, value = ""]) =>
    value.replace(/^"(.*)"$/, "$1"),
  );

const encodingsOf = (contentEncoding: string): string[] =>
  contentEncoding
    .split(",")
    .map((encoding) => encoding.trim().toLowerCase())
    .filter(Boolean);

/** Whether a URL is ASCII, and UTF-8 after percent-decoding. A `%` without two hex digits is literal. */
function isUtf8Url(url: string): boolean {
  if (/[\u0080-\uffff]/.test(url)) return false;
  if (!/%[89a-f]/i.test(url)) return true;
  const decoded = url.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return isUtf8(Buffer.from(decoded, "latin1"));
}
