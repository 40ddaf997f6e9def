import { Agent, type IncomingHttpHeaders } from "node:http";
import fc from "fast-check";
import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
} from "graphql";
import { type GeneratedRequest, requestsTo } from "./fuzzRequests.js";
import { ask } from "./graphqlClient.js";
import { type HttpResponse, sendHttp } from "./http.js";

/** The result of a run of generated requests. */
export interface FuzzResult {
  /** How many responses had each HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** How many errors had each code. */
  readonly codes: Readonly<Record<string, number>>;
  /** The responses that no request may have, with their requests, one a line. */
  readonly problems: readonly string[];
}

/**
 * Sends generated requests to a gateway with introspection: operations of its own schema with valid and invalid arguments,
 * the same with broken text or JSON, and unusual HTTP around them. The same seed makes the same requests.
 */
export async function fuzz(url: string, count: number, seed: number): Promise<FuzzResult> {
  const requests = requestsTo(await fetchSchema(url));
  const statuses: Record<string, number> = {};
  const codes: Record<string, number> = {};
  const problems: string[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  try {
    // Enough at once to keep the gateway busy, and few enough not to overload it.
    const size = 250;
    for (let done = 0; done < count; done += size) {
      const batch = fc.sample(requests, { numRuns: Math.min(size, count - done), seed: seed + done });
      await Promise.all(
        batch.map(async (generated) => {
          const { status, headers, body: text } = await send(url, generated, agent);
          statuses[status] = (statuses[status] ?? 0) + 1;
          for (const code of codesIn(text)) codes[code] = (codes[code] ?? 0) + 1;
          const problem = problemOf(status, headers, text);
          if (problem) problems.push(`${problem}: ${describe(generated)} -> ${status} ${text.slice(0, 300)}`);
        }),
      );
    }
  } finally {
    agent.destroy();
  }
  return { statuses, codes, problems };
}

async function fetchSchema(url: string): Promise<GraphQLSchema> {
  const { data } = await ask(url, { query: getIntrospectionQuery() });
  return buildClientSchema(data as IntrospectionQuery);
}

/** A response, or status 0 if the connection was closed three times in a row. */
async function send(
  url: string,
  { method, path, headers, body }: GeneratedRequest,
  agent: Agent,
): Promise<HttpResponse> {
  const attempt = () => sendHttp(method, url + path, { headers, body, agent });
  // A kept connection may be closed by the time that it is used again.
  for (let attempts = 1; attempts < 3; attempts++) {
    const response = await attempt().catch(() => undefined);
    if (response) return response;
  }
  return attempt().catch((error: Error) => ({ status: 0, headers: {}, body: error.message }));
}

/** What is wrong with a response, if anything: what a client must never see, whatever it has sent. */
function problemOf(status: number, headers: IncomingHttpHeaders, text: string): string | undefined {
  const codes = codesIn(text);
  const overloaded = status === 503 && codes.includes("OVERLOADED");
  if (status === 0) return "no response";
  if (status >= 500 && !overloaded) return "a server error";
  if (codes.includes("INTERNAL_SERVER_ERROR")) return "an internal error";
  if (/\n\s+at |node_modules|stacktrace/i.test(text)) return "a stack trace";
  if (!headers["content-type"]?.includes("json")) return "not JSON";
  const answer = parseJson(text) as { data?: unknown; errors?: unknown } | undefined;
  const errors = answer?.errors;
  const wellFormed =
    errors === undefined
      ? answer?.data !== undefined
      : Array.isArray(errors) &&
        errors.length > 0 &&
        errors.every(
          (error) => typeof error?.message === "string" && typeof error?.extensions?.code === "string",
        );
  return wellFormed ? undefined : "not a GraphQL response";
}

function codesIn(text: string): string[] {
  const answer = parseJson(text) as { errors?: { extensions?: { code?: string } }[] } | undefined;
  return (answer?.errors ?? []).map(({ extensions }) => extensions?.code ?? "none");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const describe = ({ method, path, headers, body }: GeneratedRequest): string =>
  `${method} ${path} ${JSON.stringify(headers)} ${JSON.stringify(body?.toString().slice(0, 2_000))}`;
