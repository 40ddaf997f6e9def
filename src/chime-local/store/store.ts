import { type IdKind, idOf, pinOf } from "../ids.js";
import { type AccountStore, createAccountStore } from "./accounts.js";
import { openDatabase } from "./database.js";
import { createUserStore, type UserStore } from "./users.js";

/** All that the embedded Chime remembers. */
export interface Store {
  readonly accounts: AccountStore;
  readonly users: UserStore;
  /** An id that was never given before; the same again after a reset. */
  nextId(kind: IdKind): string;
  /** A personal meeting PIN that nobody has or had. */
  nextPin(): string;
  transaction<Result>(work: () => Result): Result;
  /** Runs a seed if there is no account yet. */
  seedIfEmpty(seed: (store: Store) => void): void;
  /** Empties the store and runs a seed, in one transaction. */
  reset(seed: (store: Store) => void): void;
  close(): void;
}

/** @throws Error whose message is one line for the user */
export function openStore(dataFile: string): Store {
  const database = openDatabase(dataFile);
  const accounts = createAccountStore(database);
  const users = createUserStore(database);
  const count = database.prepare<{ value: number }>(
    "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
  );
  const clearCounters = database.prepare("DELETE FROM counters");
  const next = (counter: string): number => count.get(counter)?.value ?? 0;

  const store: Store = {
    accounts,
    users,
    nextId: (kind) => idOf(kind, next(kind)),
    nextPin: () => pinOf(next("pin")),
    transaction: database.transaction,
    seedIfEmpty: (seed) =>
      database.transaction(() => {
        if (accounts.page(0, 1).length === 0) seed(store);
      }),
    reset: (seed) =>
      database.transaction(() => {
        users.clear();
        accounts.clear();
        clearCounters.run();
        seed(store);
      }),
    close: database.close,
  };
  return store;
}
