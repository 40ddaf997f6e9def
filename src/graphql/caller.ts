/** The sender of a request. */
export interface Caller {
  /** The token's subject; absent without authentication. */
  readonly subject?: string;
  /** The token's issuer. */
  readonly issuer?: string;
  /** The token's scopes; absent: everything is allowed. */
  readonly scopes?: ReadonlySet<string>;
  /** Ids of the accounts that the caller may see; absent: all. */
  readonly allowedAccounts?: ReadonlySet<string> | undefined;
}
