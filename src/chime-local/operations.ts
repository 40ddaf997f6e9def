import { accountOperations } from "./accounts.js";
import { badRequest } from "./errors.js";
import { inviteOperations } from "./invites.js";
import type { Store } from "./store.js";
import { userOperations } from "./users.js";
import { validate } from "./validation.js";
import {
  decodeBody,
  encodeOutput,
  type Operation,
  parseBody,
  readBoundMembers,
  type WireRequest,
} from "./wire/wireFormat.js";

/** Does the work of one request. @returns the body of the response */
export type Perform = (operation: Operation, request: WireRequest) => Promise<Uint8Array>;

/** @returns a function that throws Chime's modelled exceptions; BadRequestException for the other 49 operations */
export function createOperations(store: Store): Perform {
  const implemented = {
    ...accountOperations(store),
    ...userOperations(store),
    ...inviteOperations(store),
  };
  const handlers = new Map<string, (input: never) => object>(Object.entries(implemented));

  return async (operation, request) => {
    const handler = handlers.get(operation.name);
    if (!handler) throw badRequest(`${operation.name} is not implemented by the embedded Chime.`);
    const bound = readBoundMembers(operation, request);
    validate(operation.input, { ...parseBody(request.body), ...bound });
    const input = { ...(await decodeBody(operation, request.body)), ...bound };
    // The validation above guarantees the handler's input type.
    const work = () => handler(input as never);
    // A read is one statement and needs no transaction.
    const output = operation.method === "GET" ? work() : store.transaction(work);
    return encodeOutput(operation, output);
  };
}
