import { isObjectType } from "graphql";
import { operations } from "../../src/chime-api/operations.js";
import type { OperationName } from "../../src/chime-api/types.js";
import { createSchema } from "../../src/graphql/schema.js";

const schema = createSchema();
const all = Object.values(operations);

const fieldsOf = (typeName: string) => {
  const type = schema.getType(typeName);
  return isObjectType(type) ? Object.values(type.getFields()) : [];
};

/** Chime's writes that the schema has as mutations: `resetPersonalPin` is ResetPersonalPIN. */
export const writes: readonly OperationName[] = fieldsOf("Mutation").map(({ name }) => {
  const operation = all.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (!operation?.isWrite) throw new Error(`Mutation.${name} is not a write of Chime's.`);
  return operation.name;
});

/** The operations that the descriptions of the schema's root fields name as upstream. */
export const described: readonly OperationName[] = all
  .map(({ name }) => name)
  .filter((name) =>
    [...fieldsOf("Query"), ...fieldsOf("Mutation")].some(({ description }) =>
      new RegExp(`\\b${name}\\b`).test(description?.split("\n\nUpstream: ")[1] ?? ""),
    ),
  );

/** All operations that the gateway calls. */
export const upstreamOperations: readonly OperationName[] = [...new Set([...writes, ...described])];

/** The scopes of a mutation, from its `@requiresScopes`. */
export const scopesOf = (operation: OperationName): readonly string[] =>
  fieldsOf("Mutation")
    .filter(({ name }) => name.toLowerCase() === operation.toLowerCase())
    .flatMap(({ astNode }) => JSON.stringify(astNode?.directives).match(/chime:[a-z-]+/g) ?? []);
