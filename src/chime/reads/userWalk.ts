import type { User } from "@aws-sdk/client-chime";
import { maxEmptyPages, type Page } from "./pagination.js";

/** Calls for a summary: the weight of `Account.userSummary` in the SDL. */
const maxPages = 100;

const countedMembers = ["LicenseType", "UserRegistrationStatus", "UserType", "UserInvitationStatus"] as const;
type CountedMember = (typeof countedMembers)[number];

/** The number of users with a value; null: Chime does not report one for them. */
export interface ValueCount<Value = string> {
  readonly value: Value | null;
  readonly count: number;
}

/** The number of an account's users, by the values of some members. */
export interface UserSummary {
  readonly AccountId: string;
  /** Users read. */
  readonly scannedCount: number;
  /** Whether these are all. */
  readonly isComplete: boolean;
  /** The most frequent value first. */
  readonly counts: { readonly [Member in CountedMember]: readonly ValueCount<NonNullable<User[Member]>>[] };
}

/** A walk through an account's users, which requests share. It keeps counts only. */
export class UserWalk {
  /** Requests that wait for it. */
  readers = 0;
  /** The token of the next page. */
  token: string | undefined;
  pages = 0;
  isComplete = false;
  isEndless = false;
  readonly #tokens = new Set<string>();
  readonly #counts = new Map(countedMembers.map((member) => [member, new Map<string | null, number>()]));
  #scannedCount = 0;
  /** Empty pages in a row. */
  #emptyPages = 0;

  /** @param version the account's in the cache */
  constructor(readonly version: string | undefined) {}

  get isDone(): boolean {
    return this.isComplete || this.isEndless || this.pages === maxPages;
  }

  /** Counts the page at a token, unless another request has done so. */
  add(token: string | undefined, { rows, nextToken }: Page<User>): void {
    if (this.isDone || token !== this.token || (token === undefined && this.pages > 0)) return;
    for (const [member, counts] of this.#counts)
      for (const { [member]: value = null } of rows) counts.set(value, (counts.get(value) ?? 0) + 1);
    this.pages++;
    this.#scannedCount += rows.length;
    this.isComplete = nextToken === undefined;
    this.#emptyPages = rows.length === 0 ? this.#emptyPages + 1 : 0;
    const leadsNowhere = this.#emptyPages > maxEmptyPages || this.#tokens.has(nextToken ?? "");
    this.isEndless = nextToken !== undefined && leadsNowhere;
    if (nextToken !== undefined) this.#tokens.add(nextToken);
    this.token = nextToken;
  }

  summaryOf(accountId: string): UserSummary {
    const counts = Array.from(this.#counts, ([member, found]) => [
      member,
      Array.from(found, ([value, count]) => ({ value, count })).toSorted((a, b) => b.count - a.count),
    ]);
    const { isComplete } = this;
    return {
      AccountId: accountId,
      scannedCount: this.#scannedCount,
      isComplete,
      counts: Object.fromEntries(counts),
    };
  }
}
