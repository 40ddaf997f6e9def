import { InvalidInputError } from "./validation.js";

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
