import { setTimeout as sleep } from "node:timers/promises";
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
import { itemFailure, type Outcome, sendInBulk } from "./bulk.js";
import type { Calls, ChimeCommand } from "./calls.js";
import { foldCase } from "./emailPlan.js";
import {
  answerLacks,
  type ChimeError,
  conflictOf,
  ErrorCode,
  failedWith,
  mayStillBeDone,
  notDone,
} from "./failures.js";
import type { Loaders } from "./loaders.js";
import { type ChimeAccount, type ChimeUser, limits, type UserKey } from "./models.js";

/**
 * What one GraphQL request changes in Chime, by Chime's own operations. After each write the loaders know nothing but
 * what the write itself answered, so that what is read next is the new state. All methods raise a ChimeError.
 */
export type Writes = ReturnType<typeof createWrites>;

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

export function createWrites(calls: Calls, loaders: Loaders) {
  async function write<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: ChimeCommand<Input, Output>,
  ): Promise<Output> {
    try {
      return await calls.write(command);
    } finally {
      loaders.forgetAll();
    }
  }

  function keepAccount(operation: string, account: Account | undefined): string {
    if (!account?.AccountId) throw answerLacks(operation, "Account.AccountId");
    loaders.knowAccount(account as ChimeAccount);
    return account.AccountId;
  }

  function keepUser(operation: string, accountId: string, user: User | undefined): UserKey {
    if (!user?.UserId) throw answerLacks(operation, "User.UserId");
    loaders.knowUser({ ...user, AccountId: accountId, UserId: user.UserId });
    return { accountId, userId: user.UserId };
  }

  /**
   * What became of a CreateUser without an answer: the e-mail address tells. The user is looked for again and again as
   * long as the request may still be carried out (see mayStillBeDone); who is not there then was not created.
   *
   * @param failure the failure without an answer
   * @returns the user whom it has created
   * @throws ChimeError why nothing was done, or the failure itself if the outcome stays unknown
   */
  async function reconcile(
    request: CreateUserRequest & Named<"AccountId">,
    failure: ChimeError,
    started: number,
  ): Promise<UserKey> {
    const { AccountId, Email } = request;
    // A success that can't be read is one: no absence proves otherwise.
    const isSuccess = failure.httpStatus !== undefined && failure.httpStatus < 300;
    if (!Email) throw failure;
    const patience = mayStillBeDone(failure) ? Number.POSITIVE_INFINITY : 1_500;
    for (let look = 0, waited = 0; ; look++) {
      // What was read before is not to answer the next look.
      loaders.forgetAll();
      const user = await findByEmail(AccountId, Email).catch(() => undefined);
      if (user) return judge(request, user, failure, started);
      const pause = Math.min(250 * 2 ** look, 4_000);
      if (waited >= patience || calls.timeLeft() < pause + 1_000)
        throw user === null && !isSuccess ? notDone(failure) : failure;
      await sleep(pause);
      waited += pause;
    }
  }

  async function findByEmail(accountId: string, email: string): Promise<ChimeUser | null> {
    const { nodes } = await loaders.users(accountId, { userEmail: email }, { first: 1 });
    return nodes[0] ? loaders.completeUser(nodes[0]) : null;
  }

  return {
    /** @returns the new account's id */
    async createAccount(request: CreateAccountRequest): Promise<string> {
      const { Account } = await write(new CreateAccountCommand(request));
      return keepAccount("CreateAccount", Account);
    },

    /** @returns the account's id */
    async updateAccount(request: UpdateAccountRequest & Named<"AccountId">): Promise<string> {
      const { Account } = await write(new UpdateAccountCommand(request));
      return keepAccount("UpdateAccount", Account);
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
    async createUser(request: CreateUserRequest & Named<"AccountId">): Promise<UserKey> {
      const started = Date.now();
      try {
        const { User } = await write(new CreateUserCommand(request));
        return keepUser("CreateUser", request.AccountId, User);
      } catch (error) {
        if (failedWith(error, "OutcomeUnknown")) return reconcile(request, error, started);
        throw error;
      }
    },

    /** Chime answers with the UserId alone. */
    async updateUser(request: UpdateUserRequest & Named<"AccountId" | "UserId">): Promise<UserKey> {
      await write(new UpdateUserCommand(request));
      return { accountId: request.AccountId, userId: request.UserId };
    },

    async resetPersonalPin(
      request: ResetPersonalPINRequest & Named<"AccountId" | "UserId">,
    ): Promise<UserKey> {
      const { User } = await write(new ResetPersonalPINCommand(request));
      return keepUser("ResetPersonalPIN", request.AccountId, User);
    },

    /**
     * Any number of items: cut into calls of 20. The same change of the same user is sent once.
     *
     * @returns the outcome of each item, in order
     */
    batchUpdateUser({ AccountId, UpdateUserRequestItems }: UserUpdates): Promise<Outcome<UserKey>[]> {
      return sendInBulk(
        UpdateUserRequestItems,
        changeKey,
        limits.updatesPerCall,
        calls.timeLeft,
        async (items) => {
          const { UserErrors = [] } = await write(
            new BatchUpdateUserCommand({ AccountId, UpdateUserRequestItems: [...items] }),
          );
          const codes = new Map(UserErrors.map((error) => [error.UserId, knownCode(error.ErrorCode)]));
          // An error that names none of the items may be any item's.
          const unclear = [...codes.keys()].some((id) => !items.some(({ UserId }) => UserId === id));
          return items.map(({ UserId }) => {
            const code = codes.get(UserId) ?? (unclear ? ErrorCode.OutcomeUnknown : undefined);
            return code ? itemFailure(code) : { done: { accountId: AccountId, userId: UserId } };
          });
        },
      );
    },

    /**
     * Any number of addresses: cut into calls of 50. The same address, in any letter case, is invited once.
     *
     * @returns the outcome of each address, in order
     */
    inviteUsers({ UserEmailList = [], ...request }: InviteUsersRequest): Promise<Outcome<Invite>[]> {
      return sendInBulk(UserEmailList, foldCase, limits.invitesPerCall, calls.timeLeft, async (emails) => {
        const { Invites = [] } = await write(
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

/**
 * Whose user it is that has the address now. One who was there before, for whom Chime's lost answer was Conflict, was
 * invited or registered clearly earlier. One of that moment who has another name or type is somebody else's. (Only one of
 * the same name, or none, whom somebody invites at this very moment cannot be told apart.)
 */
function judge(
  { AccountId, Username, UserType }: CreateUserRequest & Named<"AccountId">,
  user: ChimeUser,
  failure: ChimeError,
  started: number,
): UserKey {
  const since = (user.InvitedOn ?? user.RegisteredOn)?.getTime() ?? Number.NaN;
  if (since < started - clockSkew) throw conflictOf(failure);
  const isOurs = user.DisplayName === Username && (!UserType || user.UserType === UserType);
  if (since >= started && isOurs) return { accountId: AccountId, userId: user.UserId };
  throw failure;
}

/** Milliseconds by which Chime's clock may be behind ours. */
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
