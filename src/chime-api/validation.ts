import { type Constraint, constraintOf } from "./constraints.js";
import type { Shape, Structure } from "./operations.js";

/** A problem of a value, with its path: member names, and positions in lists. */
export interface InputIssue {
  readonly path: readonly (string | number)[];
  /** Follows the path: `must be a string`. Without the value: names and e-mail addresses are personal data. */
  readonly message: string;
}

type Path = InputIssue["path"];

/** Every issue of an operation's input: types, required members and constraints. */
export function findIssues(input: Structure, value: object): InputIssue[] {
  return memberIssues([], input, value as Readonly<Record<string, unknown>>);
}

function issuesOf(path: Path, shape: Shape, constraint: Constraint, value: unknown): InputIssue[] {
  switch (shape.kind) {
    case "structure":
      return isStructure(value)
        ? memberIssues(path, shape, value)
        : [{ path, message: "must be a structure" }];
    case "list":
      return Array.isArray(value)
        ? listIssues(path, shape.item, constraint, value)
        : [{ path, message: "must be a list" }];
    case "string":
      return typeof value === "string"
        ? stringIssues(path, constraint, value)
        : [{ path, message: "must be a string" }];
    case "integer":
      return Number.isSafeInteger(value)
        ? sizeIssues(path, constraint, Number(value))
        : [{ path, message: "must be a whole number" }];
    case "boolean":
      return typeof value === "boolean" ? [] : [{ path, message: "must be true or false" }];
    case "timestamp":
      throw new Error("No input of Chime's operations has a timestamp.");
  }
}

function memberIssues(path: Path, { name, members }: Structure, value: Readonly<Record<string, unknown>>) {
  return [...members].flatMap(([member, { shape, isRequired }]): InputIssue[] => {
    const memberPath = [...path, member];
    const constraint = constraintOf(name, member);
    const memberValue = Object.hasOwn(value, member) ? value[member] : undefined;
    // Chime treats a null member as absent.
    if (memberValue !== undefined && memberValue !== null)
      return issuesOf(memberPath, shape, constraint, memberValue);
    return isRequired || constraint.isRequired ? [{ path: memberPath, message: "is required" }] : [];
  });
}

function listIssues(path: Path, item: Shape, constraint: Constraint, value: unknown[]): InputIssue[] {
  const size = sizeIssues(path, constraint, value.length, "item");
  // The items of a list that is much too long would make an even longer message.
  if (size.length > 0) return size;
  return value.flatMap((element, index) => issuesOf([...path, index], item, constraint.item ?? {}, element));
}

function stringIssues(path: Path, constraint: Constraint, value: string): InputIssue[] {
  // SQLite's text ends at the first null character: the embedded Chime would lose the rest silently.
  if (value.includes("\0")) return [{ path, message: "must not contain a null character" }];
  if (constraint.enum && !constraint.enum.includes(value))
    return [{ path, message: `must be one of ${constraint.enum.join(", ")}` }];
  // Chime counts characters, JavaScript's length counts UTF-16 code units.
  const size = sizeIssues(path, constraint, [...value].length, "character");
  if (size.length > 0) return size;
  return constraint.pattern && !constraint.pattern.test(value)
    ? [{ path, message: `must ${constraint.patternRule}` }]
    : [];
}

/** @param unit the counted unit; absent for a number */
function sizeIssues(path: Path, { min, max }: Constraint, size: number, unit?: string): InputIssue[] {
  const amount = (limit: number) => (unit ? `${limit} ${unit}${limit === 1 ? "" : "s"}` : limit);
  const verb = unit ? "have" : "be";
  if (min !== undefined && size < min) return [{ path, message: `must ${verb} at least ${amount(min)}` }];
  if (max !== undefined && size > max) return [{ path, message: `must ${verb} at most ${amount(max)}` }];
  return [];
}

function isStructure(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
