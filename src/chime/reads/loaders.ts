import {
  GetAccountCommand,
  GetUserCommand,
  ListAccountsCommand,
  ListUsersCommand,
  type UserType,
} from "@aws-sdk/client-chime";
import { inSpan } from "../../telemetry/spans.js";
import { answerUnfit, failedWith } from "../errors.js";
import { identified, identifiedUsers } from "../identity.js";
import type { ChimeAccount, ChimeUser, UserKey } from "../models.js";
import type { ChimeSession } from "../session.js";
import { listOwnAccounts } from "./allowedAccounts.js";
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
import { UserCache, type UserRequest, userCacheKey } from "./userCache.js";
import { loadUsers, type UserPlanSettings, type UserSources } from "./userPlan.js";

export interface AccountFilter {
  readonly namePrefix?: string | null | undefined;
  readonly userEmail?: string | null | undefined;
}

export interface UserFilter {
  readonly userEmail?: string | null | undefined;
  readonly userType?: UserType | null | undefined;
}

/**
 * What one GraphQL request reads of Chime, each thing once. What does not exist is null; what fails, fails for its
 * own key alone. After a write, `forgetAll`.
 */
export interface Loaders {
  /** One GetAccount an account, unless a list already brought it. */
  readonly accountById: Loader<string, ChimeAccount>;
  /** See loadUsers for what a batch costs. */
  readonly userById: Loader<UserRequest, ChimeUser>;
  /** Two calls for one address; see loadUsersByEmail for many. Letter case does not matter. */
  readonly userByEmail: Loader<string, ChimeUser>;
  /** One ListAccounts for each 200 rows; for a caller who is limited to some accounts a GetAccount for each of them. */
  accounts(filter: AccountFilter, page: PageRequest): Promise<AccountPage>;
  /** One ListUsers for each 200 rows. The rows of a missing account are a NotFound error. */
  users(accountId: string, filter: UserFilter, page: PageRequest): Promise<UserPage>;
  /** The user itself if it came with all its fields, else what GetUser says. */
  completeUser(user: ChimeUser): Promise<ChimeUser | null>;
  /** Takes an account as a write answered with it, so that reading it costs nothing. */
  knowAccount(account: ChimeAccount): void;
  /** The same for a user with all its fields. */
  knowUser(user: ChimeUser): void;
  forgetAll(): void;
}

