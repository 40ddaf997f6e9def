import { GraphQLError } from "graphql";

/** Limits that are no settings: they bound what one request costs the process. */
export const fixedLimits = {
  // 500 items of a bulk write as literals take up to 11,000.
  tokens: 12_000,
  // Validation takes some 50 ms for as many.
  selections: 2_000,
  aliases: 200,
  directives: 100,
  // Validation compares each pair: 140 fields of one name make 9,730. Two values in their arguments count as one more pair.
  overlaps: 10_000,
  rootFields: 20,
  // They run one after another, each for as long as WRITE_DEADLINE_MS.
  rootMutations: 5,
  listItems: 500,
  // A router asks for a page of 1,000 rows at once.
  entities: 1_000,
  // 1,000 users that a router asks for by e-mail take two calls each, and one more.
  calls: 2_100,
  // 20 accounts with 500 users of ten fields have 110,000. 200,000 take at most half a second of CPU.
  values: 200_000,
  // 10,000 users of ten fields take about 5 MB.
  responseBytes: 10 * 1024 * 1024,
};

const counted = {
  bodyBytes: "bytes in the body",
  tokens: "tokens or comments in the document",
  selections: "fields, spreads and definitions in the document, its fragments unfolded",
  depth: "levels of fields, or of values, in one another",
  aliases: "aliases in the document",
  directives: "directives in the document",
  overlaps: "pairs of fields of one name, or of spreads, at one place",
  rootFields: "fields at the root of a query",
  rootMutations: "mutations in one operation",
  listItems: "items in one list",
  entities: "representations in one _entities",
  nodes: "nodes asked for, lists in lists multiplied",
  calls: "upstream calls",
  values: "values in the response",
  responseBytes: "bytes in the response",
};

/** The largest request that is answered. */
export type Limits = Readonly<Record<keyof typeof counted, number>>;

/** Limits that are settings. */
const settingOf: Partial<Record<keyof Limits, string>> = {
  bodyBytes: "LIMIT_BODY_BYTES",
  depth: "LIMIT_DEPTH",
  nodes: "LIMIT_NODES",
};

/** A request is larger than the gateway takes. */
export class LimitError extends GraphQLError {
  override readonly name = "LimitError";

  constructor(
    readonly limit: {
      readonly name: string;
      readonly most: number;
      readonly found?: number;
      /** The field and its argument, where a list is too long. */
      readonly path?: readonly string[];
    },
    message: string,
  ) {
    super(message);
  }
}

/**
 * @param found how many there are, if they were counted to the end
 * @param path of the argument that holds them, if it is one
 */
export function overLimit(
  limits: Limits,
  name: keyof Limits,
  found?: number,
  path?: readonly string[],
): LimitError {
  const most = limits[name];
  const setting = settingOf[name];
  const where = path ? `, ${path.join(".")}` : "";
  return new LimitError(
    { name, most, ...(found !== undefined && { found }), ...(path && { path }) },
    `Too many ${counted[name]}${where}${found === undefined ? "" : `: ${found}`}. The gateway takes ${most}${setting ? ` (${setting})` : ""}.`,
  );
}

/** graphql has limits of its own, and reports them by the message alone. */
export function asLimitError(error: Error, limits: Limits): LimitError | undefined {
  if (error instanceof LimitError) return error;
  if (!(error instanceof GraphQLError)) return undefined;
  if (/^Syntax Error: Document contains more tha[nt] \d+ (tokens|comments)/.test(error.message))
    return overLimit(limits, "tokens");
  if (error.message === "Maximum introspection depth exceeded")
    return new LimitError(
      { name: "introspection", most: 2 },
      "Lists of fields, interfaces, types or inputs are more than 2 deep in one another within introspection.",
    );
  return undefined;
}

/** The same for an error of reading a document: one that is nested too deeply fills the parser's or the validation's stack. */
export const asDocumentLimitError = (error: Error, limits: Limits): LimitError | undefined =>
  error instanceof RangeError && /call stack/.test(error.message)
    ? overLimit(limits, "depth")
    : asLimitError(error, limits);
