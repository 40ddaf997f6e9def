import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "./context.js";
import { idNames, type KeyOf, parseGlobalId } from "./globalId.js";
import { chimeId, globalIdOfRoomOrBot, InvalidInputError, parse } from "./validation.js";

/**
 * The first of an entity's keys with all members in a router's representation, which may have incomplete keys as well.
 *
 * @throws InvalidInputError that names a missing member if no key is complete
 */
export function completeKey<const Key extends readonly string[]>(
  representation: object,
  keys: readonly Key[],
): Key {
  const members: Readonly<Record<string, unknown>> = { ...representation };
  const isGiven = (member: string) => members[member] != null;
  const complete = keys.find((key) => key.every(isGiven));
  if (complete) return complete;
  const partial =
    keys.find((key) => key.some(isGiven)) ?? keys.find((key) => key.some((member) => member in members));
  const missing = (partial ?? keys[0])?.find((member) => !isGiven(member)) ?? "";
  throw new InvalidInputError([{ path: [missing], message: "is required, since no other key is complete" }]);
}

/**
 * Resolves a router's representation of an entity with two keys: its global id, or Chime's own ids.
 *
 * @param read gets ids that are well-formed
 */
export function referenceTo<Type extends "Room" | "Bot", Entity>(
  type: Type,
  read: (key: KeyOf<Type>, context: Context, info: GraphQLResolveInfo) => Promise<Entity | null>,
) {
  const byId = z.object({ id: globalIdOfRoomOrBot(type) });
  const byIds = z.object(Object.fromEntries(idNames[type].map((name) => [name, chimeId])));
  // Async, so that an invalid representation fails alone.
  return async (reference: object, context: Context, info: GraphQLResolveInfo) => {
    const [member] = completeKey<readonly string[]>(reference, [["id"], idNames[type]]);
    const key = member === "id" ? parseGlobalId(parse(byId, reference).id) : parse(byIds, reference);
    return read(key as KeyOf<Type>, context, info);
  };
}
