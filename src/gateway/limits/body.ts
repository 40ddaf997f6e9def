import type { FastifyInstance, FastifyRequest } from "fastify";
import { LimitError, type Limits, overLimit } from "./limits.js";

/** Refuses bodies that are costly to read, and lists of operations. (Fastify itself refuses those that are too large.) */
export function addBodyLimits(app: FastifyInstance, limits: Limits): void {
  const parse = app.getDefaultJsonParser("error", "error");
  /** The body and its variables are two levels above the first value. */
  const depth = limits.depth + 2;

  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    const text = String(body);
    if (isDeeper(text, depth)) done(overLimit(limits, "depth"));
    else parse(request, text, done);
  });
  app.addHook("preHandler", async ({ body }: FastifyRequest<{ Body: { query?: unknown } | null }>) => {
    if (Array.isArray(body) && body.length > 1)
      throw new LimitError(
        { name: "operations", most: 1, found: body.length },
        "A request is one operation, not a list of them. Send each by itself.",
      );
    if (typeof body?.query === "string" && hasMoreTokens(body.query, limits.tokens))
      throw overLimit(limits, "tokens");
  });
}

/** Comments, texts, names and numbers, and signs. A text without an end is one too: nothing is looked at twice. */
const lexemes = /#[^\n\r]*|"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"?|[\w.]+|[^\s,]/g;

/**
 * Whether a document surely has more tokens, or more comments, than that. graphql counts them exactly when it parses, but
 * builds so much of the syntax tree meanwhile that the garbage collector takes longer than all else.
 */
function hasMoreTokens(document: string, most: number): boolean {
  if (document.length <= most) return false;
  let tokens = 0;
  let comments = 0;
  for (const [lexeme] of document.matchAll(lexemes)) {
    if (lexeme.startsWith("#")) comments += 1;
    else tokens += 1;
    if (tokens > most || comments > most) return true;
  }
  return false;
}

/** Whether a JSON nests deeper than that. To parse half a million levels takes V8 as long as some hundred queries. */
function isDeeper(json: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') at = endOfText(json, at);
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    if (depth > most) return true;
  }
  return false;
}

/** The place of the quote that ends the text which begins here. */
function endOfText(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
}
