import { GraphQLError, GraphQLScalarType, Kind } from "graphql";
import { z } from "zod";

const time = z.iso.datetime({ offset: true });
const notATime = "DateTime must be a time such as 2026-01-31T09:30:00Z, in UTC or with an offset";

/** The SDK's times are Dates. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  serialize(value) {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
    throw new GraphQLError("not a date");
  },
  parseValue(value) {
    if (time.safeParse(value).success) return new Date(String(value));
    throw new GraphQLError(notATime);
  },
  parseLiteral(node) {
    if (node.kind === Kind.STRING && time.safeParse(node.value).success) return new Date(node.value);
    throw new GraphQLError(notATime, { nodes: node });
  },
});

/** The scalar accepts any string: resolvers validate addresses with the rest of an input, and report all issues together. */
export const EmailAddress = new GraphQLScalarType<string, string>({
  name: "EmailAddress",
  serialize: asString,
  parseValue: asString,
  parseLiteral(node) {
    if (node.kind === Kind.STRING) return node.value;
    throw new GraphQLError(notAString, { nodes: node });
  },
});

const notAString = "EmailAddress must be a string";

function asString(value: unknown): string {
  if (typeof value === "string") return value;
  throw new GraphQLError(notAString);
}
