import { type Operation, operations } from "../../chime-api/operations.js";
import { badRequest } from "../errors.js";

export interface Route {
  readonly operation: Operation;
  /** Decoded path labels by name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

/** Candidates by method and number of path segments; those with literals first, as the more specific routes. */
const all = Object.values(operations);
const candidates = new Map<string, Operation[]>();
for (const operation of all.toSorted((a, b) => b.literals.size - a.literals.size)) {
  const key = routeKey(operation.method, operation.segments.length);
  candidates.set(key, [...(candidates.get(key) ?? []), operation]);
}

/**
 * Finds the operation of a request.
 * @param target the request target: path and query, percent-encoded
 * @throws BadRequestException if there is none. Not NotFoundException, which means "no such account or user" to a client:
 * a mistake in a path must not look like that.
 */
export function findRoute(method: string, target: string): Route {
  const { segments, query } = splitTarget(target);
  for (const operation of candidates.get(routeKey(method, segments.length)) ?? []) {
    const labels = matchPath(operation, segments);
    if (labels && matchQuery(operation, query)) return { operation, labels, query };
  }
  throw badRequest(`Amazon Chime has no operation at this path for ${method}${explain(method, segments)}.`);
}

function splitTarget(target: string): { segments: string[]; query: URLSearchParams } {
  const [path = "", ...rest] = target.split("?");
  if (!path.startsWith("/")) throw badRequest("The request target must be a path.");
  const queryText = rest.join("?");
  try {
    // Throws for malformed escapes, which URLSearchParams accepts.
    decodeURIComponent(queryText);
    return {
      segments: path.slice(1).split("/").map(decodeURIComponent),
      query: new URLSearchParams(queryText),
    };
  } catch {
    throw badRequest("The request target is not percent-encoded UTF-8.");
  }
}

function matchPath(operation: Operation, segments: readonly string[]): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (const [index, pattern] of operation.segments.entries()) {
    const segment = segments[index] ?? "";
    if (pattern.startsWith("{")) labels[pattern.slice(1, -1)] = segment;
    else if (pattern !== segment) return undefined;
  }
  return labels;
}

/** `operation` distinguishes routes with the same path: a route without it must not match a request with it. */
function matchQuery({ literals }: Operation, query: URLSearchParams): boolean {
  if (literals.size === 0) return !query.has("operation");
  return [...literals].every(([name, value]) => {
    const values = query.getAll(name);
    return values.length === 1 && values[0] === value;
  });
}

/** The most common mistakes are a wrong method, and a wrong or missing `operation`. */
function explain(method: string, segments: readonly string[]): string {
  const atPath = all.filter(
    (operation) => operation.segments.length === segments.length && matchPath(operation, segments),
  );
  const forMethod = atPath.filter((operation) => operation.method === method);
  if (forMethod.length > 0) {
    const queries = forMethod.map(({ literals }) =>
      literals.size > 0 ? Array.from(literals, (literal) => literal.join("=")).join("&") : "no operation",
    );
    return ` with this query, which must have ${queries.join(" or ")}`;
  }
  const methods = new Set(atPath.map((operation) => operation.method));
  return methods.size > 0 ? `, but for ${[...methods].join(" and ")}` : "";
}

function routeKey(method: string, segments: number): string {
  return `${method} ${segments}`;
}
