import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from "graphql";

/**
 * The lengths of introspection's lists, which the SDL does not give: within the list of all types the average, elsewhere
 * the maximum.
 */
export function measureIntrospection(
  schema: GraphQLSchema,
): (listName: string, isWithinTypes: boolean) => number {
  const types = Object.values(schema.getTypeMap());
  const fieldsOf = (type: GraphQLNamedType) =>
    isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  const lengths: Readonly<Record<string, readonly number[]>> = {
    types: [types.length],
    directives: [schema.getDirectives().length],
    fields: types.map((type) => fieldsOf(type).length),
    args: types.flatMap(fieldsOf).map(({ args }) => args.length),
    inputFields: types.map((type) => (isInputObjectType(type) ? Object.keys(type.getFields()).length : 0)),
    enumValues: types.map((type) => (isEnumType(type) ? type.getValues().length : 0)),
    interfaces: types.map((type) => (isObjectType(type) ? type.getInterfaces().length : 0)),
    possibleTypes: types.map((type) => (isAbstractType(type) ? schema.getPossibleTypes(type).length : 0)),
  };
  return (listName, isWithinTypes) => {
    const all = lengths[listName] ?? [1];
    return isWithinTypes ? all.reduce((sum, length) => sum + length, 0) / all.length : Math.max(...all);
  };
}
