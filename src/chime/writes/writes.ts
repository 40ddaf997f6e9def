import {
  type Account,
  AssociateSigninDelegateGroupsWithAccountCommand,
  type AssociateSigninDelegateGroupsWithAccountRequest,
  BatchUpdateUserCommand,
  CreateAccountCommand,
  type CreateAccountRequest,
  CreateUserCommand,
  type CreateUserRequest,
  DisassociateSigninDelegateGroupsFromAccountCommand,
  type DisassociateSigninDelegateGroupsFromAccountRequest,
  type Invite,
  InviteUsersCommand,
  type InviteUsersRequest,
  ResetPersonalPINCommand,
  type ResetPersonalPINRequest,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  UpdateAccountCommand,
  type UpdateAccountRequest,
  UpdateUserCommand,
  type UpdateUserRequest,
  type UpdateUserRequestItem,
  type User,
} from "@aws-sdk/client-chime";
import { type ChimeError, ErrorCode, failedWith, incompleteWriteResponse } from "../errors.js";
import { type Ids, mismatchError } from "../identity.js";
import { type ChimeAccount, type ChimeUser, limits, type UserKey } from "../models.js";
import { foldCase } from "../reads/emailPlan.js";
import type { Loaders } from "../reads/loaders.js";
import type { ChimeCommand, ChimeSession } from "../session.js";
import { type ItemResult, itemFailure, sendInBulk } from "./bulk.js";

/**
 * The writes of one GraphQL request, by Chime's operations. Each clears the loaders and primes them with its response, so
 * that later reads return the new state. All methods throw ChimeErrors.
 */
export type Writes = ReturnType<typeof createWrites>;

/**
 * The key of the written object; an error if Chime confirmed the write by a response that has other ids than requested, and
 * must not be used.
 */
export type Written<Key> = Key | ChimeError;

/** The operations of the methods below. */
export const writeOperations = [
  "CreateAccount",
  "UpdateAccount",
  "AssociateSigninDelegateGroupsWithAccount",
  "DisassociateSigninDelegateGroupsFromAccount",
  "CreateUser",
  "UpdateUser",
  "ResetPersonalPIN",
  "BatchUpdateUser",
  "InviteUsers",
] as const;

