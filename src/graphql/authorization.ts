import type { ApolloServerPlugin } from "@apollo/server";
import {
  defaultFieldResolver,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isNonNullType,
  isObjectType,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { Caller } from "./caller.js";
import type { RequestContext } from "./context.js";

/** The one scope that the schema does not name: to be told what a request costs upstream. */
export const traceScope = "chime:trace";

/** What `@requiresScopes` says: of one of these lists, all scopes. */
type Requirement = readonly (readonly string[])[];

type Field = GraphQLField<unknown, unknown>;

/** The caller lacks scopes for what the operation selects. */
export class ForbiddenError extends Error {
  override readonly name = "ForbiddenError";
  readonly missingScopes: readonly string[];

  /** @param lacks what is lacking for which field: `User.personalPin` */
  constructor(lacks: ReadonlyMap<string, readonly string[]>) {
    super(Array.from(lacks, ([field, scopes]) => `${field} needs ${scopes.join(" and ")}.`).join(" "));
    this.missingScopes = [...new Set([...lacks.values()].flat())];
  }
}

/** What is required for each field that requires something. */
const requirements = new WeakMap<Field, readonly Requirement[]>();

/**
 * Enforces what the SDL says with `@requiresScopes`, on a field or on the type that it leads to, as a router does: the
 * field is null, with an error, and its resolver is not asked. What may be of several types needs what each of them
 * needs.
 */
export function enforceScopes(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const target = getNamedType(field.type);
      const targets = isAbstractType(target) ? schema.getPossibleTypes(target) : [];
      const required = [field, target, ...targets].flatMap((place) => requirementsOf(schema, place));
      if (required.length === 0) continue;
      requirements.set(field, required);
      const resolve = field.resolve ?? defaultFieldResolver;
      const isNullable = !isNonNullType(field.type);
      field.resolve = (source, args, context: RequestContext, info) => {
        const missing = missingScopes(field, context.caller);
        if (missing.length === 0) return resolve(source, args, context, info);
        if (isNullable && !context.bounds.addError()) return null;
        throw new ForbiddenError(new Map([[`${type.name}.${field.name}`, missing]]));
      };
    }
  }
}

/** What the SDL says at a field or type, if anything. */
function requirementsOf(schema: GraphQLSchema, place: Field | GraphQLNamedType): Requirement[] {
  const directive = schema.getDirective("requiresScopes");
  if (!directive) return [];
  const nodes = [place.astNode, ...("extensionASTNodes" in place ? place.extensionASTNodes : [])];
  return nodes.flatMap((node) => {
    const values = node && getDirectiveValues(directive, node);
    return values ? [values["scopes"] as Requirement] : [];
  });
}

/** What callers lack for fields, by their scopes: thousands of rows may ask for the same. */
const lacking = new WeakMap<NonNullable<Caller["scopes"]>, Map<Field, readonly string[]>>();

/** The scopes that a caller lacks for a field; of alternatives those of the one that lacks least. */
export function missingScopes(field: Field, { scopes }: Caller): readonly string[] {
  if (!scopes) return [];
  const known = lacking.get(scopes)?.get(field);
  if (known) return known;
  const missing = findMissing(field, scopes);
  const fields = lacking.get(scopes) ?? new Map<Field, readonly string[]>();
  lacking.set(scopes, fields.set(field, missing));
  return missing;
}

function findMissing(field: Field, scopes: NonNullable<Caller["scopes"]>): readonly string[] {
  const lacking = (requirements.get(field) ?? []).flatMap((alternatives) => {
    const lacks = alternatives.map((all) => all.filter((scope) => !scopes.has(scope)));
    return lacks.toSorted((a, b) => a.length - b.length)[0] ?? [];
  });
  return [...new Set(lacking)];
}

/**
 * Rejects a mutation with 403 before anything is written if the caller lacks a scope for a field of Mutation, nullable or
 * not, or for a non-null field below one. Another forbidden field is null, with an error, and the write is done. As in a
 * router, `@skip` exempts nothing.
 */
export const createAuthorizationPlugin = (schema: GraphQLSchema): ApolloServerPlugin<RequestContext> => ({
  async requestDidStart() {
    return {
      async didResolveOperation({ document, operation, contextValue: { caller } }) {
        if (operation?.operation !== "mutation") return;
        const lacks = new Map<string, readonly string[]>();
        const nodes: FieldNode[] = [];
        const types = new TypeInfo(schema);
        const alone = separateOperations(document)[operation.name?.value ?? ""] ?? document;
        const isMutation = () => types.getParentType() === schema.getMutationType();
        visit(
          alone,
          visitWithTypeInfo(types, {
            Field(node) {
              const field = types.getFieldDef();
              if (!field || !(isMutation() || isNonNullType(field.type))) return;
              const missing = missingScopes(field, caller);
              if (missing.length === 0) return;
              lacks.set(`${types.getParentType()?.name}.${field.name}`, missing);
              nodes.push(node);
            },
          }),
        );
        if (lacks.size === 0) return;
        const error = new ForbiddenError(lacks);
        throw new GraphQLError(error.message, {
          nodes,
          originalError: error,
          extensions: { http: { status: 403 } },
        });
      },
    };
  },
});
