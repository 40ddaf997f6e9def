import {
  type Invite,
  InviteStatus,
  type UpdateUserRequestItem as RequestItem,
  type UserError,
} from "@aws-sdk/client-chime";
import { z } from "zod";
import type { UserKey } from "../../chime/models.js";
import { foldCase } from "../../chime/reads/emailPlan.js";
import { itemFailure } from "../../chime/writes/bulk.js";
import { type BulkWrite, resultsByFailure } from "../../chime/writes/writes.js";
import { createRequest } from "../../chime-api/requests.js";
import type {
  BatchUpdateUserInput,
  BatchUpdateUserPayloadResolvers,
  BatchUpdateUserResultResolvers,
  CreateUserInput,
  CreateUserPayloadResolvers,
  InviteUsersInput,
  InviteUsersPayloadResolvers,
  InviteUsersResultResolvers,
  MutationResolvers,
  UpdateUserInput,
  UpdateUserRequestItem,
} from "../../generated/schema.js";
import { type BulkRules, conflictsBy, runBulkMutation } from "./shared/bulkMutation.js";
import {
  accountNotFound,
  type MutationRules,
  ofUser,
  onlyOneOf,
  readBack,
  rejected,
  runMutation,
} from "./shared/mutation.js";
import { itemOutcome, outcomeAndErrors, outcomeAndResults, written } from "./shared/payloads.js";
import { atLeastOneOf, chimeId, emailAddress, itemList, roomArn, username } from "./shared/validation.js";
import { readUser } from "./user.js";

/** The change of a user. */
type UserChange = Omit<UpdateUserRequestItem, "userId">;

const newUser: MutationRules<CreateUserInput> = {
  rules: z
    .looseObject({ accountId: chimeId, username: username.nullish(), email: emailAddress.nullish() })
    .refine(...atLeastOneOf("email", "username")),
  fieldErrors: {
    NotFound: accountNotFound,
    Conflict: { field: "email", message: "belongs to a user already" },
    BadRequest: onlyOneOf<CreateUserInput>({ email: rejected, username: rejected, userType: rejected }),
  },
};

const userChange = z
  .looseObject({
    userId: chimeId,
    alexaForBusinessMetadata: z.looseObject({ alexaForBusinessRoomArn: roomArn.nullish() }).nullish(),
  })
  .refine(...atLeastOneOf("licenseType", "userType", "alexaForBusinessMetadata"))
  .refine(
    ({ alexaForBusinessMetadata: alexa }: Partial<UserChange>) =>
      !alexa || alexa.isAlexaForBusinessEnabled != null || alexa.alexaForBusinessRoomArn != null,
    { path: ["alexaForBusinessMetadata"], message: "must have at least one field" },
  );

/** AWS documents only that Chime rejects licenses. */
const rejectedChange = onlyOneOf<UserChange>({
  licenseType: "is not supported by the account",
  userType: rejected,
  alexaForBusinessMetadata: rejected,
});

/** Without an entry for NotFound, which may mean the account or the user. */
const userUpdate: MutationRules<UpdateUserInput> = {
  // Not loose: zod requires equal members in both halves.
  rules: z.object({ accountId: chimeId }).and(userChange),
  fieldErrors: { BadRequest: rejectedChange },
};

/** NotFound for an item means the user: Chime has found the account. */
export const notUserOfAccount = "is not the id of a user of the account";

const userUpdates: BulkRules<BatchUpdateUserInput, "updateUserRequestItems", UpdateUserRequestItem> = {
  rules: z.looseObject({ accountId: chimeId, updateUserRequestItems: itemList(z.unknown()) }),
  list: "updateUserRequestItems",
  fieldErrors: { NotFound: accountNotFound },
  itemRules: userChange,
  itemFieldErrors: {
    NotFound: { field: "userId", message: notUserOfAccount },
    BadRequest: rejectedChange,
  },
  findConflicts: conflictsBy("userId", (item) => requestItems([item])),
};

const invitations: BulkRules<InviteUsersInput, "userEmailList", string> = {
  rules: z.looseObject({ accountId: chimeId, userEmailList: itemList(z.unknown()) }),
  list: "userEmailList",
  fieldErrors: {
    NotFound: accountNotFound,
    Forbidden: { field: "accountId", message: "is not the id of a Team account" },
  },
  itemRules: emailAddress,
  itemFieldErrors: {
    Unprocessable: {
      message: "could not be invited by Chime: a user of another account may have this address",
    },
  },
};

