import type { Operation } from "../chime-api/operations.js";
import { createCopy } from "../chime-api/requests.js";
import type { Operations } from "../chime-api/types.js";
import { findIssues, type InputIssue } from "../chime-api/validation.js";
import { badRequest } from "./errors.js";
import { accountSettingsOperations } from "./operations/accountSettings.js";
import { accountOperations } from "./operations/accounts.js";
import { botOperations } from "./operations/bots.js";
import { globalSettingsOperations } from "./operations/globalSettings.js";
import { inviteOperations } from "./operations/invites.js";
import { meetingOperations } from "./operations/meetings.js";
import { messageOperations } from "./operations/messages.js";
import { phoneNumberAssignmentOperations } from "./operations/phoneNumberAssignments.js";
import { phoneNumberOrderOperations } from "./operations/phoneNumberOrders.js";
import { phoneNumberSettingsOperations } from "./operations/phoneNumberSettings.js";
import { phoneNumberOperations } from "./operations/phoneNumbers.js";
import { roomMembershipOperations } from "./operations/roomMemberships.js";
import { roomOperations } from "./operations/rooms.js";
import { userAccessOperations } from "./operations/userAccess.js";
import { userSettingsOperations } from "./operations/userSettings.js";
import { userOperations } from "./operations/users.js";
import type { Store } from "./store/store.js";
import { encodeOutput, readMembers, type WireRequest } from "./wire/wireFormat.js";

/** Does the work of one request. @returns the body of the response, empty for status 204 */
export type Perform = (operation: Operation, request: WireRequest) => Uint8Array;

/** @returns a function that throws Chime's modelled exceptions */
export function createOperations(store: Store): Perform {
  const all: Operations = {
    ...accountOperations(store),
    ...userOperations(store),
    ...inviteOperations(store),
    ...accountSettingsOperations(store),
    ...userAccessOperations(store),
    ...userSettingsOperations(store),
    ...globalSettingsOperations(store),
    ...roomOperations(store),
    ...roomMembershipOperations(store),
    ...messageOperations(store),
    ...botOperations(store),
    ...phoneNumberOperations(store),
    ...phoneNumberAssignmentOperations(store),
    ...phoneNumberOrderOperations(store),
    ...phoneNumberSettingsOperations(store),
    ...meetingOperations(store),
  };
  const copies = new Map<Operation, ReturnType<typeof createCopy>>();
  return (operation, request) => {
    const handler = all[operation.name] as (input: never) => object;
    const members = readMembers(operation, request);
    const issues = findIssues(operation.input, members);
    if (issues.length > 0) throw badRequest(`${issues.map(describe).join("; ")}.`);
    const copy = copies.get(operation) ?? createCopy(operation.input, (member) => member);
    copies.set(operation, copy);
    const input = copy(members);
    // The validation above guarantees the handler's input type.
    const work = () => handler(input as never);
    // A read is one statement and needs no transaction.
    const output = operation.isWrite ? store.transaction(work) : work();
    return operation.status === 204 ? new Uint8Array() : encodeOutput(operation, output);
  };
}

/** `UpdateUserRequestItems[3].LicenseType must be a string` */
function describe({ path, message }: InputIssue): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`));
  return `${steps.join("").slice(1)} ${message}`;
}