export function createLoaders(session: ChimeSession, settings: UserPlanSettings): Loaders {
  const { accounts: own } = session;
  const completeUsers = new WeakSet<ChimeUser>();
  const pages = new Map<string, Promise<Page<unknown>>>();
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
    () => new UserCache(),
  );
  const userByEmail = createLoader<string, ChimeUser>(
    (emails) =>
      inSpan("plan users by e-mail", { "chime.users.wanted": emails.length }, () =>
        loadUsersByEmail(
          emails,
          { findAccount, findUser, listUsers: (accountId) => listUsers(accountId, {}) },
          settings,
        ),
      ),
    foldCase,
  );

  async function getAccount(accountId: string) {
    const known = await session.look("account", accountId, [accountId]);
    const kept = known.found.get(accountId);
    if (kept) return kept;
    const command = new GetAccountCommand({ AccountId: accountId });
    const answer = await session.read(command, known.version).catch(nullIfMissing);
    if (answer === null) return null;
    if (!answer.Account) throw answerUnfit("GetAccount", "Account");
    const account = identified("GetAccount", answer.Account as ChimeAccount, { AccountId: accountId });
    known.keep(accountId, account);
    return account;
  }

  async function getUser({ accountId, userId }: UserKey, version: string | undefined) {
    const command = new GetUserCommand({ AccountId: accountId, UserId: userId });
    const answer = await session.read(command, version).catch(nullIfMissing);
    if (answer === null) return null;
    if (!answer.User) throw answerUnfit("GetUser", "User");
    return keepComplete(identified("GetUser", answer.User, { AccountId: accountId, UserId: userId }));
  }

  function keepComplete(user: ChimeUser): ChimeUser {
    completeUsers.add(user);
    return user;
  }

  async function loadUserBatch(requests: readonly UserRequest[]) {
    const wantedByAccount = new Map<string, Map<string, boolean>>();
    for (const { accountId, userId, complete } of requests) {
      const wanted = wantedByAccount.get(accountId) ?? new Map<string, boolean>();
      wantedByAccount.set(accountId, wanted.set(userId, complete || wanted.get(userId) === true));
    }
    const answers = new Map<string, Awaited<ReturnType<typeof loadUsers>>>();
    await Promise.all(
      Array.from(wantedByAccount, async ([accountId, wanted]) => {
        const known = await session.look(
          "user",
          accountId,
          [...wanted.keys()].filter((id) => !wanted.get(id)),
        );
        for (const userId of known.found.keys()) wanted.delete(userId);
        const fetchPage = listUsers(accountId, {}, known.version);
        const sources: UserSources = {
          async listUsers(maxResults, token) {
            const page = await fetchPage(maxResults, token);
            // The request may have had the page since before the version.
            if (page.version === known.version)
              for (const row of page.rows) if (wanted.has(row.UserId)) known.keep(row.UserId, row);
            return page;
          },
          async getUser(userId) {
            const user = await getUser({ accountId, userId }, known.version);
            if (user) known.keep(userId, user);
            return user;
          },
        };
        if (wanted.size === 0) return answers.set(accountId, known.found);
        const loaded = await inSpan("plan users", { "chime.users.wanted": wanted.size }, () =>
          loadUsers(wanted, sources, settings),
        );
        return answers.set(accountId, known.found.size > 0 ? new Map([...known.found, ...loaded]) : loaded);
      }),
    );
    return requests.map(({ accountId, userId }) => answers.get(accountId)?.get(userId) ?? null);
  }

  /** Each page once a request, whoever asks for it. Its rows serve later lookups, unless a write has come between. */
  function once<Row>(
    key: readonly unknown[],
    fetch: () => Promise<Page<Row>>,
    know: (rows: readonly Row[]) => void,
  ): Promise<Page<Row>> {
    const text = JSON.stringify(key);
    const known = pages.get(text) as Promise<Page<Row>> | undefined;
    if (known) return known;
    const writesBefore = writes;
    const page = fetch().then((fetched) => {
      if (writes === writesBefore) know(fetched.rows);
      return fetched;
    });
    pages.set(text, page);
    return page;
  }

  const listAccounts =
    ({ namePrefix, userEmail }: AccountFilter): FetchPage<ChimeAccount> =>
    (maxResults, token) =>
      once(
        ["accounts", namePrefix, userEmail, maxResults, token],
        async () => {
          const { Accounts = [], NextToken } = await session.read(
            new ListAccountsCommand({
              Name: namePrefix ?? undefined,
              UserEmail: userEmail ?? undefined,
              MaxResults: maxResults,
              NextToken: token,
            }),
          );
          if (!Accounts.every(({ AccountId }) => AccountId)) throw answerUnfit("ListAccounts", "AccountId");
          const rows = Accounts as ChimeAccount[];
          return {
            rows: own ? rows.filter(({ AccountId }) => own.has(AccountId)) : rows,
            nextToken: NextToken,
          };
        },
        accountById.know,
      );

  const listUsers =
    (accountId: string, { userEmail, userType }: UserFilter, version?: string): FetchPage<ChimeUser> =>
    (maxResults, token) =>
      once(
        ["users", accountId, userEmail, userType, maxResults, token],
        async () => {
          const { Users = [], NextToken } = await session.read(
            new ListUsersCommand({
              AccountId: accountId,
              UserEmail: userEmail ?? undefined,
              UserType: userType ?? undefined,
              MaxResults: maxResults,
              NextToken: token,
            }),
            version,
          );
          const rows = identifiedUsers(Users, accountId, userEmail);
          return { rows, nextToken: NextToken, version };
        },
        userById.know,
      );

  function accounts(filter: AccountFilter, page: PageRequest, together?: EmptyPages): Promise<AccountPage> {
    const { namePrefix, userEmail } = filter;
    const idOf = ({ AccountId }: ChimeAccount) => AccountId;
    // One address has one account: Chime finds it.
    return own && userEmail == null
      ? readConnection(
          {
            key: ["own accounts", namePrefix],
            fetchPage: listOwnAccounts(own, namePrefix ?? "", accountById, page.onFailure),
            idOf,
            tokenAfter: idOf,
          },
          page,
        )
      : readConnection(
          { key: ["accounts", namePrefix, userEmail], fetchPage: listAccounts(filter), idOf },
          page,
          together,
        );
  }

  function users(
    accountId: string,
    filter: UserFilter,
    page: PageRequest,
    together?: EmptyPages,
  ): Promise<UserPage> {
    const key = ["users", accountId, filter.userEmail, filter.userType];
    const idOf = ({ UserId }: ChimeUser) => UserId;
    return readConnection({ key, fetchPage: listUsers(accountId, filter), idOf }, page, together);
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
    users: (accountId, filter, page) => users(accountId, filter, page),
    async completeUser(user) {
      if (completeUsers.has(user)) return user;
      return userById.load({ accountId: user.AccountId, userId: user.UserId, complete: true });
    },
    knowAccount: (account) => accountById.know([account]),
    knowUser: (user) => userById.know([keepComplete(user)]),
    forgetAll() {
      writes++;
      pages.clear();
      accountById.forgetAll();
      userById.forgetAll();
      userByEmail.forgetAll();
    },
  };
}

function nullIfMissing(error: unknown): null {
  if (failedWith(error, "NotFound")) return null;
  throw error;
}
