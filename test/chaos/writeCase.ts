import type { ChimeTestClient } from "../support/chimeClient.js";

/** What a write is for: an account and a user of its own, so that the path of a request identifies the write. */
export interface Target {
  readonly accountId: string;
  readonly userId: string;
  /** The room whose path identifies the write, in an account of many writes. */
  readonly roomId?: string;
  readonly messageId?: string;
  /** A phone number of its own, for writes of phone numbers. */
  readonly number?: string;
}

/** One way to change something, and how to read afterwards whether it has happened. */
export interface WriteCase {
  readonly operation: string;
  readonly title: string;
  /** Arrivals if the response is lost: one, unless an idempotency token makes repetitions harmless. */
  readonly maxArrivals?: number;
  /** One root field, `write`, with a variable `$input`. */
  readonly mutation: string;
  /**
   * The start of the path of its requests; undefined if the path does not identify the write. By default, the path of the
   * target's room or account.
   */
  path?(target: Target): string | undefined;
  /** @param mark a word that no other write uses */
  input(target: Target, mark: string): object;
  /** Creates a target for each write that uses it up. */
  target?(chime: ChimeTestClient): Promise<Target>;
  /** Prepares the write. @returns what `happened` needs of the state before it */
  before?(chime: ChimeTestClient, target: Target, mark: string): Promise<unknown>;
  /** How often the write has happened, by what Chime has now. */
  happened(chime: ChimeTestClient, target: Target, mark: string, before: unknown): Promise<number>;
}
