import { type GraphQLObjectType, type GraphQLSchema, isObjectType, isUnionType } from "graphql";
import { itemsOf } from "./costs.js";

/** Representations of a type with the same kind of key. */
interface EntityKind {
  /** Undefined for one that is not an entity, whatever name a caller has invented. */
  readonly type: GraphQLObjectType | undefined;
  readonly isByEmail: boolean;
  count: number;
}

/** Finding a user by e-mail takes ListAccounts and ListUsers. */
const callsByEmail = 2;
/** Longer texts are no keys, and comparing them would take time. */
const maxKeyLength = 500;

/**
 * Counts the representations of one operation and the calls that look them up. A router sends the same ones for several
 * fields, each of them once: the loaders look up a key once for all fields.
 */
export function createEntityCount(
  schema: GraphQLSchema,
): (representations: unknown) => { readonly kinds: readonly EntityKind[]; readonly calls: number } {
  const union = schema.getType("_Entity");
  const counted = new Map<unknown, readonly EntityKind[]>();
  /** The list that has a key first. */
  const listOfKey = new Map<string, unknown>();

  function entityType(name: unknown): GraphQLObjectType | undefined {
    const type = typeof name === "string" ? schema.getType(name) : undefined;
    return isUnionType(union) && isObjectType(type) && schema.isSubType(union, type) ? type : undefined;
  }

  /** Whether no other field's list has the key. */
  function isNew(list: unknown, ...members: readonly unknown[]): boolean {
    const texts = members.map((member) => (typeof member === "string" ? member : ""));
    if (texts.reduce((length, text) => length + text.length, 0) > maxKeyLength) return true;
    const key = texts.join("\n");
    if (!listOfKey.has(key)) listOfKey.set(key, list);
    return listOfKey.get(key) === list;
  }

  return (representations) => {
    // Several fields may have one variable: its list is read once.
    const known = counted.get(representations);
    if (known) return { kinds: known, calls: 0 };
    const kinds = new Map<string, EntityKind>();
    let calls = 0;
    for (const representation of itemsOf(representations)) {
      const { __typename, id, accountId, userId, primaryEmail, ...others } = Object(representation);
      const isByEmail = primaryEmail != null && id == null && (accountId == null || userId == null);
      const type = entityType(__typename);
      const name = `${type?.name} ${isByEmail}`;
      const kind = kinds.get(name) ?? { type, isByEmail, count: 0 };
      kind.count++;
      kinds.set(name, kind);
      const key = isByEmail ? [primaryEmail] : [id, accountId, userId, ...Object.values(others)];
      if (isNew(representations, type?.name, ...key)) calls += isByEmail ? callsByEmail : 1;
    }
    counted.set(representations, [...kinds.values()]);
    return { kinds: [...kinds.values()], calls };
  };
}
