import type * as sdk from "@aws-sdk/client-chime";
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
} from "./wireFormat.js";

/** A value after validation: required members, which the SDK types as `string | undefined`, are present. */
export type Valid<Value> = Value extends (infer Item)[]
  ? Valid<Item>[]
  : Value extends object
    ? {
        [Member in keyof Value]: Partial<Pick<Value, Member>> extends Pick<Value, Member>
          ? Valid<Value[Member]>
          : Valid<Exclude<Value[Member], undefined>>;
      }
    : Value;

type Handler<Input, Output> = (input: Valid<Input>) => Output;

/** The operations of the embedded Chime: those that the gateway needs. */
export interface Operations {
  CreateAccount: Handler<sdk.CreateAccountRequest, sdk.CreateAccountResponse>;
  GetAccount: Handler<sdk.GetAccountRequest, sdk.GetAccountResponse>;
  UpdateAccount: Handler<sdk.UpdateAccountRequest, sdk.UpdateAccountResponse>;
  ListAccounts: Handler<sdk.ListAccountsRequest, sdk.ListAccountsResponse>;
  AssociateSigninDelegateGroupsWithAccount: Handler<
    sdk.AssociateSigninDelegateGroupsWithAccountRequest,
    sdk.AssociateSigninDelegateGroupsWithAccountResponse
  >;
  DisassociateSigninDelegateGroupsFromAccount: Handler<
    sdk.DisassociateSigninDelegateGroupsFromAccountRequest,
    sdk.DisassociateSigninDelegateGroupsFromAccountResponse
  >;
  CreateUser: Handler<sdk.CreateUserRequest, sdk.CreateUserResponse>;
  GetUser: Handler<sdk.GetUserRequest, sdk.GetUserResponse>;
  UpdateUser: Handler<sdk.UpdateUserRequest, sdk.UpdateUserResponse>;
  ListUsers: Handler<sdk.ListUsersRequest, sdk.ListUsersResponse>;
  BatchUpdateUser: Handler<sdk.BatchUpdateUserRequest, sdk.BatchUpdateUserResponse>;
  InviteUsers: Handler<sdk.InviteUsersRequest, sdk.InviteUsersResponse>;
  ResetPersonalPIN: Handler<sdk.ResetPersonalPINRequest, sdk.ResetPersonalPINResponse>;
}

/** Does the work of one request. @returns the body of the response */
export type Perform = (operation: Operation, request: WireRequest) => Promise<Uint8Array>;

/** @returns a function that throws Chime's modelled exceptions; BadRequestException for the other 49 operations */
export function createOperations(store: Store): Perform {
  const implemented: Operations = {
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
