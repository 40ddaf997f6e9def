import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { LimitError, type Limits, overLimit } from "../graphql/limits/limits.js";
import { notUtf8 } from "./bodyEncoding.js";

/** Refuses bodies that are costly to read, and lists of operations. (Fastify itself refuses those that are too large.) */
export function addBodyLimits(app: FastifyInstance, limits: Limits): void {
  const parse = app.getDefaultJsonParser("error", "error");
  /** The body and its variables are two levels above the first value. */
  const depth = limits.depth + 2;

  app.removeContentTypeParser("application/json");
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, body, done) => {
    if (!isUtf8(body)) return done(notUtf8("body"));
    const text = body.toString();
    const excess = excessOf(text, depth);
    if (excess) done(overLimit(limits, excess));
    else parse(request, text, done);
  });
  app.addHook("preHandler", async ({ body }: FastifyRequest<{ Body: { query?: unknown } | null }>) => {
    if (Array.isArray(body) && body.length > 1)
      throw new LimitError(
        { name: "operations", most: 1, found: body.length },
        "A request is one operation, not a list of them. Send each by itself.",
      );
    const excess = typeof body?.query === "string" && excessOfDocument(body.query, limits);
    if (excess) throw overLimit(limits, excess);
  });
}

/** Comments, texts, names and numbers, and signs. A text without an end is one too: nothing is looked at twice. */
const lexemes = /#[^\n\r]*|"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"?|[\w.]+|[^\s,]/g;

/**
 * What a document surely has too much of, if anything: tokens, comments, or braces in one another, which are those of
 * fields and of values. graphql counts tokens exactly when it parses, but builds so much of the syntax tree meanwhile that
 * the garbage collector takes longer than all else.
 */
function excessOfDocument(document: string, limits: Limits): "tokens" | "depth" | undefined {
  if (document.length <= limits.tokens) return undefined;
  let tokens = 0;
  let comments = 0;
  let depth = 0;
  for (const [lexeme] of document.matchAll(lexemes)) {
    if (lexeme.startsWith("#")) comments += 1;
    else tokens += 1;
    if (lexeme === "{") depth += 1;
    else if (lexeme === "}") depth -= 1;
    if (depth > 2 * limits.depth + 2) return "depth";
    if (tokens > limits.tokens || comments > limits.tokens) return "tokens";
  }
  return undefined;
}

/** No object of a request has as many members: neither an input of the schema's, nor an operation's variables. */
const mostMembers = 1_000;

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * What makes a JSON costly to parse, if anything does: half a million levels take V8 as long as some hundred queries, an
 * object of twenty thousand members as long as fifteen. Such an object counts as a list.
 */
function excessOf(json: string, mostDepth: number): "depth" | "listItems" | undefined {
  /** Of each object that is open, how many members it has so far; of a list, minus infinity. */
  const members: number[] = [];
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charCodeAt(at);
    if (character === quote) at = endOfText(json, at);
    else if (character === comma) {
      const last = members.length - 1;
      members[last] = (members[last] ?? 0) + 1;
      if ((members[last] ?? 0) > mostMembers) return "listItems";
    } else if (character === openBrace) members.push(1);
    else if (character === openBracket) members.push(Number.NEGATIVE_INFINITY);
    else if (character === closeBrace || character === closeBracket) members.pop();
    if (members.length > mostDepth) return "depth";
  }
  return undefined;
}

/** The place of the quote that ends the text which begins here. */
function endOfText(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== quote) at += json.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}
