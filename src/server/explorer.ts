import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { createExample } from "./exampleQuery.js";
import { createSandboxPage, type Page, renderGraphiqlPage } from "./explorerPages.js";

/** The origins of Apollo's hosted Sandbox and Studio. */
export const apolloOrigins = [
  "https://studio.apollographql.com",
  "https://sandbox.embed.apollographql.com",
  "https://explorer.embed.apollographql.com",
] as const;

/**
 * Two explorers for browsers: `/graphql` shows Apollo Sandbox, which Apollo's servers host, and `/graphiql` shows GraphiQL,
 * which works offline. Both show an example that is ready to run.
 *
 * @param exampleAccountId an existing account, if one is known
 * @param prefix of the schema's root fields
 */
export function addExplorers(
  app: FastifyInstance,
  exampleAccountId: string | undefined,
  prefix: string | undefined,
): void {
  const example = createExample(exampleAccountId, prefix);
  const sandbox = lazy(() => createSandboxPage(example));
  const graphiql = lazy(async () => compress(await renderGraphiqlPage(example)));

  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.url !== "/graphql" || !wantsPage(request)) return;
    const page = await (await sandbox())();
    return addHeaders(page, reply).send(page.html);
  });
  app.get("/graphiql", async (request, reply) =>
    // The page's relative URLs are those of the path without a slash at its end.
    /\/(\?|$)/.test(request.url)
      ? reply.redirect("../graphiql")
      : sendCached(await graphiql(), request, reply),
  );
}

/** Whether a browser opens the endpoint, rather than a page running a query. */
function wantsPage({ method, headers, query }: FastifyRequest): boolean {
  const hasQuery = ["query", "extensions", "documentId"].some((name) => Object.hasOwn(Object(query), name));
  return method === "GET" && !hasQuery && (headers.accept ?? "").includes("text/html");
}

interface CompressedPage extends Page {
  readonly gzipped: Buffer;
  /** Weak, because the page and its compressed form share it. */
  readonly etag: string;
}

/** GraphiQL is 9 MB of script, a quarter of that when compressed. */
const compress = async (page: Page): Promise<CompressedPage> => ({
  ...page,
  gzipped: await promisify(gzip)(page.html),
  etag: `W/"${createHash("sha256").update(page.html).digest("base64url").slice(0, 16)}"`,
});

const addHeaders = (page: Page, reply: FastifyReply, ...vary: string[]): FastifyReply =>
  reply
    .type("text/html; charset=utf-8")
    .header("content-security-policy", page.contentSecurityPolicy)
    .header("referrer-policy", "no-referrer")
    // CORS has added Origin.
    .header("vary", [reply.getHeader("vary"), "accept", ...vary].filter(Boolean).join(", "));

function sendCached(page: CompressedPage, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  addHeaders(page, reply, "accept-encoding").header("cache-control", "no-cache").header("etag", page.etag);
  if (headers["if-none-match"] === page.etag) return reply.code(304).send();
  if (!(headers["accept-encoding"] ?? "").includes("gzip")) return reply.send(page.html);
  return reply.header("content-encoding", "gzip").send(page.gzipped);
}

/** Computes a value on first use: a gateway whose explorers are not opened does not load them. */
function lazy<Value>(compute: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () => {
    value ??= compute();
    return value;
  };
}
