import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { createExample } from "./exampleQuery.js";
import { type Page, renderGraphiqlPage, renderSandboxPage } from "./explorerPages.js";

/** Where Apollo's hosted Sandbox and Studio call from. */
export const apolloOrigins = [
  "https://studio.apollographql.com",
  "https://sandbox.embed.apollographql.com",
  "https://explorer.embed.apollographql.com",
] as const;

/**
 * Two explorers for a browser: `/graphql` shows Apollo Sandbox, which comes from Apollo's servers, and `/graphiql` shows
 * GraphiQL, which needs nothing but this gateway. Both open on an example that is ready to run.
 *
 * @param exampleAccountId an account that is surely there, if one is known
 */
export function addExplorers(app: FastifyInstance, exampleAccountId: string | undefined): void {
  const example = createExample(exampleAccountId);
  const sandbox = once(async () => compress(renderSandboxPage(example)));
  const graphiql = once(async () => compress(await renderGraphiqlPage(example)));

  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.url === "/graphql" && wantsPage(request))
      return send(await sandbox(), request, reply);
  });
  app.get("/graphiql", async (request, reply) => send(await graphiql(), request, reply));
}

/** A browser that was sent to the endpoint's address, not one that runs a query. */
function wantsPage({ method, headers, query }: FastifyRequest): boolean {
  const asksQuery =
    typeof query === "object" && query !== null && ("query" in query || "extensions" in query);
  return method === "GET" && !asksQuery && (headers.accept ?? "").includes("text/html");
}

interface CompressedPage extends Page {
  readonly gzipped: Buffer;
  /** Weak: the same for the page and its compressed form. */
  readonly etag: string;
}

/** GraphiQL is 9 MB of script: a quarter goes over the wire. */
const compress = async (page: Page): Promise<CompressedPage> => ({
  ...page,
  gzipped: await promisify(gzip)(page.html),
  etag: `W/"${createHash("sha256").update(page.html).digest("base64url").slice(0, 16)}"`,
});

function send(page: CompressedPage, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply
    .type("text/html; charset=utf-8")
    .header("content-security-policy", page.contentSecurityPolicy)
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "no-referrer")
    .header("cache-control", "no-cache")
    .header("etag", page.etag)
    // CORS has said that it varies by origin.
    .header("vary", [reply.getHeader("vary"), "accept", "accept-encoding"].filter(Boolean).join(", "));
  if (headers["if-none-match"] === page.etag) return reply.code(304).send();
  if (!(headers["accept-encoding"] ?? "").includes("gzip")) return reply.send(page.html);
  return reply.header("content-encoding", "gzip").send(page.gzipped);
}

/** Made when it is first asked for: a gateway that nobody explores does not load GraphiQL. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
