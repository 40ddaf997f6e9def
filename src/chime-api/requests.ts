import { type Camel, camelName } from "./names.js";
import { operations, type Shape } from "./operations.js";
import type { OperationName, RequestOf } from "./types.js";

/** An operation's request from an input in camelCase. Null means absent; unknown members are dropped. */
export function createRequest<Name extends OperationName>(
  name: Name,
  input: Camel<RequestOf<Name>>,
): RequestOf<Name> {
  return pickMembers(operations[name].input, input, camelName) as RequestOf<Name>;
}

/**
 * Copies the members that a shape has. A value of another type is copied as it is: the validation reports it.
 * @param nameOf a member's name in the value
 */
export function pickMembers(
  shape: Shape,
  value: unknown,
  nameOf: (member: string) => string = (member) => member,
): unknown {
  if (shape.kind === "list" && Array.isArray(value))
    return value.map((item) => pickMembers(shape.item, item, nameOf));
  if (shape.kind !== "structure" || typeof value !== "object" || value === null || Array.isArray(value))
    return value;
  const given = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Array.from(shape.members, ([name, member]) => [name, member, given[nameOf(name)] ?? undefined] as const)
      .filter(([, , found]) => found !== undefined)
      .map(([name, member, found]) => [name, pickMembers(member.shape, found, nameOf)]),
  );
}
