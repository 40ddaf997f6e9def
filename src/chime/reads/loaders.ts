import { inSpan } from "../../telemetry/spans.js";
import { malformedResponse } from "../errors.js";
import { identified } from "../identity.js";
import { type ChimeAccount, type ChimeUser, chimeLimits, type UserKey } from "../models.js";
import type { ChimeSession } from "../session.js";
import { listAllowedAccounts } from "./allowedAccounts.js";
import { emptyView } from "./cache.js";
import { foldCase, loadUsersByEmail } from "./emailPlan.js";
import { createLoader, type Loader } from "./loader.js";
import {
  type AccountPage,
  EmptyPages,
  type FetchPage,
  type Page,
  type PageRequest,
  readConnection,
  type UserPage,
} from "./pagination.js";
import { createRowLoaders, nullIfMissing, type RowLoaders } from "./rowLoaders.js";
import { loadRows, type PlanSettings, type RowSources } from "./rowPlan.js";
import { UserMap, type UserRequest, userCacheKey } from "./userCache.js";
import { listUsers, readFilteredUsers, type UserSelection, userList } from "./userPages.js";
import { readUserSummary } from "./userSummary.js";
import type { UserSummary } from "./userWalk.js";

export interface AccountFilter {
  readonly namePrefix?: string | null | undefined;
  readonly userEmail?: string | null | undefined;
}

/**
 * The reads of one GraphQL request, each at most once. Missing accounts and users are null; an error affects its own key
 * only. After a write, call `clearAll`.
 */
export interface Loaders extends RowLoaders {
  /** One GetAccount per account, unless a list has already returned it. */
  readonly accountById: Loader<string, ChimeAccount>;
  /** See loadRows for the calls of a batch. */
  readonly userById: Loader<UserRequest, ChimeUser>;
  /** Two calls for one address; see loadUsersByEmail for several. Case-insensitive. */
  readonly userByEmail: Loader<string, ChimeUser>;
  /** One ListAccounts per 200 rows; for callers limited to certain accounts one GetAccount per account. */
  accounts(filter: AccountFilter, page: PageRequest): Promise<AccountPage>;
  /** One ListUsers per 200 rows; with a filter, see readFiltered. A missing account is a NotFound error. */
  users(accountId: string, selection: UserSelection, page: PageRequest): Promise<UserPage>;
  /** Up to 100 ListUsers. A missing account is a NotFound error. */
  userSummary(accountId: string): Promise<UserSummary>;
  /** The account as Chime has it now: see readFresh. */
  accountFresh(accountId: string): Promise<ChimeAccount | null>;
  /** The user itself if it has all fields, else the result of GetUser. */
  completeUser(user: ChimeUser): Promise<ChimeUser | null>;
  /** Adds an account from the response to a write. */
  primeAccount(account: ChimeAccount): void;
  /** Adds a user with all fields from the response to a write. */
  primeUser(user: ChimeUser): void;
  clearAll(): void;
}

