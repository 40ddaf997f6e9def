import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { LimitError, type Limits, overLimit } from "../graphql/limits/limits.js";
import { notUtf8 } from "./bodyEncoding.js";

/** Rejects bodies that are expensive to parse, and lists of operations. (Fastify itself rejects those that are too large.) */
export function addBodyLimits(app: FastifyInstance, limits: Limits): void {
  const parse = app.getDefaultJsonParser("error", "error");
  /** The body and its variables are two levels above the first value. */
  const maxDepth = limits.depth + 2;

  app.removeContentTypeParser(["application/json", "text/plain"]);
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, body, done) => {
    if (!isUtf8(body)) return done(notUtf8("body"));
    const text = body.toString();
    const exceeded = exceededLimit(text, maxDepth);
    if (exceeded) done(overLimit(limits, exceeded));
    else
      parse(request, text, (error, parsed) =>
        done(error && isJson(text) ? forbiddenMember() : error, parsed),
      );
  });
  app.addHook("preHandler", async ({ body }: FastifyRequest) => {
    if (Array.isArray(body) && body.length > 1)
      throw new LimitError(
        { name: "operations", most: 1, found: body.length },
        "A request is one operation, not a list of them. Send each by itself.",
      );
  });
}

/** Fastify's parser rejects such members, but calls the whole body invalid. */
const forbiddenMember = (): Error =>
  Object.assign(
    new Error(
      'The body has a member "__proto__", or a member "constructor" with a "prototype", which are not allowed.',
    ),
    { statusCode: 400 },
  );

function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\ufeff/, ""));
    return true;
  } catch {
    return false;
  }
}

/** Neither an input type nor an operation's variables have as many members. */
const maxMembers = 1_000;

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * The limit that a JSON text exceeds. The limit of bytes is not enough: within it, `JSON.parse` takes 25 ms and more for
 * 200,000 levels, or for an object of 20,000 members. Such an object counts as a list.
 */
function exceededLimit(json: string, maxDepth: number): "depth" | "listItems" | undefined {
  /** The number of members of each open object; for a list, minus infinity. */
  const members: number[] = [];
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charCodeAt(at);
    if (character === quote) at = endOfString(json, at);
    else if (character === comma && members.length > 0) {
      const count = (members.pop() ?? 0) + 1;
      if (count > maxMembers) return "listItems";
      members.push(count);
    } else if (character === openBrace) members.push(1);
    else if (character === openBracket) members.push(Number.NEGATIVE_INFINITY);
    else if (character === closeBrace || character === closeBracket) members.pop();
    if (members.length > maxDepth) return "depth";
  }
  return undefined;
}

/** The index of the closing quote. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== quote) at += json.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}
