import {
  type ChimeClient,
  ListAccountsCommand,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-chime";
import type { Command } from "@smithy/core/client";
import { type Cache, type CacheSettings, createCache, nothingKnown } from "./cache.js";
import { type Attempts, type ChimeClientSettings, createChimeClients } from "./clients.js";
import {
  accountNotFound,
  notForCaller,
  provesNotDone,
  readFailed,
  TransportError,
  throttledTooLong,
  type UpstreamCode,
  writeFailed,
} from "./failures.js";
import { createJoining } from "./joining.js";
import { Patience } from "./patience.js";
import type { Savings } from "./savings.js";
import type { Leash } from "./transport.js";
import { createTurns } from "./turns.js";

/** One call that a request made, whatever came of it. Those who joined it have made none. */
export interface LoggedCall {
  readonly operation: string;
  /** `OK`, `CANCELED` if the last caller who waited for it has gone away, else the error's (see ChimeError). */
  readonly outcome: string;
  readonly httpStatus?: number | undefined;
  /** Chime's own id of its last attempt. */
  readonly requestId?: string | undefined;
  /** How often it was sent again. */
  readonly retries: number;
  /** How many of its attempts Chime throttled. */
  readonly throttles: number;
  /** When it began to wait for a free place, by `performance.now()`. */
  readonly began: number;
  /** From then until it had one. */
  readonly waited: number;
  /** From then to the end. */
  readonly milliseconds: number;
}

/** One of the SDK's command objects. */
export type ChimeCommand<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = Command<
  Input,
  Output,
  ChimeClient["config"],
  ServiceInputTypes,
  ServiceOutputTypes
>;

/** The way of one GraphQL request to Chime. Reads and writes raise a ChimeError, nothing else. */
export interface Calls {
  /**
   * Sends a read, or waits for the answer of another request's that is the same; what it is given is not to be changed.
   * Failed ones are repeated by the SDK, until the deadline of the last request that waits for it.
   *
   * @param version under which the answer is to be kept (see Known): only reads with the same are joined
   */
  read<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: ChimeCommand<Input, Output>,
    version?: string,
  ): Promise<Output>;
  /** What was read a moment ago. */
  readonly look: Cache["look"];
  /**
   * Sends a write. Never repeated, and never cancelled, while its outcome is unknown; not sent at all if its turn does
   * not come within the reads' deadline, or if the request's own might end before its answer comes.
   */
  write<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: ChimeCommand<Input, Output>,
  ): Promise<Output>;
  /** Milliseconds until the request's time is over. */
  timeLeft(): number;
  /** Ids of the accounts that exist for who calls; absent: all. */
  readonly accounts?: ReadonlySet<string> | undefined;
  /** What was called so far, in the order of completion. */
  readonly log: readonly LoggedCall[];
  /** Calls that were not made: another request's was joined, or what was wanted was in the cache. */
  readonly saved: Pick<Savings, "joining" | "cache">;
}

/** The process's connection to Chime. */
export interface Upstream {
  /**
   * A way to Chime for one GraphQL request, whose time begins now. Of an account that does not exist for who sends it,
   * nothing gets through.
   *
   * @param caller's patience: when it is over, nobody waits for the answer any more, and what it reads is cut off
   */
  createCalls(caller: Pick<Calls, "accounts">, patience?: Patience): Calls;
  /** Asks Chime for as little as can be: undefined if it answers, else why it does not (an `extensions.code`). */
  findProblem(): Promise<UpstreamCode | undefined>;
  /** Tells the listener of each call when it is over, in the async context of who made it. */
  onCall(listener: (call: LoggedCall) => void): void;
  /** Calls that are being made, and calls that wait for a free place. */
  readonly load: { readonly underWay: number; readonly waiting: number };
  /** Milliseconds after which no request waits for Chime any more. */
  readonly longestRequest: number;
  /** Writes that have been begun, and not been answered. */
  readonly writesUnderWay: number;
  /** Closes the idle connections; calls under way fail. */
  close(): void;
}

export interface UpstreamSettings extends ChimeClientSettings {
  /** Milliseconds that a request may take that only reads. */
  readonly readDeadline: number;
  /** Milliseconds that a request may take that writes. */
  readonly writeDeadline: number;
  /** Where accounts and users are kept between requests; absent: nowhere. */
  readonly cache?: CacheSettings | undefined;
}

