import { PublicError } from "../../publicError.js";

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
  // A router asks for the entities at each place of its query by an alias of _entities.
  rootEntities: 200,
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

/** The message for each limit; {} stands for the number, if it is known. */
const excesses = {
  bodyBytes: "Request body has too many bytes",
  tokens: "Document has too many tokens or comments",
  selections:
    "Document has too many fields, fragments and operations, counting fragments wherever they are spread",
  depth: "Query is nested too deeply",
  aliases: "Document has too many aliases",
  directives: "Document has too many directives",
  overlaps: "Document repeats fields or fragments too often in one place",
  rootFields: "Query has {} root fields",
  rootEntities: "Query has {} _entities fields",
  rootMutations: "Operation has {} mutations",
  listItems: "List has {} items",
  entities: "List has {} representations",
  nodes: "Query may return {} nodes",
  calls: "Query needs {} calls to Chime",
  values: "Response may hold {} values",
  responseBytes: "Response may take {} bytes",
};

/** The largest request that is answered. */
export type Limits = Readonly<Record<keyof typeof excesses, number>>;

/** Limits that are settings. */
const settingOf: Partial<Record<keyof Limits, string>> = {
  bodyBytes: "LIMIT_BODY_BYTES",
  depth: "LIMIT_DEPTH",
  nodes: "LIMIT_NODES",
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
  const setting = settingOf[name];
  return new LimitError(
    { name, most, ...(found !== undefined && { found }), ...(path && { path }) },
    `${path ? text.replace("List", path.join(".")) : text} (limit ${most}${setting ? `, ${setting}` : ""}).`,
  );
}
