import { GraphQLError, GraphQLScalarType, Kind } from "graphql";

/** The SDK returns Chime's times as Date. No argument has this type. */
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
