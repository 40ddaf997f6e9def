import fc from "fast-check";
import type { GraphQLSchema } from "graphql";
import { awkwardText, type Operation, operationsOf, smallJson } from "./fuzzOperations.js";

export interface GeneratedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const jsonType = { "content-type": "application/json" };

/** Requests to a gateway with this schema. */
export function requestsTo(schema: GraphQLSchema): fc.Arbitrary<GeneratedRequest> {
  const operations = operationsOf(schema);
  const post = (body: fc.Arbitrary<Buffer>): fc.Arbitrary<GeneratedRequest> =>
    body.map((text) => ({ method: "POST", path: "/graphql", headers: jsonType, body: text }));
  const bodies = operations.map((operation) => JSON.stringify(operation));
  const broken = operations.chain(({ query, ...rest }) =>
    mutationsOf(query).map((text) => JSON.stringify({ query: text, ...rest })),
  );

  return fc.oneof(
    { weight: 5, arbitrary: post(bodies.map((text) => Buffer.from(text))) },
    { weight: 4, arbitrary: post(broken.map((text) => Buffer.from(text))) },
    { weight: 3, arbitrary: post(bodies.chain(mutationsOf).map((text) => Buffer.from(text))) },
    {
      weight: 2,
      arbitrary: post(strangeBodies(operations).map((value) => Buffer.from(JSON.stringify(value) ?? ""))),
    },
    { weight: 1, arbitrary: post(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))) },
    { weight: 2, arbitrary: gets(operations) },
    { weight: 2, arbitrary: strangeHttp(bodies) },
  );
}

/** The text with pieces removed, repeated, moved or inserted. */
function mutationsOf(text: string): fc.Arbitrary<string> {
  const place = fc.nat(Math.max(0, text.length));
  const change = fc.tuple(fc.constantFrom("cut", "double", "put", "swap"), place, place, awkwardText);
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce((current, [kind, one, other, piece]) => {
      const start = Math.min(one, other);
      const end = Math.max(one, other);
      const head = current.slice(0, start);
      const middle = current.slice(start, end);
      const tail = current.slice(end);
      if (kind === "cut") return head + tail;
      if (kind === "double") return head + middle + middle + tail;
      if (kind === "swap") return tail + middle + head;
      return head + piece + middle + tail;
    }, text),
  );
}

/** JSON that is not a GraphQL request, or one with members of the wrong type. */
const strangeBodies = (operations: fc.Arbitrary<Operation>): fc.Arbitrary<unknown> =>
  fc.oneof(
    smallJson,
    fc.array(operations, { maxLength: 3 }),
    fc
      .tuple(
        operations,
        fc.dictionary(
          fc.constantFrom("query", "variables", "operationName", "extensions", "id", "__proto__", "toString"),
          smallJson,
        ),
      )
      .map(([operation, members]) => ({ ...operation, ...members })),
    fc.tuple(operations, smallJson, smallJson).map(([operation, version, sha256Hash]) => ({
      ...operation,
      extensions: { persistedQuery: { version, sha256Hash } },
    })),
  );

const gets = (operations: fc.Arbitrary<Operation>): fc.Arbitrary<GeneratedRequest> =>
  fc
    .tuple(
      operations,
      fc.boolean(),
      fc.array(fc.constantFrom("&query=x", "&variables=[", "&%zz", "&extensions=1")),
    )
    .map(([{ query, variables }, preflight, more]) => {
      const search = new URLSearchParams({ query: query.slice(0, 4_000) });
      if (variables) search.set("variables", JSON.stringify(variables).slice(0, 4_000));
      return {
        method: "GET",
        path: `/graphql?${search}${more.slice(0, 3).join("")}`,
        headers: preflight ? { "apollo-require-preflight": "1" } : {},
      };
    });

const strangeHttp = (bodies: fc.Arbitrary<string>): fc.Arbitrary<GeneratedRequest> => {
  const headerValue = fc.oneof(
    fc.constantFrom(
      "application/json",
      "application/json; charset=utf-16",
      "text/plain",
      "multipart/mixed; deferSpec=20220824",
      "application/graphql-response+json",
      "*/*",
      "text/html",
      ";;q=",
      "[",
      "null",
    ),
    fc.string({ maxLength: 30 }).filter((value) => /^[\t\x20-\x7e]*$/.test(value)),
  );
  const headerName = fc.constantFrom(
    "content-type",
    "accept",
    "host",
    "origin",
    "cookie",
    "authorization",
    "x-forwarded-host",
    "x-forwarded-for",
    "x-chime-trace",
    "apollo-require-preflight",
    "apollo-federation-include-trace",
    "content-encoding",
    "accept-encoding",
    "accept-version",
    "if-none-match",
  );
  const path = fc.oneof(
    { weight: 4, arbitrary: fc.constant("/graphql") },
    fc.constantFrom(
      "/graphql/",
      "//graphql",
      "/graphql?",
      "/graphql?query=%zz",
      "/%zz",
      "/nowhere",
      "/..%2f",
      "/graphql#x",
    ),
  );
  return (
    fc
      .tuple(
        fc.constantFrom("POST", "GET", "PUT", "PATCH", "DELETE"),
        path,
        fc.dictionary(headerName, headerValue, { maxKeys: 3 }),
        bodies,
      )
      .map(([method, where, headers, text]) => ({
        method,
        path: where,
        headers: { ...jsonType, ...headers },
        ...(method !== "GET" && { body: Buffer.from(text) }),
      }))
      // A browser's request for a page is answered with HTML.
      .filter(
        ({ method, headers }) =>
          method !== "GET" || !/html|\*/.test((headers as Record<string, string>)["accept"] ?? ""),
      )
  );
};
