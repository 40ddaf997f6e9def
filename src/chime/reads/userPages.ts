import type { UserType } from "@aws-sdk/client-chime";
import { malformedResponse } from "../errors.js";
import { identifiedUsers } from "../identity.js";
import { type ChimeUser, chimeLimits } from "../models.js";
import type { ChimeSession } from "../session.js";
import { type FilteredConnection, readFiltered } from "./filteredPages.js";
import type { FetchPage, List, PageRequest } from "./pagination.js";
import { createMatcher, filterKey, type UserFilter } from "./userFilter.js";

/** Which of an account's users to list. */
export interface UserSelection {
  /** Conditions of Chime's own filters. */
  readonly userEmail?: string | null | undefined;
  readonly userType?: UserType | null | undefined;
  /** Conditions that the gateway checks. */
  readonly filter?: UserFilter | null | undefined;
}

/** The pages of ListUsers. @param version the account's in the cache */
export const listUsers =
  (
    session: Pick<ChimeSession, "read">,
    accountId: string,
    { userEmail, userType }: UserSelection = {},
    version?: string,
  ): FetchPage<ChimeUser> =>
  async (maxResults, token) => {
    const request = {
      AccountId: accountId,
      UserEmail: userEmail ?? undefined,
      UserType: userType ?? undefined,
      MaxResults: maxResults,
      NextToken: token,
    };
    const { Users, NextToken } = await session.read("ListUsers", request, { version });
    if (!Users) throw malformedResponse("ListUsers", "Users");
    return { rows: identifiedUsers(Users, accountId, userEmail), nextToken: NextToken, version };
  };

export const userList = (
  accountId: string,
  { userEmail, userType, filter }: UserSelection,
  fetchPage: FetchPage<ChimeUser>,
): List<ChimeUser> => ({
  key: ["users", accountId, userEmail, userType, ...(filter ? [filterKey(filter)] : [])],
  fetchPage,
  pageSize: chimeLimits.pageSize,
  idOf: ({ UserId }) => UserId,
});

/** Reads a page of filtered users, or of all. It keeps no other rows. @param maxCalls see readFiltered */
export const readFilteredUsers = (
  session: Pick<ChimeSession, "read">,
  accountId: string,
  selection: UserSelection,
  page: PageRequest,
  maxCalls?: number,
): Promise<FilteredConnection<ChimeUser>> =>
  readFiltered(
    userList(accountId, selection, listUsers(session, accountId, selection)),
    createMatcher(selection.filter ?? {}),
    page,
    maxCalls,
  );
