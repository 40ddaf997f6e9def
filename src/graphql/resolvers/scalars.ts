import { GraphQLError, GraphQLScalarType, Kind } from "graphql";

/** Chime's dates are moments: the SDK gives them as Date. No argument takes one. */
export const DateTime = new GraphQLScalarType<never, string>({
  name: "DateTime",
  serialize(value) {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
    throw new GraphQLError("not a date");
  },
  parseValue() {
    throw new GraphQLError("DateTime is not an input");
  },
});

/**
 * Any string as far as the scalar goes: whether it is an address is checked with the rest of an input, so that all
 * problems come back at once, each with its path.
 */
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
