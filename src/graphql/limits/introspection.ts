import { type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from "graphql";

/** How long the lists of introspection are, of which the SDL says nothing. */
export type IntrospectedLength = (listName: string, isOfAll: boolean) => number;

/**
 * Measures what introspection lists: all types with what they have on average, where they are all listed, or the one that
 * has most.
 */
export function measureIntrospection(schema: GraphQLSchema): IntrospectedLength {
  const types = Object.values(schema.getTypeMap());
  const members = types.map((type) => {
    if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type))
      return Object.values(type.getFields()).length;
    return isEnumType(type) ? type.getValues().length : 0;
  });
  const args = types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type)
      ? Object.values(type.getFields()).map((field) => field.args.length)
      : [],
  );
  const directives = schema.getDirectives();

  return (listName, isOfAll) => {
    if (listName === "types") return types.length;
    if (listName === "directives") return directives.length;
    const lengths = listName === "args" ? args : members;
    return isOfAll ? sum(lengths) / lengths.length : Math.max(...lengths);
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