export function createUpstream(settings: UpstreamSettings): Upstream {
  const { readDeadline, writeDeadline, callTimeout } = settings;
  const turns = createTurns(settings.concurrency);
  const clients = createChimeClients(settings, turns);
  const joining = createJoining();
  const cache = settings.cache && createCache(settings.cache, settings.target);
  const listeners: ((call: LoggedCall) => void)[] = [];

  let writesUnderWay = 0;
  let question: Promise<UpstreamCode | undefined> | undefined;

  /** Past the queue: a gateway with much to do is asked for its health all the same. */
  async function askHealth(): Promise<UpstreamCode | undefined> {
    try {
      const command = new ListAccountsCommand({ MaxResults: 1 });
      const leash = { patience: new Patience(performance.now() + healthTimeout), cutsOff: true };
      clients.hold(command, leash);
      await orCut(clients.reads.send(command), leash);
      return undefined;
    } catch (thrown) {
      const { code } = readFailed("ListAccounts", thrown).failure;
      // Chime that throttles is there.
      return code === "THROTTLED" ? undefined : code;
    }
  }

  function createCalls({ accounts }: Pick<Calls, "accounts">, caller?: Patience): Calls {
    const began = performance.now();
    const log: LoggedCall[] = [];
    const saved = { joining: 0, cache: 0 };
    let deadline = readDeadline;
    let reading: Patience | undefined;
    const timeLeft = () => began + deadline - performance.now();

    /** One for all reads between two writes. */
    function readsPatience(): Patience {
      reading ??= new Patience(began + deadline, caller);
      return reading;
    }

    function writesLeash(): Leash {
      if (deadline !== writeDeadline) reading = undefined;
      deadline = writeDeadline;
      const milliseconds = Math.min(readDeadline, timeLeft() - callTimeout);
      return { patience: new Patience(performance.now() + milliseconds), cutsOff: false };
    }

    async function send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
      client: ChimeClient,
      command: ChimeCommand<Input, Output>,
      leash: Leash,
      failed: typeof readFailed,
    ): Promise<Output> {
      const operation = operationOf(command);
      const began = performance.now();
      const attempts: Attempts = { made: 0, throttled: 0 };
      let turn: number | undefined;
      let end: Pick<LoggedCall, "outcome" | "httpStatus" | "requestId"> = { outcome: "OK" };
      clients.hold(command, leash, attempts);
      try {
        await turns.take(log, leash.patience);
        turn = performance.now();
        const output = await orCut(client.send(command), leash, turns.giveBack);
        const { httpStatusCode: httpStatus, requestId } = output.$metadata;
        end = { outcome: "OK", httpStatus, requestId };
        turns.answered();
        return output;
      } catch (thrown) {
        const isLate = leash.patience.end && (leash.cutsOff || provesNotDone(thrown));
        const error = isLate ? tooLate(operation, thrown, failed) : failed(operation, thrown);
        const { httpStatus, requestId } = error;
        end = { outcome: leash.patience.end === "left" ? "CANCELED" : error.outcome, httpStatus, requestId };
        if (error.httpStatus !== undefined && error.failure.code !== "THROTTLED") turns.answered();
        throw error;
      } finally {
        const over = performance.now();
        const call = {
          operation,
          ...end,
          retries: Math.max(0, attempts.made - 1),
          throttles: attempts.throttled,
          began,
          waited: (turn ?? over) - began,
          milliseconds: over - began,
        };
        log.push(call);
        for (const listener of listeners) listener(call);
      }
    }

    const tooLate = (operation: string, thrown: unknown, failed = readFailed) =>
      turns.slowed ? throttledTooLong(operation, thrown) : failed(operation, thrown);

    /** The rows of ListAccounts are the loaders' to choose from. */
    function checkAccount(command: { readonly input: ServiceInputTypes }): void {
      if (!accounts || command instanceof ListAccountsCommand) return;
      const { AccountId } = command.input as { readonly AccountId?: string };
      if (AccountId === undefined) throw notForCaller(operationOf(command));
      if (!accounts.has(AccountId)) throw accountNotFound(operationOf(command));
    }

    return {
      accounts,
      log,
      timeLeft,
      saved,
      async look(kind, accountId, ids) {
        if (!cache || (accounts && !accounts.has(accountId))) return nothingKnown;
        const known = await cache.look(kind, accountId, ids);
        saved.cache += known.found.size;
        return known;
      },
      async read(command, version) {
        checkAccount(command);
        const operation = operationOf(command);
        return joining.read(JSON.stringify([version, operation, command.input]), {
          patience: readsPatience(),
          call: (patience) => send(clients.reads, command, { patience, cutsOff: true }, readFailed),
          joined(patience) {
            saved.joining++;
            turns.join(log, patience);
          },
          left: () => tooLate(operation, new TransportError("cut", true)),
        });
      },
      async write(command) {
        checkAccount(command);
        const { AccountId } = command.input as { readonly AccountId?: string };
        writesUnderWay++;
        try {
          return await send(clients.writes, command, writesLeash(), writeFailed);
        } finally {
          joining.forget();
          if (AccountId !== undefined) await cache?.changed(AccountId);
          writesUnderWay--;
        }
      },
    };
  }

  return {
    createCalls,
    onCall: (listener) => listeners.push(listener),
    get load() {
      const { underWay, waiting } = turns;
      return { underWay, waiting };
    },
    longestRequest: Math.max(readDeadline, writeDeadline),
    get writesUnderWay() {
      return writesUnderWay;
    },
    findProblem() {
      // One question at a time, and one a second, whoever asks: it is open to everybody, and has one connection.
      question ??= askHealth().finally(() => {
        setTimeout(() => {
          question = undefined;
        }, answerAge).unref();
      });
      return question;
    },
    close() {
      cache?.close();
      clients.destroy();
    },
  };
}

/**
 * Gives up the wait when the leash ends, if it cuts off: the SDK may be waiting to send once more.
 *
 * @param over called when the work is over, waited for or not
 */
function orCut<Output>(
  work: Promise<Output>,
  { patience, cutsOff }: Leash,
  over: () => void = () => undefined,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const cut = () => reject(new TransportError("cut", true));
    if (cutsOff) patience.onEnd(cut);
    const end = () => {
      patience.offEnd(cut);
      over();
    };
    work.then(
      (output) => {
        end();
        resolve(output);
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}

/** Milliseconds for which an answer about Chime's health serves. */
const answerAge = 1_000;

/** Milliseconds after which Chime is not there for whoever asks for the gateway's health. */
const healthTimeout = 3_000;

/** `GetUserCommand` is the SDK's class for GetUser. */
const operationOf = (command: object): string => command.constructor.name.replace(/Command$/, "");
