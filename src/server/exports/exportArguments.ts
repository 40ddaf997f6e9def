import { coerceInputValue, type GraphQLSchema, isInputObjectType } from "graphql";
import { z } from "zod";
import type { UserFilter } from "../../chime/reads/userFilter.js";
import { coercionIssue } from "../../graphql/requestErrors.js";
import { chimeId, pageArguments, parse } from "../../graphql/resolvers/shared/validation.js";
import { userFilter } from "../../graphql/resolvers/userFilter.js";
import { typeIn } from "../../graphql/subgraph/prefix.js";
import { allColumns, type Column, defaultColumns } from "./columns.js";
import type { FormatName } from "./formats.js";

export interface ExportArguments {
  readonly accountId: string;
  readonly columns: readonly Column[];
  readonly filter?: UserFilter | undefined;
  readonly after?: string | null | undefined;
  /** Whether the text begins with a byte order mark, by which Excel recognizes UTF-8. */
  readonly bom: boolean;
}

const columnList = `must be names separated by commas, each once, of ${allColumns.join(", ")}`;

const areColumns = (names: readonly string[]) =>
  names.every(
    (name, index) => (allColumns as readonly string[]).includes(name) && names.indexOf(name) === index,
  );

const path = z.object({ accountId: chimeId });

/** Each has an issue of its own. */
const unknownParameter = z.undefined(
  "is not a parameter of an export: they are columns, filter, after and bom",
);

/** The parts of a request's URL, as they were parsed. */
interface Given {
  readonly params: unknown;
  readonly query: unknown;
}

/** @returns reads an export's path and query string; throws an InvalidInputError */
export function createArgumentReader(
  schema: GraphQLSchema,
): (format: FormatName, given: Given) => ExportArguments {
  const filterType = typeIn(schema, "UserFilter");
  if (!isInputObjectType(filterType)) throw new Error("The schema has no UserFilter.");
  const one = z.string("must be given once");

  /** A `UserFilter` in JSON. As in GraphQL, null counts as absent. */
  const filter = one.transform((text, context) => {
    const fail = (path: readonly (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path: [...path], message });
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      fail([], "must be JSON");
      return z.NEVER;
    }
    if (value === null) return undefined;
    if (typeof value !== "object" || Array.isArray(value)) {
      fail([], 'must be an object such as {"licenseTypes":["PRO"]}');
      return z.NEVER;
    }
    const coerced: unknown = coerceInputValue(value, filterType, (path, _value, error) => {
      const issue = coercionIssue(path, error.message);
      fail(issue.path, issue.message);
    });
    return coerced as UserFilter;
  });

  const rules = z
    .object({
      columns: one
        .transform((text) => text.split(","))
        .refine(areColumns, columnList)
        .transform((names) => names as Column[])
        .default(defaultColumns),
      filter: filter.pipe((userFilter as unknown as z.ZodType<UserFilter, UserFilter>).optional()).optional(),
      after: pageArguments.after,
      bom: one
        .pipe(z.enum(["true", "false"], "must be true or false"))
        .transform((text) => text === "true")
        .default(false),
    })
    .catchall(unknownParameter);
  const rulesOf: Readonly<Record<FormatName, typeof rules>> = {
    csv: rules,
    jsonl: rules.refine(({ bom }) => !bom, {
      path: ["bom"],
      message: "must not be true for JSON Lines, whose first line would not be JSON",
    }),
  };
  return (format, { params, query }) => ({
    ...parse(path, params),
    ...parse(rulesOf[format], { ...Object(query) }),
  });
}
