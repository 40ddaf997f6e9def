import fc from "fast-check";
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";

export interface Operation {
  readonly query: string;
  readonly variables?: unknown;
}

export const smallJson = fc.jsonValue({ maxDepth: 2, depthSize: "xsmall" });

/** Words and signs with a special meaning somewhere. */
const awkward = [
  "",
  " ",
  ".",
  "..",
  "a",
  "%",
  "%00",
  "\0",
  "\ud800",
  "\u2028",
  "😀",
  "__proto__",
  "constructor",
  "toString",
  "a@b.co",
  "A".repeat(5_000),
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  "$",
  "$v0",
  "@",
  "@skip(if: true)",
  "...",
  "...F0",
  "!",
  ":",
  "=",
  "|",
  "&",
  "#",
  '"',
  '"""',
  "\\",
  "\\u",
  "\\u{110000}",
  "-",
  "1e999",
  "0x1",
  "null",
  "true",
  "on",
  "fragment",
  "mutation",
  "subscription",
  "__schema",
  "__typename",
  "_entities",
];
export const awkwardText = fc.oneof(
  fc.constantFrom(...awkward),
  fc.string({ unit: "binary", maxLength: 20 }),
);

/** Operations of the schema: mostly valid, with ids that mostly do not exist. */
export function operationsOf(schema: GraphQLSchema): fc.Arbitrary<Operation> {
  const selections = new Map<string, fc.Arbitrary<string>>();
  /** The types of arguments. A variable is named after the index of its type.*/
  const types: string[] = [];
  const operations = [schema.getQueryType(), schema.getMutationType()].map((root) => {
    if (!root) throw new Error("The schema lacks queries or mutations.");
    return fc
      .tuple(fc.constantFrom("", " A", " __proto__"), selectionsOf(root, 4), variables)
      .map(([name, body, values]) => {
        const used = Array.from(new Set(body.match(/\$t\d+/g)), (variable) => Number(variable.slice(2)));
        const defined = used.map((index) => `$t${index}: ${types[index]}`).join(", ");
        return {
          query: `${root.name.toLowerCase()}${name}${defined && `(${defined})`} ${body}`,
          variables: Object.fromEntries(used.map((index, position) => [`t${index}`, values[position]])),
        };
      });
  });
  const [query, mutation] = operations as [fc.Arbitrary<Operation>, fc.Arbitrary<Operation>];
  return fc.oneof({ weight: 4, arbitrary: query }, { weight: 1, arbitrary: mutation });

  function selectionsOf(type: GraphQLNamedType, depth: number): fc.Arbitrary<string> {
    const key = `${type.name} ${depth}`;
    const cached = selections.get(key);
    if (cached) return cached;
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const members = isUnionType(type) || isInterfaceType(type) ? schema.getPossibleTypes(type) : [];
    const choices = [
      fc.constant("__typename"),
      ...fields.flatMap((field) => fieldOf(field, depth)),
      ...(depth > 0
        ? members.map((member) =>
            selectionsOf(member, depth - 1).map((body) => `... on ${member.name} ${body}`),
          )
        : []),
    ];
    const selection = rarely(
      fc.oneof(...choices),
      fc.constantFrom("...F0", "nothing", "...", "... @skip(if: true) { a }"),
    );
    const made = fc.array(selection, { minLength: 1, maxLength: 4 }).map((list) => `{ ${list.join(" ")} }`);
    selections.set(key, made);
    return made;
  }

  function fieldOf(
    { name, args, type }: GraphQLField<unknown, unknown>,
    depth: number,
  ): fc.Arbitrary<string>[] {
    const below = getNamedType(type);
    const isLeaf = !(isObjectType(below) || isInterfaceType(below) || isUnionType(below));
    if (!isLeaf && depth === 0) return [];
    const body = isLeaf ? fc.constant("") : selectionsOf(below, depth - 1);
    return [
      fc
        .tuple(fc.nat(999), argumentsOf(args), directive, body)
        .map(
          ([n, given, directed, selected]) => `${given && `a${n}: `}${name}${given}${directed}${selected}`,
        ),
    ];
  }

  function argumentsOf(args: readonly GraphQLArgument[]): fc.Arbitrary<string> {
    const given = args.map(({ name, type }) => {
      const index = types.includes(String(type)) ? types.indexOf(String(type)) : types.push(String(type)) - 1;
      const value = fc.oneof(
        { weight: 6, arbitrary: literalOf(type) },
        { weight: 1, arbitrary: fc.constant(`$t${index}`) },
      );
      const argument = value.map((text) => `${name}: ${text}`);
      return isNonNullType(type) ? argument : fc.option(argument, { nil: "" });
    });
    return fc
      .tuple(...given)
      .map((list) => (list.some(Boolean) ? `(${list.filter(Boolean).join(", ")})` : ""));
  }

  function literalOf(type: GraphQLInputType): fc.Arbitrary<string> {
    return rarely(
      validLiteralOf(type),
      fc.constantFrom("null", "1", "-1", "1e400", '"x"', "[]", "{}", "NOPE"),
    );
  }

  function validLiteralOf(type: GraphQLInputType): fc.Arbitrary<string> {
    if (isNonNullType(type)) return literalOf(type.ofType);
    if (isListType(type))
      return fc.array(literalOf(type.ofType), { maxLength: 4 }).map((items) => `[${items.join(", ")}]`);
    if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
    if (isInputObjectType(type)) {
      const members = Object.values(type.getFields()).map((field) =>
        literalOf(field.type).map((value) => `${field.name}: ${value}`),
      );
      return fc.tuple(...members).map((list) => `{${list.join(", ")}}`);
    }
    return (
      literals[type.name] ??
      fc.oneof(
        text,
        awkwardText.map((value) => JSON.stringify(value)),
      )
    );
  }
}

const text = fc.constantFrom('"a"', '"a@b.co"', '""', '".."', '"VXNlcjphOmI"');
const literals: Readonly<Record<string, fc.Arbitrary<string>>> = {
  Int: fc.constantFrom("1", "2", "3", "50", "1001", "0"),
  Boolean: fc.constantFrom("true", "false"),
  _Any: fc.constantFrom(
    '{__typename: "User", id: "a"}',
    '{__typename: "Account", accountId: "a"}',
    "{}",
    "1",
  ),
};
const variables = fc.array(
  fc.oneof(fc.constantFrom("a", 1, ["a", "b"], null, { accountId: "a" }), smallJson),
  {
    minLength: 9,
    maxLength: 9,
  },
);
const directive = rarely(
  fc.constant(""),
  fc.constantFrom("@include(if: true) ", "@skip(if: true) ", "@skip ", "@nothing ", "@include(if: 1) "),
);

function rarely(usual: fc.Arbitrary<string>, rare: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: rare });
}
