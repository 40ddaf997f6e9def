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
import { type ChimeError, readFailed, type UpstreamCode, writeFailed } from "./failures.js";

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
  /** Sends a write. Never repeated, and never cancelled, while its outcome is unknown. */
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

  function createCalls(): Calls {
    const log: LoggedCall[] = [];
    let deadline: AbortSignal | undefined;

    async function send<Output extends ServiceOutputTypes>(
      operation: string,
      failed: typeof readFailed,
      work: () => Promise<Output>,
    ): Promise<Output> {
      const started = performance.now();
      let attempts: number | undefined;
      try {
        // The SDK counts the wait for a socket as the call's own time, so a call gets its place before it begins.
        const output = await slots(work);
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
        return send(operationOf(command), readFailed, () => {
          abortSignal.throwIfAborted();
          return clients.reads.send(command, { abortSignal });
        });
      },
      write(command) {
        return send(operationOf(command), writeFailed, () => clients.writes.send(command)).finally(() => {
          deadline = undefined;
        });
      },
    };
  }

  return {
    createCalls,
    findProblem: () =>
      createCalls()
        .read(new ListAccountsCommand({ MaxResults: 1 }))
        .then(
          () => undefined,
          // Chime that throttles is there.
          ({ failure: { code } }: ChimeError) => (code === "THROTTLED" ? undefined : code),
        ),
    close: () => clients.destroy(),
  };
}

function startDeadline(milliseconds: number): AbortSignal {
  const signal = AbortSignal.timeout(milliseconds);
  // Every call of the request listens: many listeners are no leak.
  setMaxListeners(0, signal);
  return signal;
}

/** `GetUserCommand` is the SDK's class for GetUser. */
const operationOf = (command: object): string => command.constructor.name.replace(/Command$/, "");
