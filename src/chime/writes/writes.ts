import type { CreateUserRequest } from "@aws-sdk/client-chime";
import { constraintOf } from "../../chime-api/constraints.js";
import { operations } from "../../chime-api/operations.js";
import type { OperationName, OutputOf, RequestOf } from "../../chime-api/types.js";
import { within } from "../deadline.js";
import { ChimeError, ErrorCode, failedWith, incompleteWriteResponse } from "../errors.js";
import { mismatchError } from "../identity.js";
import type { ChimeAccount, ChimeUser, UserKey } from "../models.js";
import type { EntityDefinition } from "../reads/definitions.js";
import type { Loaders } from "../reads/loaders.js";
import { accountIdOf, type ChimeSession } from "../session.js";
import { type ItemResult, itemFailure, sendInBulk } from "./bulk.js";
import { serialize } from "./serialize.js";

/**
 * The writes of one GraphQL request, by Chime's operations. Each clears the loaders and primes them with its response, so
 * that later reads return the new state. All methods throw ChimeErrors.
 */
export interface Writes {
  /**
   * Sends a write. A request with an idempotency token (which it must contain) is sent up to three times. Writes with a
   * precondition run one after another for each account, so that it holds until the write ends, as far as this process
   * changes the account.
   *
   * @param precondition reads fresh data within the write's deadline, and throws if the write must not be sent
   */
  run<Name extends OperationName>(
    operation: Name,
    request: RequestOf<Name>,
    precondition?: () => Promise<void>,
  ): Promise<OutputOf<Name>>;
  /** DeleteAccount of an account that exists, which the precondition checks. After a lost response it is looked up once. */
  deleteAccount(accountId: string, precondition: () => Promise<void>): Promise<void>;
  /** A write that returns an account. @returns its id */
  account(...write: WriteOf<"CreateAccount" | "UpdateAccount">): Promise<WriteKey<string>>;
  /** A write that returns a user. @returns its key */
  user(...write: WriteOf<"CreateUser" | "UpdateUser" | "ResetPersonalPIN">): Promise<WriteKey<UserKey>>;
  /**
   * A write that returns an object of this entity.
   *
   * @param keyOf reads the object's key; if an id is absent, the outcome is unknown
   */
  object<Name extends OperationName, Row extends object, Key extends object>(
    entity: EntityDefinition<Row, Key>,
    operation: Name,
    request: RequestOf<Name>,
    keyOf: (output: OutputOf<Name>) => { readonly [Id in keyof Key]: Key[Id] | undefined },
  ): Promise<WriteKey<Key>>;
  /**
   * A write of any number of items, in calls of limited size.
   *
   * @returns the result of each item, in order
   */
  bulk<Name extends OperationName, Item, Done>(
    write: BulkWrite<Name, Item, Done>,
    request: Partial<RequestOf<Name>>,
    items: readonly Item[],
  ): Promise<ItemResult<Done>[]>;
}

/** The operation and request of a write. */
type WriteOf<Name extends OperationName> = {
  [Each in Name]: [operation: Each, request: RequestOf<Each>];
}[Name];

/**
 * The key of the written object; an error if Chime confirmed the write by a response that has other ids than requested, and
 * must not be used.
 */
export type WriteKey<Key> = Key | ChimeError;

/** A bulk operation. Items with the same key are sent once and share the result. */
export interface BulkWrite<Name extends OperationName, Item, Done> {
  readonly operation: Name;
  /** The request's member with the items. */
  readonly list: keyof RequestOf<Name> & string;
  keyOf(item: Item): string;
  /** The results of a call's items, in order. */
  readResults(output: OutputOf<Name>, items: readonly Item[], request: RequestOf<Name>): ItemResult<Done>[];
}

