import { expect, test } from "vitest";
import { constraints } from "../../src/chime-api/constraints.js";
import { type Operation, operations, type Shape, type Structure } from "../../src/chime-api/operations.js";

const all = Object.values(operations);
const namesOf = (condition: (operation: Operation) => unknown) =>
  all
    .filter(condition)
    .map(({ name }) => name)
    .toSorted();

/** All structures of some shapes by name. */
function structuresIn(shapes: readonly Shape[]): ReadonlyMap<string, Structure> {
  const found = new Map<string, Structure>();
  const collect = (shape: Shape): void => {
    if (shape.kind === "list") collect(shape.item);
    if (shape.kind !== "structure" || found.has(shape.name)) return;
    found.set(shape.name, shape);
    for (const member of shape.members.values()) collect(member.shape);
  };
  shapes.forEach(collect);
  return found;
}

const inputs = structuresIn(all.map(({ input }) => input));

test("reads are GET requests: 21 of the 62 operations", () => {
  expect(all).toHaveLength(62);
  expect(namesOf(({ isWrite }) => !isWrite)).toHaveLength(21);
});

test("seven operations have no output, and two no input", () => {
  expect(namesOf(({ output }) => output.name === "Unit")).toEqual([
    "DeleteEventsConfiguration",
    "DeletePhoneNumber",
    "DeleteRoom",
    "DeleteRoomMembership",
    "UpdateGlobalSettings",
    "UpdatePhoneNumberSettings",
    "UpdateUserSettings",
  ]);
  expect(namesOf(({ input }) => input.name === "Unit")).toEqual([
    "GetGlobalSettings",
    "GetPhoneNumberSettings",
  ]);
});

test("CreateRoom alone has an idempotency token", () => {
  expect(namesOf(({ idempotencyToken }) => idempotencyToken)).toEqual(["CreateRoom"]);
  expect(operations.CreateRoom.idempotencyToken).toBe("ClientRequestToken");
});

test("the first members of a structure are its required ones", () => {
  const requiredOf = (name: string) =>
    [...(inputs.get(name)?.members ?? [])].flatMap(([member, { isRequired }]) =>
      isRequired ? [member] : [],
    );
  expect(requiredOf("CreateRoomRequest")).toEqual(["AccountId", "Name"]);
  expect(requiredOf("TelephonySettings")).toEqual(["InboundCalling", "OutboundCalling", "SMS"]);
  expect(requiredOf("ListAccountsRequest")).toEqual([]);
  expect(requiredOf("UpdateUserRequestItem")).toEqual(["UserId"]);
});

test("sensitive members are those that Chime marks, lists included", () => {
  const isSensitive = (operation: Operation, member: string) =>
    operation.input.members.get(member)?.isSensitive;
  expect(isSensitive(operations.CreateUser, "Email")).toBe(true);
  expect(isSensitive(operations.InviteUsers, "UserEmailList")).toBe(true);
  expect(isSensitive(operations.CreateUser, "Username")).toBe(false);
});

test("every member of every input has its constraints, even if there are none", () => {
  const members = [...inputs.values()].flatMap(({ name, members }) =>
    Array.from(members.keys(), (member) => ({ name, member })),
  );
  const missing = members.filter(
    ({ name, member }) => !constraints[`${name}.${member}`] && !constraints[member],
  );
  const known = new Set(members.flatMap(({ name, member }) => [member, `${name}.${member}`]));
  expect(missing, "Enter the member in src/chime-api/constraints.ts.").toEqual([]);
  expect(
    Object.keys(constraints).filter((key) => !known.has(key)),
    "These are no longer members.",
  ).toEqual([]);
});