const batchUpdateUser: BulkWrite<"BatchUpdateUser", RequestItem, UserKey> = {
  operation: "BatchUpdateUser",
  list: "UpdateUserRequestItems",
  keyOf: JSON.stringify,
  readResults: ({ UserErrors = [] }, items, { AccountId = "" }) =>
    resultsByFailure(items, failedUsers(UserErrors), userIdOf, (item) => ({
      accountId: AccountId,
      userId: userIdOf(item),
    })),
};

const inviteUsers: BulkWrite<"InviteUsers", string, Invite> = {
  operation: "InviteUsers",
  list: "UserEmailList",
  keyOf: foldCase,
  readResults({ Invites = [] }, emails) {
    // Not EmailStatus: a pending invitation exists, even if its e-mail could not be sent.
    const isFailed = ({ Status }: Invite) => Status === InviteStatus.Failed;
    return emails.map((email) => {
      const [done, ...others] = Invites.filter(
        ({ EmailAddress = "" }) => foldCase(EmailAddress) === foldCase(email),
      );
      if (!done || others.some((other) => isFailed(other) !== isFailed(done)))
        return itemFailure("OutcomeUnknown");
      return isFailed(done) ? itemFailure("Unprocessable") : { done };
    });
  },
};

export const userMutations = {
  createUser: (_parent, { input }, context) =>
    runMutation(context, newUser, input, (valid) =>
      context.writes.user("CreateUser", createRequest("CreateUser", valid)),
    ),

  updateUser: (_parent, { input }, context) =>
    runMutation(context, userUpdate, input, (valid) =>
      context.writes.user("UpdateUser", createRequest("UpdateUser", valid)),
    ),

  batchUpdateUser: (_parent, { input }, context) =>
    runBulkMutation(context, userUpdates, input, ({ accountId }, items) =>
      context.writes.bulk(batchUpdateUser, { AccountId: accountId }, requestItems(items)),
    ),

  inviteUsers: (_parent, { input }, context) =>
    runBulkMutation(context, invitations, input, (valid, emails) =>
      context.writes.bulk(inviteUsers, createRequest("InviteUsers", { ...valid, userEmailList: [] }), emails),
    ),

  resetPersonalPin: (_parent, { input }, context) =>
    runMutation(context, ofUser, input, (valid) =>
      context.writes.user("ResetPersonalPIN", createRequest("ResetPersonalPIN", valid)),
    ),
} satisfies Partial<MutationResolvers>;

/** The payload of every mutation of one user. */
export const userPayload: CreateUserPayloadResolvers = {
  ...outcomeAndErrors,
  user: written(readUser),
};

export const BatchUpdateUserPayload: BatchUpdateUserPayloadResolvers = {
  ...outcomeAndResults,
  users: ({ results }, _args, context, info) =>
    results.flatMap(({ value }) => (value ? [readBack(value, (key) => readUser(key, context, info))] : [])),
  userErrors: ({ results }) =>
    results.flatMap(({ index, item, error }) =>
      error ? [{ index, userId: item.userId, errorCode: error.code, errorMessage: error.summary }] : [],
    ),
};

export const BatchUpdateUserResult: BatchUpdateUserResultResolvers = {
  ...itemOutcome,
  userId: ({ item }) => item.userId,
  user: ({ value }, _args, context, info) => readBack(value, (key) => readUser(key, context, info)),
};

export const InviteUsersPayload: InviteUsersPayloadResolvers = {
  ...outcomeAndResults,
  invites: ({ results }) => results.flatMap(({ value }) => value ?? []),
  inviteErrors: ({ results }) =>
    results.flatMap(({ index, item, error }) =>
      error ? [{ index, emailAddress: item, errorCode: error.code, errorMessage: error.summary }] : [],
    ),
};

export const InviteUsersResult: InviteUsersResultResolvers = {
  ...itemOutcome,
  emailAddress: ({ item }) => item,
  invite: ({ value }) => value,
};

/** Items in Chime's names. */
function requestItems(updateUserRequestItems: readonly UpdateUserRequestItem[]): RequestItem[] {
  const { UpdateUserRequestItems = [] } = createRequest("BatchUpdateUser", {
    accountId: "",
    updateUserRequestItems,
  });
  return UpdateUserRequestItems;
}

const userIdOf = ({ UserId = "" }: RequestItem): string => UserId;

export const failedUsers = (errors: readonly UserError[]) =>
  errors.map(({ UserId: id, ErrorCode: code }) => ({ id, code }));