/** For responses that name the failed items only. */
export function resultsByFailure<Item, Done>(
  items: readonly Item[],
  failures: readonly { readonly id: string | undefined; readonly code: string | undefined }[],
  idOf: (item: Item) => string,
  doneOf: (item: Item) => Done,
): ItemResult<Done>[] {
  const codes = new Map<string | undefined, ErrorCode>();
  for (const { id, code } of failures) {
    const known = knownCode(code);
    // Two different failures of one item contradict each other.
    codes.set(id, (codes.get(id) ?? known) === known ? known : ErrorCode.OutcomeUnknown);
  }
  const ids = new Set<string | undefined>(items.map(idOf));
  // An error without a known id may belong to any item.
  const unclear = [...codes.keys()].some((id) => !ids.has(id));
  return items.map((item) => {
    const code = codes.get(idOf(item)) ?? (unclear ? ErrorCode.OutcomeUnknown : undefined);
    return code ? itemFailure(code) : { done: doneOf(item) };
  });
}

/** As for a whole call, a failure of Chime itself proves nothing. */
function knownCode(code: string | undefined): ErrorCode {
  const known = Object.values(ErrorCode).find((each) => each === code);
  return known === undefined || serverFailures.has(known) ? ErrorCode.OutcomeUnknown : known;
}

const serverFailures: ReadonlySet<ErrorCode> = new Set(["ServiceFailure", "ServiceUnavailable"]);

/** For operations without a documented limit. */
const defaultItemsPerCall = 50;