export function createWrites(session: ChimeSession, loaders: Loaders) {
  async function send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: ChimeCommand<Input, Output>,
  ): Promise<Output> {
    try {
      return await session.write(command);
    } finally {
      loaders.clearAll();
    }
  }

  function write<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: ChimeCommand<Input, Output>,
  ): Promise<Output> {
    session.beginMutation("single");
    return send(command);
  }

  function primeAccount(
    operation: string,
    account: Account | undefined,
    requested?: string,
  ): Written<string> {
    if (!account?.AccountId) throw incompleteWriteResponse(operation, "Account.AccountId");
    const foreign = mismatchError(operation, account, { AccountId: requested });
    if (foreign) return foreign;
    loaders.primeAccount(account as ChimeAccount);
    return account.AccountId;
  }

  function primeUser(
    operation: string,
    user: User | undefined,
    requested: Ids & Named<"AccountId">,
  ): Written<UserKey> {
    if (!user?.UserId) throw incompleteWriteResponse(operation, "User.UserId");
    const foreign = mismatchError(operation, user, requested);
    if (foreign) return foreign;
    const { AccountId } = requested;
    loaders.primeUser({ ...user, AccountId, UserId: user.UserId });
    return { accountId: AccountId, userId: user.UserId };
  }

  /**
   * Looks for the user of a CreateUser whose response was lost. Absence proves nothing: the request may still be processed
   * later.
   *
   * @throws ChimeError the failure, if the outcome remains unknown
   */
  async function confirmCreated(
    request: CreateUserRequest & Named<"AccountId">,
    failure: ChimeError,
    started: number,
  ): Promise<UserKey> {
    const { AccountId, Email } = request;
    if (!Email) throw failure;
    for (const pause of confirmationPauses) {
      if (session.timeLeft() < pause + confirmationTime) break;
      if (!(await session.sleep(pause))) break;
      loaders.clearAll();
      const user = await findByEmail(AccountId, Email).catch(() => null);
      if (user && isCreatedBy(request, user, started)) return { accountId: AccountId, userId: user.UserId };
      if (user) break;
    }
    throw failure;
  }

  async function findByEmail(accountId: string, email: string): Promise<ChimeUser | null> {
    const { nodes } = await loaders.users(accountId, { userEmail: email }, { first: 1 });
    return nodes[0] ? loaders.completeUser(nodes[0]) : null;
  }

  return {
    /** @returns the new account's id */
    async createAccount(request: CreateAccountRequest): Promise<Written<string>> {
      const { Account } = await write(new CreateAccountCommand(request));
      return primeAccount("CreateAccount", Account);
    },

    /** @returns the account's id */
    async updateAccount(request: UpdateAccountRequest & Named<"AccountId">): Promise<Written<string>> {
      const { Account } = await write(new UpdateAccountCommand(request));
      return primeAccount("UpdateAccount", Account, request.AccountId);
    },

    /** @returns the account's id: Chime's response is empty */
    async associateSigninDelegateGroupsWithAccount(
      request: AssociateSigninDelegateGroupsWithAccountRequest & Named<"AccountId">,
    ): Promise<string> {
      await write(new AssociateSigninDelegateGroupsWithAccountCommand(request));
      return request.AccountId;
    },

    /** @returns the account's id: Chime's response is empty */
    async disassociateSigninDelegateGroupsFromAccount(
      request: DisassociateSigninDelegateGroupsFromAccountRequest & Named<"AccountId">,
    ): Promise<string> {
      await write(new DisassociateSigninDelegateGroupsFromAccountCommand(request));
      return request.AccountId;
    },

    /** If Chime's response is lost, the user is looked up by e-mail address. */
    async createUser(request: CreateUserRequest & Named<"AccountId">): Promise<Written<UserKey>> {
      const started = Date.now();
      try {
        const { User } = await write(new CreateUserCommand(request));
        return primeUser("CreateUser", User, { AccountId: request.AccountId, PrimaryEmail: request.Email });
      } catch (error) {
        if (failedWith(error, "OutcomeUnknown")) return confirmCreated(request, error, started);
        throw error;
      }
    },

    /** Chime's response has only the UserId. */
    async updateUser(request: UpdateUserRequest & Named<"AccountId" | "UserId">): Promise<Written<UserKey>> {
      const { User = {} } = await write(new UpdateUserCommand(request));
      const key = { accountId: request.AccountId, userId: request.UserId };
      return mismatchError("UpdateUser", User, request) ?? key;
    },

    async resetPersonalPin(
      request: ResetPersonalPINRequest & Named<"AccountId" | "UserId">,
    ): Promise<Written<UserKey>> {
      const { User } = await write(new ResetPersonalPINCommand(request));
      return primeUser("ResetPersonalPIN", User, request);
    },

    /**
     * Any number of items, in calls of 20. Equal changes of one user are sent once.
     *
     * @returns the result of each item, in order
     */
    batchUpdateUser({ AccountId, UpdateUserRequestItems }: UserUpdates): Promise<ItemResult<UserKey>[]> {
      session.beginMutation("bulk");
      return sendInBulk(UpdateUserRequestItems, changeKey, limits.updatesPerCall, session, async (items) => {
        const { UserErrors = [] } = await send(
          new BatchUpdateUserCommand({ AccountId, UpdateUserRequestItems: [...items] }),
        );
        const codes = new Map(UserErrors.map((error) => [error.UserId, knownCode(error.ErrorCode)]));
        // An error that names none of the items may be any item's.
        const unclear = [...codes.keys()].some((id) => !items.some(({ UserId }) => UserId === id));
        return items.map(({ UserId }) => {
          const code = codes.get(UserId) ?? (unclear ? ErrorCode.OutcomeUnknown : undefined);
          return code ? itemFailure(code) : { done: { accountId: AccountId, userId: UserId } };
        });
      });
    },

    /**
     * Any number of addresses, in calls of 50. Addresses that differ in case only are invited once.
     *
     * @returns the result of each address, in order
     */
    inviteUsers({ UserEmailList = [], ...request }: InviteUsersRequest): Promise<ItemResult<Invite>[]> {
      session.beginMutation("bulk");
      return sendInBulk(UserEmailList, foldCase, limits.invitesPerCall, session, async (emails) => {
        const { Invites = [] } = await send(
          new InviteUsersCommand({ ...request, UserEmailList: [...emails] }),
        );
        const byEmail = new Map(Invites.map((invite) => [foldCase(invite.EmailAddress ?? ""), invite]));
        return emails.map((email) => {
          const done = byEmail.get(foldCase(email));
          return done ? { done } : itemFailure(ErrorCode.OutcomeUnknown);
        });
      });
    },
  };
}

/** Milliseconds before each lookup of a created user, and for the lookup itself. */
const confirmationPauses = [0, 250, 1_000, 2_000];
const confirmationTime = 500;

/** Whether a user has the requested attributes and is not older than the request. */
function isCreatedBy({ Username, UserType }: CreateUserRequest, user: ChimeUser, started: number): boolean {
  const since = (user.InvitedOn ?? user.RegisteredOn)?.getTime() ?? Number.NaN;
  return (
    since >= Math.floor(started / 1_000) * 1_000 - clockSkew &&
    user.DisplayName === Username &&
    (!UserType || user.UserType === UserType)
  );
}

/** Milliseconds by which Chime's clock may be behind ours. Its timestamps may be whole seconds. */
const clockSkew = 5 * 60_000;

/** A BatchUpdateUserRequest of any size. */
interface UserUpdates extends Named<"AccountId"> {
  readonly UpdateUserRequestItems: readonly (UpdateUserRequestItem & Named<"UserId">)[];
}

/** Ids that are required here. */
type Named<Ids extends string> = { readonly [Id in Ids]: string };

const changeKey = ({
  UserId,
  LicenseType,
  UserType,
  AlexaForBusinessMetadata,
}: UpdateUserRequestItem): string =>
  JSON.stringify([
    UserId,
    LicenseType,
    UserType,
    AlexaForBusinessMetadata?.IsAlexaForBusinessEnabled,
    AlexaForBusinessMetadata?.AlexaForBusinessRoomArn,
  ]);

const knownCode = (code: string | undefined): ErrorCode =>
  Object.values(ErrorCode).find((known) => known === code) ?? ErrorCode.ServiceFailure;
