import { type GraphQLSchema, isUnionType } from "graphql";
import { z } from "zod";
import { validate } from "./resolvers/validation.js";

/**
 * Has a router's representations checked like any other input: one whose type is not an entity fails alone, as one with
 * a bad key does. (As @apollo/subgraph makes it, the field fails as a whole.)
 */
export function checkRepresentations(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()["_entities"];
  const union = schema.getType("_Entity");
  const resolve = field?.resolve;
  if (!resolve || !isUnionType(union)) throw new Error("The schema has no entities.");
  const names = union.getTypes().map(({ name }) => name);
  const entity = z.object({ __typename: z.enum(names, `must be ${names.join(" or ")}`) });

  field.resolve = (source, { representations }: { representations: readonly unknown[] }, context, info) =>
    representations.map(async (representation) => {
      validate(entity, Object(representation));
      const alone = resolve(source, { representations: [representation] }, context, info) as unknown[];
      return alone[0];
    });
}
