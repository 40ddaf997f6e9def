/** A malicious request, as plain data: the body of a POST to /graphql, which is sent unchanged. */
export interface Bomb {
  readonly name: string;
  readonly body: string;
  /** The name of the limit that it exceeds; absent if the document is invalid at any size. */
  readonly limit?: string;
  /** The error code, if it differs from LIMIT_EXCEEDED or, without a limit, GRAPHQL_VALIDATION_FAILED. */
  readonly code?: string;
}

/** The response, and the CPU milliseconds that this process took for it: the median of some throws. */
export interface Impact {
  readonly status: number;
  readonly code: string | undefined;
  readonly limit: string | undefined;
  readonly cpu: number;
}

/**
 * Throws a bomb at a gateway in this process. The text differs a little each time, so that no cache helps. The CPU of the
 * client is included.
 */
export async function throwBomb(url: string, bomb: Bomb, times = 1): Promise<Impact> {
  const impacts: Impact[] = [];
  for (let time = 0; time < times; time += 1) {
    const body = bomb.body.replaceAll('{"query":"', `{"query":"${" ".repeat(time)}`);
    const before = process.cpuUsage();
    const send = () =>
      fetch(`${url}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body });
    // A connection that was kept for the next request may be closed by the time it comes.
    const response = await send().catch(send);
    const text = await response.text();
    const { user, system } = process.cpuUsage(before);
    const [error] = (JSON.parse(text) as Refusal).errors ?? [];
    const { code, limit } = error?.extensions ?? {};
    impacts.push({ status: response.status, code, limit: limit?.name, cpu: (user + system) / 1000 });
  }
  impacts.sort((a, b) => a.cpu - b.cpu);
  return impacts[Math.floor(times / 2)] as Impact;
}

interface Refusal {
  readonly errors?: readonly {
    readonly extensions: { readonly code: string; readonly limit?: { readonly name: string } };
  }[];
}

const many = (count: number, item: (index: number) => string, separator = " "): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(separator);

const nested = (depth: number, open: string, inner: string, close: string): string =>
  open.repeat(depth) + inner + close.repeat(depth);

const body = (query: string, variables?: object): string => JSON.stringify({ query, variables });

/** Fragments of which each spreads the next one twice: 2 to the power of their number in the end. */
const doubling = (count: number): string =>
  `{ ...F0 } ${many(count, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)}
  fragment F${count} on Query { __typename }`;

/** Each fragment spreads all others, in an order of its own: their cycles are countless. */
const tangled = (count: number): string =>
  `{ ...F0 } ${many(count, (i) => `fragment F${i} on Query { ${many(count, (j) => `...F${(i + j) % count}`)} }`)}`;

/** Attack documents, by kind. */
export const bombs: readonly Bomb[] = [
  {
    name: "tokens: a text without end, of nothing but escaped quotes",
    body: body(`{${'\\"'.repeat(100_000)}`),
    code: "GRAPHQL_PARSE_FAILED",
  },
  {
    name: "errors: a message that is long and looks like many",
    body: body(`{ "${"cannot represent ".repeat(25_000)}" }`),
    code: "GRAPHQL_PARSE_FAILED",
  },
  {
    name: "huge variables: an address of nothing but signs",
    body: body("query ($e: EmailAddress!) { userByEmail(email: $e) { id } }", { e: "@".repeat(400_000) }),
    code: "BAD_USER_INPUT",
  },
  {
    name: "huge variables: an input of twenty thousand fields",
    body: body("mutation ($i: CreateAccountInput!) { createAccount(input: $i) { errors { code } } }", {
      i: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i])),
    }),
    limit: "listItems",
  },
  {
    name: "aliases: a field a thousand times under other names",
    body: body(`{ account(accountId: "a") { ${many(1_000, (i) => `a${i}: name`)} } }`),
    limit: "aliases",
  },
  {
    name: "tokens: a document without end",
    body: body(`{ ${"__typename ".repeat(45_000)} }`),
    limit: "tokens",
  },
  {
    name: "comments: a hundred thousand and more around one field",
    body: body(`${"#\n".repeat(170_000)}{ __typename }`),
    limit: "tokens",
  },
  {
    name: "depth: users of accounts of users",
    body: body(
      `{ user(accountId: "a", userId: "u") { ${nested(500, 'account { user(userId: "u") { ', "id", " } }")} } }`,
    ),
    limit: "depth",
  },
  {
    name: "depth: braces that fill the parser's stack",
    body: body(nested(3_900, "{a", "", "}")),
    limit: "depth",
  },
  {
    name: "depth: fragments without a name in one another",
    body: body(nested(1_800, "{...", "{ __typename }", "}")),
    limit: "depth",
  },
  {
    name: "depth: lists in lists as an argument",
    body: body(`{ users(accountId: "a", userIds: ${nested(2_500, "[", "", "]")}) { id } }`),
    limit: "depth",
  },
  {
    name: "depth: lists in lists as a variable's type",
    body: body(`query ($a: ${nested(2_000, "[", "Int", "]")}) { __typename }`),
    limit: "depth",
  },
  {
    name: "deep fragments: each spreads the next one twice",
    body: body(doubling(200)),
    limit: "selections",
  },
  {
    name: "cycles: fragments that spread one another in every order",
    body: body(tangled(60)),
    limit: "selections",
  },
  {
    name: "cycles: a fragment that spreads itself, field by field",
    body: body(`{ ...F } fragment F on Query { node(id: "i") { ... on User { account { user(userId: "u") { ...G } } } } }
      fragment G on User { account { user(userId: "u") { ...G } } }`),
    limit: "depth",
  },
  {
    name: "cycles: a fragment that spreads itself",
    body: body(`{ ...F } fragment F on Query { ...F }`),
  },
  {
    name: "directives: a flood of them on one field",
    body: body(`{ __typename ${"@include(if: true) ".repeat(1_500)} }`),
    limit: "directives",
  },
  {
    name: "directives: a flood of unknown ones",
    body: body(`{ __typename ${many(5_000, (i) => `@d${i}`)} }`),
    limit: "directives",
  },
  {
    name: "overlapping fields: one field a thousand times, to be compared pair by pair",
    body: body(`{ account(accountId: "a") { ${"users { nodes { id } } ".repeat(400)} } }`),
    limit: "overlaps",
  },
  {
    name: "overlapping fields: hundreds of fragments at one place, to be compared pair by pair",
    body: body(
      `{ ${many(600, (i) => `...F${i}`)} } ${many(600, (i) => `fragment F${i} on Query { __typename }`)}`,
    ),
    limit: "overlaps",
  },
  {
    name: "overlapping fields: a hundred with arguments of a hundred values, to be printed for each pair",
    body: body(
      `{ ${`users(accountId: "a", userIds: ${JSON.stringify(Array(100).fill("u"))}) { id } `.repeat(99)} }`,
    ),
    limit: "overlaps",
  },
  {
    name: "overlapping fields: a hundred with a long text, to be printed for each pair",
    body: body(`{ ${`user(accountId: "a", userId: "${"u".repeat(4_000)}") { id } `.repeat(99)} }`),
    limit: "overlaps",
  },
  {
    name: "overlapping fields: within a fragment that nothing spreads",
    body: body(`{ __typename } fragment F on Account { ${"users { nodes { id } } ".repeat(400)} }`),
    limit: "overlaps",
  },
  {
    name: "overlapping fields: within a fragment that another of its name hides",
    body: body(
      `{ ...F } fragment F on Query { ${'node(id: "i") { id } '.repeat(400)} } fragment F on Query { __typename }`,
    ),
    limit: "overlaps",
  },
  {
    name: "huge variables: a list of a hundred thousand ids",
    body: body(`query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids: Array(100_000).fill("x") }),
    limit: "listItems",
  },
  {
    name: "huge variables: lists within lists, without end",
    body: `{"query":"query ($ids: [ID!]!) { nodes(ids: $ids) { id } }","variables":{"ids":${nested(200_000, "[", "", "]")}}}`,
    limit: "depth",
  },
  {
    name: "huge variables: one list in many places",
    body: body(
      `query ($ids: [ID!]!) { ${many(20, (i) => `u${i}: users(accountId: "a", userIds: $ids) { id }`)} }`,
      { ids: Array(500).fill("x".repeat(900)) },
    ),
    limit: "calls",
  },
  {
    name: "batched arrays: a thousand operations in one request",
    body: `[${many(1_000, () => body("{ __typename }"), ",")}]`,
    limit: "operations",
  },
  {
    name: "introspection loops: fields of types of fields",
    body: body(`{ __schema { types { ${nested(6, "fields { type { ", "name", " } }")} } } }`),
    limit: "introspection",
  },
  {
    name: "introspection loops: types of one type",
    body: body(`{ __type(name: "User") { ${nested(3, "possibleTypes { ", "name", " }")} } }`),
    limit: "introspection",
  },
  {
    name: "introspection loops: the whole schema again and again",
    body: body(
      `{ ${many(19, (i) => `s${i}: __schema { types { fields { type { fields { args { name } } } } } }`)} }`,
    ),
    limit: "nodes",
  },
  {
    name: "root fields: a thousand accounts",
    body: body(`{ ${many(150, (i) => `a${i}: account(accountId: "a${i}") { name }`)} }`),
    limit: "rootFields",
  },
  {
    name: "root fields: a hundred writes",
    body: body(
      `mutation { ${many(100, (i) => `a${i}: createAccount(input: { name: "a" }) { errors { code } }`)} }`,
    ),
    limit: "rootMutations",
  },
  {
    name: "lists: a thousand accounts with a thousand users each",
    body: body(`{ accounts(first: 1000) { nodes { users(first: 1000) { nodes { personalPin } } } } }`),
    limit: "nodes",
  },
  {
    name: "lists: a hundred look-ups in each of a thousand accounts",
    body: body(
      `{ accounts(first: 1000) { nodes { ${many(100, (i) => `u${i}: user(userId: "u${i}") { personalPin }`)} } } }`,
    ),
    limit: "calls",
  },
  {
    name: "entities: seven thousand representations",
    body: body(`query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }`, {
      r: Array.from({ length: 7_000 }, (_, i) => ({ __typename: "User", accountId: "a", userId: `u${i}` })),
    }),
    limit: "entities",
  },
  {
    name: "operations: thousands of them in one document",
    body: body(many(2_300, (i) => `query Q${i} { __typename }`)),
    limit: "selections",
  },
  {
    name: "body: more than the largest",
    body: body(`{ __typename }`, { padding: "x".repeat(530_000) }),
    limit: "bodyBytes",
  },
];
