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
import { answerLacks, ErrorCode, failedWith } from "./failures.js";
import type { Loaders } from "./loaders.js";
import { type ChimeAccount, limits, type UserKey } from "./models.js";

/**
 * What one GraphQL request changes in Chime, by Chime's own operations. After each write the loaders know nothing but
 * what the write itself answered, so that what is read next is the new state. All methods raise a ChimeError.
 */
export type Writes = ReturnType<typeof createWrites>;

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
   * The user whom a CreateUser without an answer has created. One who was there before, for whom Chime's lost answer was
   * Conflict, was invited or registered earlier, or has another name. (Only one of the same name, or none, whom somebody
   * invites again at this very moment cannot be told apart.) Whoever is not there may still come: then the outcome stays
   * unknown, as it does where Chime's clock is behind ours.
   */
  async function findCreated(
    { AccountId, Email, Username, UserType }: CreateUserRequest & Named<"AccountId">,
    started: number,
  ): Promise<UserKey | undefined> {
    if (!Email) return undefined;
    try {
      const { nodes } = await loaders.users(AccountId, { userEmail: Email }, { first: 1 });
      const user = nodes[0] && (await loaders.completeUser(nodes[0]));
      const since = user?.InvitedOn ?? user?.RegisteredOn;
      const isNew = since !== undefined && since.getTime() >= started;
      const isOurs = user?.DisplayName === Username && (!UserType || user?.UserType === UserType);
      if (!user || !isNew || !isOurs) return undefined;
      return { accountId: AccountId, userId: user.UserId };
    } catch {
      return undefined;
    }
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
        const created = failedWith(error, "OutcomeUnknown") && (await findCreated(request, started));
        if (created) return created;
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
      return sendInBulk(UpdateUserRequestItems, changeKey, limits.updatesPerCall, async (items) => {
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
      });
    },

    /**
     * Any number of addresses: cut into calls of 50. The same address, in any letter case, is invited once.
     *
     * @returns the outcome of each address, in order
     */
    inviteUsers({ UserEmailList = [], ...request }: InviteUsersRequest): Promise<Outcome<Invite>[]> {
      return sendInBulk(UserEmailList, foldCase, limits.invitesPerCall, async (emails) => {
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
