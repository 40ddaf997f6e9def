import { Agent, type IncomingHttpHeaders, request } from "node:http";
import fc from "fast-check";
import {
  buildClientSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  type IntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";

/** What a run of generated requests came to. */
export interface FuzzResult {
  /** How many answers had each HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** How many errors had each code. */
  readonly codes: Readonly<Record<string, number>>;
  /** The answers that no request may have, with the requests, one a line. */
  readonly problems: readonly string[];
}

interface GeneratedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/**
 * Sends generated requests to a gateway whose introspection is on: operations made of its own schema, with arguments of
 * the right and of the wrong kind, the same with their text or their JSON broken, and HTTP of all sorts around it. The
 * same seed makes the same requests.
 */
export async function fuzz(url: string, count: number, seed: number): Promise<FuzzResult> {
  const requests = requestsTo(await fetchSchema(url));
  const statuses: Record<string, number> = {};
  const codes: Record<string, number> = {};
  const problems: string[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  try {
    // So many at once that the gateway is busy, and so few that it is not overloaded.
    const size = 250;
    for (let done = 0; done < count; done += size) {
      const batch = fc.sample(requests, { numRuns: Math.min(size, count - done), seed: seed + done });
      await Promise.all(
        batch.map(async (generated) => {
          const { status, headers, text } = await send(url, generated, agent);
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
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: getIntrospectionQuery() }),
  });
  const { data } = (await response.json()) as { data: IntrospectionQuery };
  return buildClientSchema(data);
}

interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** An answer, or none (status 0) where the connection was closed three times running. */
async function send(url: string, generated: GeneratedRequest, agent: Agent): Promise<Received> {
  // A connection that was kept for the next request may be closed by the time it comes.
  for (let attempt = 1; attempt < 3; attempt += 1) {
    const received = await sendOnce(url, generated, agent).catch(() => undefined);
    if (received) return received;
  }
  const none = (error: Error) => ({ status: 0, headers: {}, text: error.message });
  return sendOnce(url, generated, agent).catch(none);
}

function sendOnce(url: string, generated: GeneratedRequest, agent: Agent): Promise<Received> {
  const { method, path, headers, body } = generated;
  return new Promise((resolve, reject) => {
    const length = body && { "content-length": body.length };
    const outgoing = request(
      url + path,
      { method, headers: { ...headers, ...length }, agent },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** What is wrong with an answer, if anything: what a client must never see, whatever it sent. */
function problemOf(status: number, headers: IncomingHttpHeaders, text: string): string | undefined {
  const codes = codesIn(text);
  const overloaded = status === 503 && codes.includes("OVERLOADED");
  if (status === 0) return "no answer";
  if (status >= 500 && !overloaded) return "a server error";
  if (codes.includes("INTERNAL_SERVER_ERROR")) return "a fault of the gateway's";
  if (/\n\s+at |node_modules|stacktrace/i.test(text)) return "a stack trace";
  if (!headers["content-type"]?.includes("json")) return "no JSON";
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
  return wellFormed ? undefined : "not in GraphQL's form";
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

const jsonType = { "content-type": "application/json" };

function requestsTo(schema: GraphQLSchema): fc.Arbitrary<GeneratedRequest> {
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

interface Operation {
  readonly query: string;
  readonly variables?: unknown;
}

const smallJson = fc.jsonValue({ maxDepth: 2, depthSize: "xsmall" });

/** Words and signs that mean something somewhere. */
const awkward = [
  "",
  " ",
  ".",
  "..",
  "a",
  "%",
  "%00",
  "\0",
  "\ud800",
  "\u2028",
  "😀",
  "__proto__",
  "constructor",
  "toString",
  "a@b.co",
  "A".repeat(5_000),
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  "$",
  "$v0",
  "@",
  "@skip(if: true)",
  "...",
  "...F0",
  "!",
  ":",
  "=",
  "|",
  "&",
  "#",
  '"',
  '"""',
  "\\",
  "\\u",
  "\\u{110000}",
  "-",
  "1e999",
  "0x1",
  "null",
  "true",
  "on",
  "fragment",
  "mutation",
  "subscription",
  "__schema",
  "__typename",
  "_entities",
];
const awkwardText = fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: "binary", maxLength: 20 }));

/** The text with pieces cut out, doubled, moved in from elsewhere or put in anew. */
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

/** JSON that is no GraphQL request, or one with members of the wrong kind. */
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
      // A browser's request for a page is answered with a page.
      .filter(
        ({ method, headers }) =>
          method !== "GET" || !/html|\*/.test((headers as Record<string, string>)["accept"] ?? ""),
      )
  );
};

/** Operations of the schema: mostly valid, with values that mostly name nothing. */
function operationsOf(schema: GraphQLSchema): fc.Arbitrary<Operation> {
  const selections = new Map<string, fc.Arbitrary<string>>();
  /** The types that arguments have. A variable is named after the place of its type here. */
  const types: string[] = [];
  const operations = [schema.getQueryType(), schema.getMutationType()].map((root) => {
    if (!root) throw new Error("The schema lacks queries or mutations.");
    return fc
      .tuple(fc.constantFrom("", " A", " __proto__"), selectionsOf(root, 4), variables)
      .map(([name, body, values]) => {
        const used = Array.from(new Set(body.match(/\$t\d+/g)), (variable) => Number(variable.slice(2)));
        const defined = used.map((index) => `$t${index}: ${types[index]}`).join(", ");
        return {
          query: `${root.name.toLowerCase()}${name}${defined && `(${defined})`} ${body}`,
          variables: Object.fromEntries(used.map((index, position) => [`t${index}`, values[position]])),
        };
      });
  });
  const [query, mutation] = operations as [fc.Arbitrary<Operation>, fc.Arbitrary<Operation>];
  return fc.oneof({ weight: 4, arbitrary: query }, { weight: 1, arbitrary: mutation });

  function selectionsOf(type: GraphQLNamedType, depth: number): fc.Arbitrary<string> {
    const key = `${type.name} ${depth}`;
    const known = selections.get(key);
    if (known) return known;
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const members = isUnionType(type) || isInterfaceType(type) ? schema.getPossibleTypes(type) : [];
    const choices = [
      fc.constant("__typename"),
      ...fields.flatMap((field) => fieldOf(field, depth)),
      ...(depth > 0
        ? members.map((member) =>
            selectionsOf(member, depth - 1).map((body) => `... on ${member.name} ${body}`),
          )
        : []),
    ];
    const selection = rarely(
      fc.oneof(...choices),
      fc.constantFrom("...F0", "nothing", "...", "... @skip(if: true) { a }"),
    );
    const made = fc.array(selection, { minLength: 1, maxLength: 4 }).map((list) => `{ ${list.join(" ")} }`);
    selections.set(key, made);
    return made;
  }

  function fieldOf(
    { name, args, type }: GraphQLField<unknown, unknown>,
    depth: number,
  ): fc.Arbitrary<string>[] {
    const below = getNamedType(type);
    const isLeaf = !(isObjectType(below) || isInterfaceType(below) || isUnionType(below));
    if (!isLeaf && depth === 0) return [];
    const body = isLeaf ? fc.constant("") : selectionsOf(below, depth - 1);
    return [
      fc
        .tuple(fc.nat(999), argumentsOf(args), directive, body)
        .map(
          ([n, given, directed, selected]) => `${given && `a${n}: `}${name}${given}${directed}${selected}`,
        ),
    ];
  }

  function argumentsOf(args: readonly GraphQLArgument[]): fc.Arbitrary<string> {
    const given = args.map(({ name, type }) => {
      const index = types.includes(String(type)) ? types.indexOf(String(type)) : types.push(String(type)) - 1;
      const value = fc.oneof(
        { weight: 6, arbitrary: literalOf(type) },
        { weight: 1, arbitrary: fc.constant(`$t${index}`) },
      );
      const argument = value.map((text) => `${name}: ${text}`);
      return isNonNullType(type) ? argument : fc.option(argument, { nil: "" });
    });
    return fc
      .tuple(...given)
      .map((list) => (list.some(Boolean) ? `(${list.filter(Boolean).join(", ")})` : ""));
  }

  function literalOf(type: GraphQLInputType): fc.Arbitrary<string> {
    return rarely(
      rightLiteralOf(type),
      fc.constantFrom("null", "1", "-1", "1e400", '"x"', "[]", "{}", "NOPE"),
    );
  }

  function rightLiteralOf(type: GraphQLInputType): fc.Arbitrary<string> {
    if (isNonNullType(type)) return literalOf(type.ofType);
    if (isListType(type))
      return fc.array(literalOf(type.ofType), { maxLength: 4 }).map((items) => `[${items.join(", ")}]`);
    if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
    if (isInputObjectType(type)) {
      const members = Object.values(type.getFields()).map((field) =>
        literalOf(field.type).map((value) => `${field.name}: ${value}`),
      );
      return fc.tuple(...members).map((list) => `{${list.join(", ")}}`);
    }
    return (
      literals[type.name] ??
      fc.oneof(
        text,
        awkwardText.map((value) => JSON.stringify(value)),
      )
    );
  }
}

const text = fc.constantFrom('"a"', '"a@b.co"', '""', '".."', '"VXNlcjphOmI"');
const literals: Readonly<Record<string, fc.Arbitrary<string>>> = {
  Int: fc.constantFrom("1", "2", "3", "50", "1001", "0"),
  Boolean: fc.constantFrom("true", "false"),
  _Any: fc.constantFrom(
    '{__typename: "User", id: "a"}',
    '{__typename: "Account", accountId: "a"}',
    "{}",
    "1",
  ),
};
const variables = fc.array(
  fc.oneof(fc.constantFrom("a", 1, ["a", "b"], null, { accountId: "a" }), smallJson),
  {
    minLength: 9,
    maxLength: 9,
  },
);
const directive = rarely(
  fc.constant(""),
  fc.constantFrom("@include(if: true) ", "@skip(if: true) ", "@skip ", "@nothing ", "@include(if: 1) "),
);

function rarely(usual: fc.Arbitrary<string>, rare: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: rare });
}
