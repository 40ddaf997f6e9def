import { InvalidInputError } from "./validation.js";

/**
 * The first of an entity's keys of which a router's representation has every member, none of them null. Representations
 * carry whatever the router knows: other keys may be among it, incomplete or null.
 *
 * @throws InvalidInputError that names a missing member where no key is complete
 */
export function completeKey<const Key extends readonly string[]>(
  representation: object,
  keys: readonly Key[],
): Key {
  const members: Readonly<Record<string, unknown>> = { ...representation };
  const isGiven = (member: string) => members[member] != null;
  const complete = keys.find((key) => key.every(isGiven));
  if (complete) return complete;
  const begun =
    keys.find((key) => key.some(isGiven)) ?? keys.find((key) => key.some((member) => member in members));
  const missing = (begun ?? keys[0])?.find((member) => !isGiven(member)) ?? "";
  throw new InvalidInputError([
    { path: [missing], message: "must be given and not null, since no other key is complete" },
  ]);
}
