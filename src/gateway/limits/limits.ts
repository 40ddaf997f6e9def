import { GraphQLError } from "graphql";

/** The largest request that is answered. The setting of each is in src/config.ts: `LIMIT_ROOT_FIELDS` of `rootFields`. */
export interface Limits {
  readonly bodyBytes: number;
  readonly tokens: number;
  readonly selections: number;
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly overlaps: number;
  readonly rootFields: number;
  readonly rootMutations: number;
  readonly listItems: number;
  readonly entities: number;
  readonly nodes: number;
}

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
} satisfies Record<keyof Limits, string>;

/** A request is larger than the gateway takes. Nothing was executed. */
export class LimitError extends GraphQLError {
  override readonly name = "LimitError";

  constructor(
    readonly limit: { readonly name: string; readonly most: number; readonly found?: number },
    message: string,
  ) {
    super(message, { extensions: { http: { status: 400 } } });
  }
}

/** @param found how many there are, if they were counted to the end */
export function overLimit(limits: Limits, name: keyof Limits, found?: number): LimitError {
  const most = limits[name];
  const setting = `LIMIT_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
  return new LimitError(
    { name, most, ...(found !== undefined && { found }) },
    `Too many ${counted[name]}${found === undefined ? "" : `: ${found}`}. The gateway takes ${most} (${setting}).`,
  );
}

/** graphql has limits of its own, and says so by the message alone; deep nesting it tells from a full stack only. */
export function asLimitError(error: Error, limits: Limits): LimitError | undefined {
  if (error instanceof LimitError) return error;
  if (error instanceof RangeError && /call stack/.test(error.message)) return overLimit(limits, "depth");
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
