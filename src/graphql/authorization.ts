import type { ApolloServerPlugin } from "@apollo/server";
import {
  defaultFieldResolver,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getDirectiveValues,
  getNamedType,
  isNonNullType,
  isObjectType,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { PublicError } from "../publicError.js";
import type { Caller } from "./caller.js";
import type { Bounds } from "./limits/execution.js";

/** The only scope that is not in the schema: it allows a caller to see what a request costs upstream. */
export const traceScope = "chime:trace";

/** The part of a request's context that the checks need. */
interface ScopedContext {
  readonly caller: Caller;
  readonly bounds: Pick<Bounds, "addError">;
}

/** The argument of `@requiresScopes`: one of these lists of scopes, in full. */
type Requirement = readonly (readonly string[])[];

type Field = GraphQLField<unknown, unknown>;

/** The caller lacks scopes for what the operation selects. */
export class ForbiddenError extends PublicError {
  override readonly name = "ForbiddenError";
  readonly code = "FORBIDDEN";
  readonly missingScopes: readonly string[];

  /** @param missing the missing scopes by field or type: `User.personalPin` */
  constructor(missing: ReadonlyMap<string, readonly string[]>) {
    super(Array.from(missing, ([place, scopes]) => `${place} requires ${scopes.join(" and ")}.`).join(" "));
    this.missingScopes = [...new Set([...missing.values()].flat())];
  }

  override get extensions() {
    return { code: this.code, missingScopes: this.missingScopes };
  }
}

/** An element with scopes of its own, with the requirements in its `extensions`. */
type Place = Field | GraphQLObjectType;
const requirements = Symbol("requirements");

const requirementsOf = ({ extensions }: Place) =>
  (extensions as { readonly [requirements]?: readonly Requirement[] })[requirements] ?? [];

/**
 * Enforces `@requiresScopes` of the schema's fields and of their types, as a router does: the field is null with an error,
 * and its resolver is not called. A field of an abstract type requires its own scopes only: what resolves it checks those of
 * the objects' types, with `checkScopes`.
 */
export function enforceScopes(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    type.extensions = { ...type.extensions, [requirements]: readRequirements(schema, type) };
    for (const field of Object.values(type.getFields())) {
      const required = [field, getNamedType(field.type)].flatMap((place) => readRequirements(schema, place));
      if (required.length === 0) continue;
      field.extensions = { ...field.extensions, [requirements]: required };
      const resolve = field.resolve ?? defaultFieldResolver;
      const isNullable = !isNonNullType(field.type);
      field.resolve = (source, args, context: ScopedContext, info) => {
        const missing = missingScopes(field, context.caller);
        if (missing.length === 0) return resolve(source, args, context, info);
        if (isNullable && !context.bounds.addError()) return null;
        throw new ForbiddenError(new Map([[`${type.name}.${field.name}`, missing]]));
      };
    }
  }
}

/**
 * Checks a caller's scopes for an entity of a type.
 *
 * @throws ForbiddenError
 */
export function checkScopes(type: GraphQLObjectType, caller: Caller): void {
  const missing = missingScopes(type, caller);
  if (missing.length > 0) throw new ForbiddenError(new Map([[type.name, missing]]));
}

/** `@requiresScopes` of a field or type, if it has the directive. */
function readRequirements(schema: GraphQLSchema, place: Field | GraphQLNamedType): Requirement[] {
  const directive = schema.getDirective("requiresScopes");
  if (!directive) return [];
  const nodes = [place.astNode, ...("extensionASTNodes" in place ? place.extensionASTNodes : [])];
  return nodes.flatMap((node) => {
    const values = node && getDirectiveValues(directive, node);
    return values ? [values["scopes"] as Requirement] : [];
  });
}

/** Missing scopes by a caller's scopes: thousands of rows need the same ones. */
const cache = new WeakMap<NonNullable<Caller["scopes"]>, Map<Place, readonly string[]>>();

/** The scopes that a caller lacks for a field or type; of alternatives, those of the one that lacks least. */
export function missingScopes(place: Place, { scopes }: Caller): readonly string[] {
  if (!scopes) return [];
  const cached = cache.get(scopes)?.get(place);
  if (cached) return cached;
  const missing = requirementsOf(place).flatMap((alternatives) => {
    const lacking = alternatives.map((all) => all.filter((scope) => !scopes.has(scope)));
    return lacking.toSorted((a, b) => a.length - b.length)[0] ?? [];
  });
  const distinct = [...new Set(missing)];
  const places = cache.get(scopes) ?? new Map<Place, readonly string[]>();
  cache.set(scopes, places.set(place, distinct));
  return distinct;
}

/**
 * Rejects a mutation with 403 before anything is written if the caller lacks a scope for a field of Mutation, or for a
 * non-null field below one. Other forbidden fields are null with an error, and the write is done. As in a router, `@skip`
 * exempts nothing.
 */
export const createAuthorizationPlugin = (schema: GraphQLSchema): ApolloServerPlugin<ScopedContext> => ({
  async requestDidStart() {
    return {
      async didResolveOperation({ document, operation, contextValue: { caller } }) {
        if (operation?.operation !== "mutation") return;
        const missingByField = new Map<string, readonly string[]>();
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
              missingByField.set(`${types.getParentType()?.name}.${field.name}`, missing);
              nodes.push(node);
            },
          }),
        );
        if (missingByField.size === 0) return;
        const error = new ForbiddenError(missingByField);
        throw new GraphQLError(error.message, {
          nodes,
          originalError: error,
          extensions: { http: { status: 403 } },
        });
      },
    };
  },
});
