import { PublicError } from "../../publicError.js";

/** The largest request that the gateway serves. Each limit has a setting in src/config.ts: `LIMIT_ROOT_FIELDS` sets `rootFields`. */
export interface Limits extends FixedLimits {
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

/** Limits without a setting: they bound what one request costs the process, whatever it serves. */
export interface FixedLimits {
  readonly calls: number;
  readonly values: number;
  readonly responseBytes: number;
}

export const fixedLimits: FixedLimits = {
  // 1,000 users that a router requests by e-mail take two calls each, and one more.
  calls: 2_100,
  // 20 accounts with 500 users of ten fields have 110,000. 200,000 take at most half a second of CPU.
  values: 200_000,
  // 10,000 users of ten fields take about 5 MB.
  responseBytes: 10 * 1024 * 1024,
};

/** What exceeds each limit; {} stands for the number, if it is known. */
const excesses: Readonly<Record<keyof Limits, string>> = {
  bodyBytes: "Request body has too many bytes",
  tokens: "Document has too many tokens or comments",
  selections:
    "Document has too many fields, fragments and operations, counting fragments wherever they are spread",
  depth: "Query is nested too deeply",
  aliases: "Document has too many aliases",
  directives: "Document has too many directives",
  overlaps: "Document repeats fields or fragments too often in one place",
  rootFields: "Query has {} root fields",
  rootMutations: "Operation has {} mutations",
  listItems: "List has {} items",
  entities: "List has {} representations",
  nodes: "Query may return {} nodes",
  calls: "Query needs {} calls to Chime",
  values: "Response may hold {} values",
  responseBytes: "Response may take {} bytes",
};

/** A request exceeds a limit. */
export class LimitError extends PublicError {
  override readonly name = "LimitError";
  readonly code = "LIMIT_EXCEEDED";

  constructor(
    readonly limit: {
      readonly name: string;
      readonly most: number;
      readonly found?: number;
      /** The field and its argument, if a list is too long. */
      readonly path?: readonly string[];
    },
    message: string,
  ) {
    super(message);
  }

  override get extensions() {
    return { code: this.code, limit: this.limit };
  }
}

/**
 * @param found the number of what the limit counts, if the count was completed
 * @param path of the argument that holds the list, if a list is too long
 */
export function overLimit(
  limits: Limits,
  name: keyof Limits,
  found?: number,
  path?: readonly string[],
): LimitError {
  const most = limits[name];
  const text = excesses[name].replace("{}", String(found ?? "too many"));
  const setting = name in fixedLimits ? "" : `, LIMIT_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
  return new LimitError(
    { name, most, ...(found !== undefined && { found }), ...(path && { path }) },
    `${path ? text.replace("List", path.join(".")) : text} (limit ${most}${setting}).`,
  );
}
