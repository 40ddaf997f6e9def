import { setMaxListeners } from "node:events";
import {
  type ChimeClient,
  ListAccountsCommand,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-chime";
import type { Command } from "@smithy/core/client";
import pLimit from "p-limit";
import { type ChimeClientSettings, createChimeClients } from "./clients.js";
import { NotSentError, readFailed, type UpstreamCode, writeFailed } from "./failures.js";

/** One call that a request made, whatever came of it. */
export interface LoggedCall {
  readonly operation: string;
  /** How often it was sent again. */
  readonly retries: number;
  /** From the wait for a free place to the end. */
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

/** The way of one GraphQL request to Chime. Both methods raise a ChimeError, nothing else. */
export interface Calls {
  /** Sends a read. Failed ones are repeated by the SDK, until the request's deadline. */
  read<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: ChimeCommand<Input, Output>,
  ): Promise<Output>;
  /**
   * Sends a write. Never repeated, and never cancelled, while its outcome is unknown; not sent at all if its turn does
   * not come within the reads' deadline.
   */
  write<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: ChimeCommand<Input, Output>,
  ): Promise<Output>;
  /** What was called so far, in the order of completion. */
  readonly log: readonly LoggedCall[];
}

/** The process's connection to Chime. */
export interface Upstream {
  /** A way to Chime for one GraphQL request. */
  createCalls(): Calls;
  /** Asks Chime for as little as can be: undefined if it answers, else why it does not (an `extensions.code`). */
  findProblem(): Promise<UpstreamCode | undefined>;
  /** Closes the idle connections; calls under way fail. */
  close(): void;
}

export interface UpstreamSettings extends ChimeClientSettings {
  /** Milliseconds that the reads of one request may take in all; counted anew after a write. */
  readonly readDeadline: number;
}

export function createUpstream(settings: UpstreamSettings): Upstream {
  const clients = createChimeClients(settings);
  const slots = pLimit(settings.concurrency);

  /** Does the work when there is a free place, unless its time is over before its turn comes. */
  function inTurn<Output>(turn: AbortSignal, work: () => Promise<Output>): Promise<Output> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(new NotSentError("Its turn did not come in time."));
      turn.addEventListener("abort", giveUp);
      slots(async () => {
        turn.removeEventListener("abort", giveUp);
        if (!turn.aborted) await work().then(resolve, reject);
      });
      if (turn.aborted) giveUp();
    });
  }

  let question: Promise<UpstreamCode | undefined> | undefined;

  /** Past the queue: a gateway with much to do is asked for its health all the same. */
  async function askHealth(): Promise<UpstreamCode | undefined> {
    try {
      const abortSignal = AbortSignal.timeout(healthTimeout);
      await clients.reads.send(new ListAccountsCommand({ MaxResults: 1 }), { abortSignal });
      return undefined;
    } catch (thrown) {
      const { code } = readFailed("ListAccounts", thrown).failure;
      // Chime that throttles is there.
      return code === "THROTTLED" ? undefined : code;
    }
  }

  function createCalls(): Calls {
    const log: LoggedCall[] = [];
    let deadline: AbortSignal | undefined;

    async function send<Output extends ServiceOutputTypes>(
      operation: string,
      failed: typeof readFailed,
      turn: AbortSignal,
      work: () => Promise<Output>,
    ): Promise<Output> {
      const started = performance.now();
      let attempts: number | undefined;
      try {
        // The SDK counts the wait for a socket as the call's own time, so a call gets its place before it begins.
        const output = await inTurn(turn, work);
        attempts = output.$metadata.attempts;
        return output;
      } catch (thrown) {
        const error = failed(operation, thrown);
        attempts = error.cause.$metadata?.attempts;
        throw error;
      } finally {
        log.push({
          operation,
          retries: (attempts ?? 1) - 1,
          milliseconds: performance.now() - started,
        });
      }
    }

    return {
      log,
      read(command) {
        deadline ??= startDeadline(settings.readDeadline);
        const abortSignal = deadline;
        return send(operationOf(command), readFailed, abortSignal, () =>
          clients.reads.send(command, { abortSignal }),
        );
      },
      write(command) {
        const turn = startDeadline(settings.readDeadline);
        return send(operationOf(command), writeFailed, turn, () => clients.writes.send(command)).finally(
          () => {
            deadline = undefined;
          },
        );
      },
    };
  }

  return {
    createCalls,
    findProblem() {
      // One question at a time, whoever asks: it has one connection.
      question ??= askHealth().finally(() => {
        question = undefined;
      });
      return question;
    },
    close: () => clients.destroy(),
  };
}

function startDeadline(milliseconds: number): AbortSignal {
  const signal = AbortSignal.timeout(milliseconds);
  // Every call of the request listens: many listeners are no leak.
  setMaxListeners(0, signal);
  return signal;
}

/** Milliseconds after which Chime is not there for whoever asks for the gateway's health. */
const healthTimeout = 3_000;

/** `GetUserCommand` is the SDK's class for GetUser. */
const operationOf = (command: object): string => command.constructor.name.replace(/Command$/, "");
