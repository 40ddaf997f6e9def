import { type Constraint, constraints } from "./constraints.js";
import { badRequest } from "./errors.js";
import type { Members, Shape } from "./wireFormat.js";

const constraintsByStructure: Readonly<Record<string, Readonly<Record<string, Constraint>>>> = constraints;

/**
 * Refuses an input that breaks its types or constraints.
 * @throws BadRequestException that says of every member that is wrong (`UpdateUserRequestItems[3].LicenseType`) what it
 * must be. It never repeats a value: names and e-mail addresses are personal.
 */
export function validate(input: Shape, members: Members): void {
  const problems = problemsOf("", input, {}, members);
  if (problems.length > 0) throw badRequest(`${problems.join("; ")}.`);
}

function problemsOf(path: string, shape: Shape, constraint: Constraint, value: unknown): string[] {
  switch (shape.kind) {
    case "structure":
      return isStructure(value) ? memberProblems(path, shape, value) : [`${path} must be a structure`];
    case "list":
      return Array.isArray(value)
        ? listProblems(path, shape.item, constraint, value)
        : [`${path} must be a list`];
    case "string":
      return typeof value === "string"
        ? stringProblems(path, constraint, value)
        : [`${path} must be a string`];
    case "integer":
      return Number.isSafeInteger(value)
        ? sizeProblems(path, constraint, Number(value))
        : [`${path} must be a whole number`];
    case "boolean":
      return typeof value === "boolean" ? [] : [`${path} must be true or false`];
    case "other":
      return [];
  }
}

function memberProblems(path: string, shape: Shape & { kind: "structure" }, value: Members): string[] {
  const demands = constraintsByStructure[shape.name] ?? {};
  return [...shape.members].flatMap(([name, member]) => {
    const memberPath = path === "" ? name : `${path}.${name}`;
    const constraint = demands[name] ?? {};
    const memberValue = Object.hasOwn(value, name) ? value[name] : undefined;
    // To Chime a null member is an absent one.
    if (memberValue === undefined || memberValue === null)
      return constraint.required ? [`${memberPath} is required`] : [];
    return problemsOf(memberPath, member, constraint, memberValue);
  });
}

function listProblems(path: string, item: Shape, constraint: Constraint, value: unknown[]): string[] {
  const size = sizeProblems(path, constraint, value.length, "item");
  // A list that is far too long would make a message that is longer still.
  if (size.length > 0) return size;
  return value.flatMap((element, index) =>
    problemsOf(`${path}[${index}]`, item, constraint.each ?? {}, element),
  );
}

function stringProblems(path: string, constraint: Constraint, value: string): string[] {
  // SQLite's text ends at the first null character: the rest would be lost without a word.
  if (value.includes("\0")) return [`${path} must not contain a null character`];
  if (constraint.enum && !constraint.enum.includes(value))
    return [`${path} must be one of ${constraint.enum.join(", ")}`];
  // Chime counts characters, JavaScript's length the halves of pairs.
  const size = sizeProblems(path, constraint, [...value].length, "character");
  if (size.length > 0) return size;
  return constraint.pattern && !constraint.pattern.test(value) ? [`${path} must ${constraint.asks}`] : [];
}

/** @param unit what is counted; nothing for a number itself */
function sizeProblems(path: string, { min, max }: Constraint, size: number, unit?: string): string[] {
  const amount = (limit: number) => (unit ? `${limit} ${unit}${limit === 1 ? "" : "s"}` : limit);
  const verb = unit ? "have" : "be";
  if (min !== undefined && size < min) return [`${path} must ${verb} at least ${amount(min)}`];
  if (max !== undefined && size > max) return [`${path} must ${verb} at most ${amount(max)}`];
  return [];
}

function isStructure(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
