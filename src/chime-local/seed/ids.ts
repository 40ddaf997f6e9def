import { idOf } from "../store/ids.js";

/** Maximum number of users of the large account. Creating more would take minutes. */
export const maxUsers = 1_000_000;

/** The nth account, in the order of creation. */
export const seededAccountId = (n: number): string => idOf("seeded-account", n);

/** The nth user of an account. The ids don't depend on the size of the large account. */
export const seededUserId = (account: number, n: number): string =>
  idOf("seeded-user", account * maxUsers + n);

/** Positions of the accounts that have rooms and bots. */
export const largeAccount = 1;
export const twoHundredAccount = 2;
export const smallAccount = 3;
