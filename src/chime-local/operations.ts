import type * as sdk from "@aws-sdk/client-chime";
import { accountOperations } from "./accounts.js";
import { badRequest } from "./errors.js";
import { inviteOperations } from "./invites.js";
import type { Store } from "./store/store.js";
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

/** A value after validation: the SDK types a required member `string | undefined`, here it is a string. */
export type Valid<Value> = Value extends (infer Item)[]
  ? Valid<Item>[]
  : Value extends object
    ? {
        [Member in keyof Value]: Partial<Pick<Value, Member>> extends Pick<Value, Member>
          ? Valid<Value[Member]>
          : Valid<Exclude<Value[Member], undefined>>;
      }
    : Value;

type Answers<Input, Output> = (input: Valid<Input>) => Output;

/** The operations that the embedded Chime has: what the gateway needs. */
export interface Operations {
  CreateAccount: Answers<sdk.CreateAccountRequest, sdk.CreateAccountResponse>;
  GetAccount: Answers<sdk.GetAccountRequest, sdk.GetAccountResponse>;
  UpdateAccount: Answers<sdk.UpdateAccountRequest, sdk.UpdateAccountResponse>;
  ListAccounts: Answers<sdk.ListAccountsRequest, sdk.ListAccountsResponse>;
  AssociateSigninDelegateGroupsWithAccount: Answers<
    sdk.AssociateSigninDelegateGroupsWithAccountRequest,
    sdk.AssociateSigninDelegateGroupsWithAccountResponse
  >;
  DisassociateSigninDelegateGroupsFromAccount: Answers<
    sdk.DisassociateSigninDelegateGroupsFromAccountRequest,
    sdk.DisassociateSigninDelegateGroupsFromAccountResponse
  >;
  CreateUser: Answers<sdk.CreateUserRequest, sdk.CreateUserResponse>;
  GetUser: Answers<sdk.GetUserRequest, sdk.GetUserResponse>;
  UpdateUser: Answers<sdk.UpdateUserRequest, sdk.UpdateUserResponse>;
  ListUsers: Answers<sdk.ListUsersRequest, sdk.ListUsersResponse>;
  BatchUpdateUser: Answers<sdk.BatchUpdateUserRequest, sdk.BatchUpdateUserResponse>;
  InviteUsers: Answers<sdk.InviteUsersRequest, sdk.InviteUsersResponse>;
  ResetPersonalPIN: Answers<sdk.ResetPersonalPINRequest, sdk.ResetPersonalPINResponse>;
}

/** Does one request's work and encodes its answer. */
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
    // The validation above has just made it what the handler's type says.
    const work = () => handler(input as never);
    // A read needs none: what it answers comes of one statement.
    const output = operation.method === "GET" ? work() : store.transaction(work);
    return encodeOutput(operation, output);
  };
}
