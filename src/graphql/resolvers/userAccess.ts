import type { BatchSuspendUserRequest, BatchSuspendUserResponse } from "@aws-sdk/client-chime";
import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { ChimeUser, UserKey } from "../../chime/models.js";
import { type BulkWrite, resultsByFailure } from "../../chime/writes/writes.js";
import { createRequest } from "../../chime-api/requests.js";
import type {
  BatchSuspendUserPayloadResolvers,
  BatchSuspendUserResultResolvers,
  BatchUnsuspendUserPayloadResolvers,
  BatchUnsuspendUserResultResolvers,
  MutationResolvers,
} from "../../generated/schema.js";
import { type BulkRules, runBulkMutation } from "./shared/bulkMutation.js";
import type { Context } from "./shared/context.js";
import { accountNotFound, ofUser, readBack, runMutation } from "./shared/mutation.js";
import { itemOutcome, outcomeAndResults } from "./shared/payloads.js";
import { chimeId, itemList } from "./shared/validation.js";
import { readUser } from "./user.js";
import { failedUsers, notUserOfAccount } from "./userMutations.js";

/** The input of both bulk writes. */
interface UserIdsInput {
  readonly accountId: string;
  readonly userIdList: readonly string[];
}

/** @param accountTypes the types of account that Chime does not reject with Forbidden */
const userIdRules = (accountTypes: string): BulkRules<UserIdsInput, "userIdList", string> => ({
  rules: z.looseObject({ accountId: chimeId, userIdList: itemList(z.unknown()) }),
  list: "userIdList",
  fieldErrors: {
    NotFound: accountNotFound,
    Forbidden: { field: "accountId", message: `is not the id of ${accountTypes} account` },
  },
  itemRules: chimeId,
  itemFieldErrors: { NotFound: { message: notUserOfAccount } },
});

const suspension = userIdRules("a Team or Enterprise LWA");
const unsuspension = userIdRules("an Enterprise LWA");

/** Common parts of both bulk writes. */
const ofUserIds = {
  list: "UserIdList",
  keyOf: String,
  readResults: (
    { UserErrors = [] }: BatchSuspendUserResponse,
    userIds: readonly string[],
    { AccountId: accountId = "" }: BatchSuspendUserRequest,
  ) => resultsByFailure(userIds, failedUsers(UserErrors), String, (userId) => ({ accountId, userId })),
} as const;

const batchSuspendUser: BulkWrite<"BatchSuspendUser", string, UserKey> = {
  operation: "BatchSuspendUser",
  ...ofUserIds,
};

const batchUnsuspendUser: BulkWrite<"BatchUnsuspendUser", string, UserKey> = {
  operation: "BatchUnsuspendUser",
  ...ofUserIds,
};

export const userAccessMutations = {
  batchSuspendUser: (_parent, { input }, context) =>
    runBulkMutation(context, suspension, input, ({ accountId }, userIds) =>
      context.writes.bulk(batchSuspendUser, { AccountId: accountId }, userIds),
    ),

  batchUnsuspendUser: (_parent, { input }, context) =>
    runBulkMutation(context, unsuspension, input, ({ accountId }, userIds) =>
      context.writes.bulk(batchUnsuspendUser, { AccountId: accountId }, userIds),
    ),

  logoutUser: (_parent, { input }, context) =>
    runMutation(context, ofUser, input, async (valid) => {
      await context.writes.run("LogoutUser", createRequest("LogoutUser", valid));
      return { accountId: valid.accountId, userId: valid.userId };
    }),
} satisfies Partial<MutationResolvers>;

type ReadUser = (key: UserKey, context: Context, info: GraphQLResolveInfo) => Promise<ChimeUser | null>;

/** The payload of a bulk write of user ids. */
const payload = (read: ReadUser): BatchSuspendUserPayloadResolvers & BatchUnsuspendUserPayloadResolvers => ({
  ...outcomeAndResults,
  users: ({ results }, _args, context, info) =>
    results.flatMap(({ value }) => (value ? [read(value, context, info)] : [])),
  userErrors: ({ results }) =>
    results.flatMap(({ index, item: userId, error }) =>
      error ? [{ index, userId, errorCode: error.code, errorMessage: error.summary }] : [],
    ),
});

const result = (read: ReadUser): BatchSuspendUserResultResolvers & BatchUnsuspendUserResultResolvers => ({
  ...itemOutcome,
  userId: ({ item }) => item,
  user: ({ value }, _args, context, info) => (value ? read(value, context, info) : null),
});

const readUserBack: ReadUser = (key, context, info) => readBack(key, () => readUser(key, context, info));

// A suspended user of a Team account may have left it: then it is null, without an error.
export const BatchSuspendUserPayload = payload(readUser);
export const BatchSuspendUserResult = result(readUser);
export const BatchUnsuspendUserPayload = payload(readUserBack);
export const BatchUnsuspendUserResult = result(readUserBack);