export function createLoaders(session: ChimeSession, settings: PlanSettings): Loaders {
  const { allowedAccounts: allowed } = session;
  const completeUsers = new WeakSet<ChimeUser>();
  const reads = new Map<string, Promise<unknown>>();
  let writes = 0;

  const accountById = createLoader<string, ChimeAccount>(
    (ids) => Promise.all(ids.map((id) => getAccount(id).catch((error: Error) => error))),
    String,
    (account) => account.AccountId,
  );
  const userById = createLoader<UserRequest, ChimeUser>(
    loadUserBatch,
    userCacheKey,
    (user) => ({ accountId: user.AccountId, userId: user.UserId, complete: completeUsers.has(user) }),
    () => new UserMap(),
  );
  const userByEmail = createLoader<string, ChimeUser>(
    (emails) =>
      inSpan("plan users by e-mail", { "chime.users.wanted": emails.length }, () =>
        loadUsersByEmail(
          emails,
          { findAccount, findUser, listUsers: (accountId) => listOnce(accountId, {}) },
          settings,
        ),
      ),
    foldCase,
  );

  async function getAccount(accountId: string, isFresh = false) {
    const cached = isFresh ? emptyView : await session.lookup("account", accountId, [accountId]);
    const hit = cached.found.get(accountId);
    if (hit) return hit;
    const request = { AccountId: accountId };
    const output = await session
      .read("GetAccount", request, { version: cached.version, isFresh })
      .catch(nullIfMissing);
    if (output === null) return null;
    if (!output.Account) throw malformedResponse("GetAccount", "Account");
    const account = identified("GetAccount", output.Account as ChimeAccount, { AccountId: accountId });
    cached.store(accountId, account);
    return account;
  }

  async function getUser({ accountId, userId }: UserKey, version: string | undefined) {
    const request = { AccountId: accountId, UserId: userId };
    const output = await session.read("GetUser", request, { version }).catch(nullIfMissing);
    if (output === null) return null;
    if (!output.User) throw malformedResponse("GetUser", "User");
    return markComplete(identified("GetUser", output.User, { AccountId: accountId, UserId: userId }));
  }

  function markComplete(user: ChimeUser): ChimeUser {
    completeUsers.add(user);
    return user;
  }

  async function loadUserBatch(requests: readonly UserRequest[]) {
    const wantedByAccount = new Map<string, Map<string, boolean>>();
    for (const { accountId, userId, complete } of requests) {
      const wanted = wantedByAccount.get(accountId) ?? new Map<string, boolean>();
      wantedByAccount.set(accountId, wanted.set(userId, complete || wanted.get(userId) === true));
    }
    const results = new Map<string, ReadonlyMap<string, ChimeUser | null | Error>>();
    await Promise.all(
      Array.from(wantedByAccount, async ([accountId, wanted]) => {
        const rowIds = [...wanted.keys()].filter((id) => !wanted.get(id));
        const cached = await session.lookup("user", accountId, rowIds);
        for (const userId of cached.found.keys()) wanted.delete(userId);
        const fetchPage = listOnce(accountId, {}, cached.version);
        const sources: RowSources<ChimeUser> = {
          list: userList(accountId, {}, async (maxResults, token) => {
            const page = await fetchPage(maxResults, token);
            // The page may be older than this version.
            if (page.version === cached.version)
              for (const row of page.rows) if (wanted.has(row.UserId)) cached.store(row.UserId, row);
            return page;
          }),
          async get(userId) {
            const user = await getUser({ accountId, userId }, cached.version);
            if (user) cached.store(userId, user);
            return user;
          },
        };
        if (wanted.size === 0) return results.set(accountId, cached.found);
        const loaded = await inSpan("plan users", { "chime.users.wanted": wanted.size }, () =>
          loadRows(wanted, sources, settings),
        );
        return results.set(accountId, cached.found.size > 0 ? new Map([...cached.found, ...loaded]) : loaded);
      }),
    );
    return requests.map(({ accountId, userId }) => results.get(accountId)?.get(userId) ?? null);
  }

  /** Reads once per request. */
  function once<Output>(key: readonly unknown[], read: () => Promise<Output>): Promise<Output> {
    const text = JSON.stringify(key);
    const output = reads.get(text) ?? read();
    reads.set(text, output);
    return output as Promise<Output>;
  }

  /** Fetches each page once per request. Its rows serve later loads, unless a write has finished meanwhile. */
  async function fetchOnce<Row>(
    key: readonly unknown[],
    fetch: () => Promise<Page<Row>>,
    prime: (rows: readonly Row[]) => void,
  ): Promise<Page<Row>> {
    let isKnown = true;
    const page = await once(key, async () => {
      isKnown = false;
      const writesBefore = writes;
      const fetched = await fetch();
      if (writes === writesBefore) prime(fetched.rows);
      return fetched;
    });
    return { ...page, isKnown };
  }

  const listAccounts =
    ({ namePrefix, userEmail }: AccountFilter): FetchPage<ChimeAccount> =>
    (maxResults, token) =>
      fetchOnce(
        ["accounts", namePrefix, userEmail, maxResults, token],
        async () => {
          const { Accounts, NextToken } = await session.read("ListAccounts", {
            Name: namePrefix ?? undefined,
            UserEmail: userEmail ?? undefined,
            MaxResults: maxResults,
            NextToken: token,
          });
          if (!Accounts?.every(({ AccountId }) => AccountId))
            throw malformedResponse("ListAccounts", Accounts ? "AccountId" : "Accounts");
          const rows = Accounts as ChimeAccount[];
          return {
            rows: allowed ? rows.filter(({ AccountId }) => allowed.has(AccountId)) : rows,
            nextToken: NextToken,
          };
        },
        accountById.primeAll,
      );

  function listOnce(accountId: string, selection: UserSelection, version?: string): FetchPage<ChimeUser> {
    const fetchPage = listUsers(session, accountId, selection, version);
    const { userEmail, userType } = selection;
    return (maxResults, token) =>
      fetchOnce(
        ["users", accountId, userEmail, userType, maxResults, token],
        () => fetchPage(maxResults, token),
        userById.primeAll,
      );
  }

  const rows = createRowLoaders(session, settings);

  function accounts(filter: AccountFilter, page: PageRequest, emptyPages?: EmptyPages): Promise<AccountPage> {
    const { namePrefix, userEmail } = filter;
    const idOf = ({ AccountId }: ChimeAccount) => AccountId;
    // An address belongs to one account: Chime finds it.
    return allowed && userEmail == null
      ? readConnection(
          {
            key: ["own accounts", namePrefix],
            fetchPage: listAllowedAccounts(allowed, namePrefix ?? "", accountById, page.onFailure),
            pageSize: chimeLimits.pageSize,
            idOf,
            tokenAfter: idOf,
          },
          page,
        )
      : readConnection(
          {
            key: ["accounts", namePrefix, userEmail],
            fetchPage: listAccounts(filter),
            pageSize: chimeLimits.pageSize,
            idOf,
          },
          page,
          emptyPages,
        );
  }

  function users(
    accountId: string,
    selection: UserSelection,
    page: PageRequest,
    emptyPages?: EmptyPages,
  ): Promise<UserPage> {
    const list = userList(accountId, selection, listOnce(accountId, selection));
    if (!selection.filter) return readConnection(list, page, emptyPages);
    // A filtered walk keeps the rows that match only.
    return once([list.key, page], async () => {
      const writesBefore = writes;
      const filtered = await readFilteredUsers(session, accountId, selection, page);
      if (writes === writesBefore) userById.primeAll(filtered.nodes);
      return filtered;
    });
  }

  const emptyPages = { accounts: new EmptyPages(), users: new EmptyPages() };

  const findAccount = async (userEmail: string) =>
    (await accounts({ userEmail }, { first: 1 }, emptyPages.accounts)).nodes[0];

  const findUser = async (accountId: string, userEmail: string) =>
    (await users(accountId, { userEmail }, { first: 1 }, emptyPages.users)).nodes[0];

  return {
    accountById,
    userById,
    userByEmail,
    accounts: (filter, page) => accounts(filter, page),
    users: (accountId, selection, page) => users(accountId, selection, page),
    userSummary: (accountId) => once(["summary", accountId], () => readUserSummary(session, accountId)),
    ...rows,
    accountFresh: (accountId) => getAccount(accountId, true),
    async completeUser(user) {
      if (completeUsers.has(user)) return user;
      return userById.load({ accountId: user.AccountId, userId: user.UserId, complete: true });
    },
    primeAccount: (account) => accountById.primeAll([account]),
    primeUser: (user) => userById.primeAll([markComplete(user)]),
    clearAll() {
      writes++;
      reads.clear();
      rows.clearAll();
      accountById.clearAll();
      userById.clearAll();
      userByEmail.clearAll();
    },
  };
}