export function createWrites(session: ChimeSession, loaders: Loaders): Writes {
  async function send<Name extends OperationName>(operation: Name, request: RequestOf<Name>) {
    try {
      return await session.write(operation, request);
    } finally {
      loaders.clearAll();
    }
  }

  /**
   * A request with an idempotency token is sent again while its outcome is unknown. Then nothing but a success settles it:
   * a later rejection proves nothing about the attempt before.
   */
  async function sendAgain<Name extends OperationName>(
    operation: Name,
    request: RequestOf<Name>,
    pauses: readonly number[],
  ): Promise<OutputOf<Name>> {
    const [pause, ...later] = pauses;
    try {
      return await send(operation, request);
    } catch (error) {
      if (pause === undefined || !failedWith(error, "OutcomeUnknown")) throw error;
      if (!(await session.sleep(pause))) throw error;
      return sendAgain(operation, request, later).catch(() => {
        throw error;
      });
    }
  }

  async function run<Name extends OperationName>(
    operation: Name,
    request: RequestOf<Name>,
    precondition?: () => Promise<void>,
  ) {
    session.beginMutation("single");
    if (operations[operation].idempotencyToken) return sendAgain(operation, request, repeatPauses);
    if (!precondition) return send(operation, request);
    return serialize(accountIdOf(request) ?? "", async () => {
      await precondition();
      return send(operation, request);
    });
  }

  /**
   * Looks for the user of a CreateUser whose response was lost. Absence proves nothing: the request may still be processed
   * later.
   *
   * @throws ChimeError the failure, if the outcome remains unknown
   */
  async function confirmCreated(
    request: CreateUserRequest,
    failure: ChimeError,
    started: number,
  ): Promise<UserKey> {
    const { AccountId = "", Email } = request;
    if (!Email) throw failure;
    for (const pause of confirmationPauses) {
      if (session.timeLeft() < pause + confirmationTime) break;
      if (!(await session.sleep(pause))) break;
      loaders.clearAll();
      const user = await lookUp(findByEmail(AccountId, Email)).catch(() => null);
      if (user && isCreatedBy(request, user, started)) return { accountId: AccountId, userId: user.UserId };
      if (user) break;
    }
    throw failure;
  }

  /** Gives a lookup up in time for the response. */
  const lookUp = <Found>(lookup: Promise<Found>) => within(session.timeLeft() - responseTime, lookup);

  async function findByEmail(accountId: string, email: string): Promise<ChimeUser | null> {
    const { nodes } = await loaders.users(accountId, { userEmail: email }, { first: 1 });
    return nodes[0] ? loaders.completeUser(nodes[0]) : null;
  }

  return {
    run,

    async deleteAccount(accountId, precondition) {
      try {
        await run("DeleteAccount", { AccountId: accountId }, precondition);
      } catch (error) {
        if (!failedWith(error, "OutcomeUnknown")) throw error;
        const account = await lookUp(loaders.accountFresh(accountId)).catch(() => undefined);
        if (account !== null) throw error;
      }
    },

    async account(...[operation, request]) {
      const { Account } = await run<"CreateAccount" | "UpdateAccount">(operation, request);
      if (!Account?.AccountId) throw incompleteWriteResponse(operation, "Account.AccountId");
      const mismatch = mismatchError(operation, Account, { AccountId: undefined, ...request });
      if (mismatch) return mismatch;
      loaders.primeAccount(Account as ChimeAccount);
      return Account.AccountId;
    },

    async user(...[operation, request]) {
      const started = Date.now();
      try {
        const { User } = await run<"CreateUser" | "UpdateUser" | "ResetPersonalPIN">(operation, request);
        const { AccountId: accountId = "" } = request;
        const userId = User?.UserId ?? ("UserId" in request ? request.UserId : undefined);
        if (!userId) throw incompleteWriteResponse(operation, "User.UserId");
        const email = "Email" in request ? request.Email : undefined;
        const mismatch = mismatchError(operation, User ?? {}, { ...request, PrimaryEmail: email });
        if (mismatch) return mismatch;
        // Chime's response to UpdateUser has only the UserId.
        if (operation !== "UpdateUser") loaders.primeUser({ ...User, AccountId: accountId, UserId: userId });
        return { accountId, userId };
      } catch (error) {
        if (operation === "CreateUser" && failedWith(error, "OutcomeUnknown"))
          return confirmCreated(request, error, started);
        throw error;
      }
    },

    async object(entity, operation, request, keyOf) {
      const output = await run(operation, request);
      const ids = keyOf(output);
      if (Object.values(ids).includes(undefined)) throw incompleteWriteResponse(operation, "the object's id");
      const key = ids as Parameters<typeof entity.requestOf>[0];
      try {
        loaders.primeOne(entity, key, entity.rowOf(output, key, operation));
        return key;
      } catch (error) {
        if (error instanceof ChimeError) return error;
        throw error;
      }
    },

    bulk({ operation, list, keyOf, readResults }, partial, items) {
      session.beginMutation("bulk");
      const perCall = constraintOf(operations[operation].input.name, list).max ?? defaultItemsPerCall;
      return sendInBulk(items, keyOf, perCall, session, async (some) => {
        const request = { ...partial, [list]: [...some] } as RequestOf<typeof operation>;
        return readResults(await send(operation, request), some, request);
      });
    },
  };
}

/** Milliseconds before each repetition of a write with an idempotency token. */
const repeatPauses = [100, 500];

/** Milliseconds before each lookup of a created user, and for the lookup itself. */
const confirmationPauses = [0, 500, 500, 2_000];
const confirmationTime = 500;
/** Milliseconds that remain for the response, so that the client gets it within the deadline. */
const responseTime = 250;

/** Whether a user has the requested attributes and is not older than the request. */
function isCreatedBy({ Username, UserType }: CreateUserRequest, user: ChimeUser, started: number): boolean {
  const since = (user.InvitedOn ?? user.RegisteredOn)?.getTime() ?? Number.NaN;
  return (
    since >= Math.floor(started / 1_000) * 1_000 - clockSkew &&
    user.DisplayName === Username &&
    (!UserType || user.UserType === UserType)
  );
}

/**
 * Milliseconds by which Chime's clock may be behind ours. Its timestamps may be whole seconds. An equal user that was created in
 * the meantime is taken for the new one.
 */
const clockSkew = 5 * 60_000;
