import { type Camel, camelName } from "./names.js";
import { operations, type Shape } from "./operations.js";
import type { OperationName, RequestOf } from "./types.js";

/** An operation's request from an input in camelCase. Null means absent; unknown members are dropped. */
export function createRequest<Name extends OperationName>(
  name: Name,
  input: Camel<RequestOf<Name>>,
): RequestOf<Name> {
  const copy = copies.get(name) ?? createCopy(operations[name].input, camelName);
  copies.set(name, copy);
  return copy(input) as RequestOf<Name>;
}

const copies = new Map<OperationName, Copy>();

type Copy = (value: unknown) => unknown;

/**
 * Copies the members that a shape has. A value of another type is copied as it is: the validation reports it. Created once
 * for each shape: a bulk write copies 500 items.
 *
 * @param nameOf a member's name in the value
 */
export function createCopy(shape: Shape, nameOf: (member: string) => string): Copy {
  if (shape.kind === "list") {
    const copyItem = createCopy(shape.item, nameOf);
    return (value) => (Array.isArray(value) ? value.map(copyItem) : value);
  }
  if (shape.kind !== "structure") return (value) => value;
  const members = Array.from(shape.members, ([name, member]) => ({
    name,
    given: nameOf(name),
    copy: createCopy(member.shape, nameOf),
  }));
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const result: Record<string, unknown> = {};
    for (const { name, given, copy } of members) {
      const found = (value as Readonly<Record<string, unknown>>)[given];
      if (found !== undefined && found !== null) result[name] = copy(found);
    }
    return result;
  };
}
