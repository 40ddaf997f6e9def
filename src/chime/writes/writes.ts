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
import { answerLacks, type ChimeError, ErrorCode, failedWith } from "../errors.js";
import { foreignAnswer, type Ids } from "../identity.js";
import { type ChimeAccount, type ChimeUser, limits, type UserKey } from "../models.js";
import { foldCase } from "../reads/emailPlan.js";
import type { Loaders } from "../reads/loaders.js";
import type { ChimeCommand, ChimeSession } from "../session.js";
import { type ItemResult, itemFailure, sendInBulk } from "./bulk.js";

/**
 * What one GraphQL request changes in Chime, by Chime's own operations. After each write the loaders know nothing but
 * what the write itself answered, so that what is read next is the new state. All methods raise a ChimeError.
 */
export type Writes = ReturnType<typeof createWrites>;

/**
 * The key of what a write has changed; an error if Chime has confirmed the write, but by a response that names something
 * else than was requested. Nothing of such a response may be used.
 */
export type Written<Key> = Key | ChimeError;

/** The operations that change something: those of the methods below. */
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
      loaders.forgetAll();
    }
  }

  function write<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: ChimeCommand<Input, Output>,
  ): Promise<Output> {
    session.beginMutation("single");
    return send(command);
  }

  function keepAccount(operation: string, account: Account | undefined, requested?: string): Written<string> {
    if (!account?.AccountId) throw answerLacks(operation, "Account.AccountId");
    const foreign = foreignAnswer(operation, account, { AccountId: requested });
    if (foreign) return foreign;
    loaders.knowAccount(account as ChimeAccount);
    return account.AccountId;
  }

  function keepUser(
    operation: string,
    user: User | undefined,
    requested: Ids & Named<"AccountId">,
  ): Written<UserKey> {
    if (!user?.UserId) throw answerLacks(operation, "User.UserId");
    const foreign = foreignAnswer(operation, user, requested);
    if (foreign) return foreign;
    const { AccountId } = requested;
    loaders.knowUser({ ...user, AccountId, UserId: user.UserId });
    return { accountId: AccountId, userId: user.UserId };
  }

  /**
   * Looks for the user of a CreateUser whose answer was lost. Only a find is evidence: the request may still be carried out
   * later, so that absence does not prove that nothing was done.
   *
   * @throws ChimeError the failure, if the outcome stays unknown
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
      loaders.forgetAll();
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
      return keepAccount("CreateAccount", Account);
    },

    /** @returns the account's id */
    async updateAccount(request: UpdateAccountRequest & Named<"AccountId">): Promise<Written<string>> {
      const { Account } = await write(new UpdateAccountCommand(request));
      return keepAccount("UpdateAccount", Account, request.AccountId);
    },

    /** @returns the account's id: Chime's answer is empty */
    async associateSigninDelegateGroupsWithAccount(
      request: AssociateSigninDelegateGroupsWithAccountRequest & Named<"AccountId">,
    ): Promise<string> {
      await write(new AssociateSigninDelegateGroupsWithAccountCommand(request));
      return request.AccountId;
    },

    /** @returns the account's id: Chime's answer is empty */
    async disassociateSigninDelegateGroupsFromAccount(
      request: DisassociateSigninDelegateGroupsFromAccountRequest & Named<"AccountId">,
    ): Promise<string> {
      await write(new DisassociateSigninDelegateGroupsFromAccountCommand(request));
      return request.AccountId;
    },

    /** If Chime's answer is lost, the e-mail address tells whether the user was created. */
    async createUser(request: CreateUserRequest & Named<"AccountId">): Promise<Written<UserKey>> {
      const started = Date.now();
      try {
        const { User } = await write(new CreateUserCommand(request));
        return keepUser("CreateUser", User, { AccountId: request.AccountId, PrimaryEmail: request.Email });
      } catch (error) {
        if (failedWith(error, "OutcomeUnknown")) return confirmCreated(request, error, started);
        throw error;
      }
    },

    /** Chime answers with the UserId alone. */
    async updateUser(request: UpdateUserRequest & Named<"AccountId" | "UserId">): Promise<Written<UserKey>> {
      const { User = {} } = await write(new UpdateUserCommand(request));
      const key = { accountId: request.AccountId, userId: request.UserId };
      return foreignAnswer("UpdateUser", User, request) ?? key;
    },

    async resetPersonalPin(
      request: ResetPersonalPINRequest & Named<"AccountId" | "UserId">,
    ): Promise<Written<UserKey>> {
      const { User } = await write(new ResetPersonalPINCommand(request));
      return keepUser("ResetPersonalPIN", User, request);
    },

    /**
     * Any number of items: cut into calls of 20. The same change of the same user is sent once.
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
     * Any number of addresses: cut into calls of 50. The same address, in any letter case, is invited once.
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

/** Milliseconds before each look for a created user, and for a look itself. */
const confirmationPauses = [0, 250, 1_000, 2_000];
const confirmationTime = 500;

/** Whether a user has the requested attributes and has not been there for longer than the request. */
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

/** A BatchUpdateUserRequest of any size, its ids certain. */
interface UserUpdates extends Named<"AccountId"> {
  readonly UpdateUserRequestItems: readonly (UpdateUserRequestItem & Named<"UserId">)[];
}

/** Of a request, the ids that its caller certainly gives. */
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
