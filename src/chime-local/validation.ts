import { type Constraint, constraints } from "./constraints.js";
import { badRequest } from "./errors.js";
import type { Members, Shape } from "./wire/wireFormat.js";

const constraintsByStructure: Readonly<Record<string, Readonly<Record<string, Constraint>>>> = constraints;

/**
 * Checks the types and constraints of an input.
 * @throws BadRequestException that lists every invalid member (`UpdateUserRequestItems[3].LicenseType`) and what it must
 * be. It never contains values: names and e-mail addresses are personal data.
 */
export function validate(input: Shape, members: Members): void {
  const issues = issuesOf("", input, {}, members);
  if (issues.length > 0) throw badRequest(`${issues.join("; ")}.`);
}

function issuesOf(path: string, shape: Shape, constraint: Constraint, value: unknown): string[] {
  switch (shape.kind) {
    case "structure":
      return isStructure(value) ? memberIssues(path, shape, value) : [`${path} must be a structure`];
    case "list":
      return Array.isArray(value)
        ? listIssues(path, shape.item, constraint, value)
        : [`${path} must be a list`];
    case "string":
      return typeof value === "string" ? stringIssues(path, constraint, value) : [`${path} must be a string`];
    case "integer":
      return Number.isSafeInteger(value)
        ? sizeIssues(path, constraint, Number(value))
        : [`${path} must be a whole number`];
    case "boolean":
      return typeof value === "boolean" ? [] : [`${path} must be true or false`];
    case "other":
      return [];
  }
}

function memberIssues(path: string, shape: Shape & { kind: "structure" }, value: Members): string[] {
  const memberConstraints = constraintsByStructure[shape.name] ?? {};
  return [...shape.members].flatMap(([name, member]) => {
    const memberPath = path === "" ? name : `${path}.${name}`;
    const constraint = memberConstraints[name] ?? {};
    const memberValue = Object.hasOwn(value, name) ? value[name] : undefined;
    // Chime treats a null member as absent.
    if (memberValue === undefined || memberValue === null)
      return constraint.required ? [`${memberPath} is required`] : [];
    return issuesOf(memberPath, member, constraint, memberValue);
  });
}

function listIssues(path: string, item: Shape, constraint: Constraint, value: unknown[]): string[] {
  const size = sizeIssues(path, constraint, value.length, "item");
  // The items of a list that is much too long would make an even longer message.
  if (size.length > 0) return size;
  return value.flatMap((element, index) =>
    issuesOf(`${path}[${index}]`, item, constraint.item ?? {}, element),
  );
}

function stringIssues(path: string, constraint: Constraint, value: string): string[] {
  // SQLite's text ends at the first null character: the rest would be lost silently.
  if (value.includes("\0")) return [`${path} must not contain a null character`];
  if (constraint.enum && !constraint.enum.includes(value))
    return [`${path} must be one of ${constraint.enum.join(", ")}`];
  // Chime counts characters, JavaScript's length counts UTF-16 code units.
  const size = sizeIssues(path, constraint, [...value].length, "character");
  if (size.length > 0) return size;
  return constraint.pattern && !constraint.pattern.test(value)
    ? [`${path} must ${constraint.patternRule}`]
    : [];
}

/** @param unit the counted unit; absent for a number */
function sizeIssues(path: string, { min, max }: Constraint, size: number, unit?: string): string[] {
  const amount = (limit: number) => (unit ? `${limit} ${unit}${limit === 1 ? "" : "s"}` : limit);
  const verb = unit ? "have" : "be";
  if (min !== undefined && size < min) return [`${path} must ${verb} at least ${amount(min)}`];
  if (max !== undefined && size > max) return [`${path} must ${verb} at most ${amount(max)}`];
  return [];
}

function isStructure(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
