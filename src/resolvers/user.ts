import type { FieldNode, GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Loaders } from "../chime/loaders.js";
import type { UserKey } from "../chime/models.js";
import type { UserPage } from "../chime/pages.js";
import type {
  AccountUsersArgs,
  AlexaForBusinessMetadataResolvers,
  BatchUpdateUserPayloadResolvers,
  CreateUserPayloadResolvers,
  InviteResolvers,
  InviteUsersPayloadResolvers,
  MutationResolvers,
  QueryResolvers,
  UpdateUserRequestItem,
  UserResolvers,
} from "../generated/schema.js";
import { answer, byOutcome, readBack } from "./answer.js";
import type { Context } from "./context.js";
import { completeKey } from "./entityKeys.js";
import { parseGlobalId, userGlobalId } from "./globalId.js";
import {
  bulk,
  check,
  chimeId,
  defaultPageSize,
  emailAddress,
  globalIdOfUser,
  pageArguments,
  parse,
  roomArn,
  username,
} from "./inputs.js";
import { selectedFields } from "./selection.js";

const byAccountAndUserId = z.object({ accountId: chimeId, userId: chimeId });
const byAccountAndUserIds = z.object({ accountId: chimeId, userIds: z.array(chimeId) });
const byEmail = z.object({ email: emailAddress });
const byPrimaryEmail = z.object({ primaryEmail: emailAddress });
const byId = z.object({ id: globalIdOfUser });
const userList = z.looseObject({ ...pageArguments, userEmail: emailAddress.nullish() });

const newUser = z
  .looseObject({ accountId: chimeId, username: username.nullish(), email: emailAddress.nullish() })
  .refine((user) => user.username != null || user.email != null, {
    path: ["email"],
    message: "must be given, or username",
  });
const userChange = z
  .looseObject({
    userId: chimeId,
    alexaForBusinessMetadata: z.looseObject({ alexaForBusinessRoomArn: roomArn.nullish() }).nullish(),
  })
  .superRefine((change, { addIssue }) => {
    const {
      licenseType,
      userType,
      alexaForBusinessMetadata: alexa,
    } = change as Partial<UpdateUserRequestItem>;
    if (licenseType == null && userType == null && alexa == null)
      addIssue({
        path: ["licenseType"],
        message: "must be given, or userType, or alexaForBusinessMetadata",
        code: "custom",
      });
    if (alexa && alexa.isAlexaForBusinessEnabled == null && alexa.alexaForBusinessRoomArn == null)
      addIssue({ path: ["alexaForBusinessMetadata"], message: "must change something", code: "custom" });
  });
const userUpdate = z.object({ accountId: chimeId }).and(userChange);
const userUpdates = z.looseObject({
  accountId: chimeId,
  updateUserRequestItems: bulk(userChange).superRefine((changes, { addIssue }) => {
    const first = new Map<string, { index: number; change: string }>();
    changes.forEach((item, index) => {
      const change = JSON.stringify(changesOf(item as UpdateUserRequestItem));
      const earlier = first.get(item.userId);
      if (!earlier) first.set(item.userId, { index, change });
      else if (earlier.change !== change)
        addIssue({
          path: [index, "userId"],
          message: `is changed otherwise by item ${earlier.index}`,
          code: "custom",
        });
    });
  }),
});
const invitations = z.looseObject({ accountId: chimeId, userEmailList: bulk(emailAddress) });

/** The fields that only GetUser brings: ListUsers rows lack them. */
const fieldsOfGetUser: ReadonlySet<string> = new Set(["personalPin", "invitedOn"]);

/** Whether the query selects something of a user that only GetUser brings. */
const wantsComplete = (context: Context, info: GraphQLResolveInfo, fields?: readonly FieldNode[]): boolean =>
  selectedFields("User", context, info, fields).some(({ definition }) =>
    fieldsOfGetUser.has(definition.name),
  );

/** Loads a user with what the query selects of it. */
export async function readUser(
  key: UserKey,
  context: Context,
  info: GraphQLResolveInfo,
  fields?: readonly FieldNode[],
) {
  check(byAccountAndUserId, key);
  return context.loaders.userById.load({ ...key, complete: wantsComplete(context, info, fields) });
}

/** Reads a page of an account's users. */
export async function readUsers(
  accountId: string,
  args: Partial<AccountUsersArgs>,
  loaders: Loaders,
): Promise<UserPage> {
  const { first, after, ...filter } = check(userList, args);
  return loaders.users(accountId, filter, { first: first ?? defaultPageSize, after });
}

export const userQueries = {
  user: (_parent, args, context, info) => readUser(args, context, info),

  users(_parent, args, context, info) {
    check(byAccountAndUserIds, args);
    const complete = wantsComplete(context, info);
    return args.userIds.map((userId) =>
      context.loaders.userById.load({ accountId: args.accountId, userId, complete }),
    );
  },

  userByEmail(_parent, args, { loaders }) {
    return loaders.userByEmail.load(parse(byEmail, args).email);
  },
} satisfies Partial<QueryResolvers>;

export const userMutations = {
  createUser: (_parent, { input }, { chime }) =>
    answer(newUser, input, ({ accountId, username, email, userType }) =>
      chime.createUser({
        AccountId: accountId,
        Username: username ?? undefined,
        Email: email ?? undefined,
        UserType: userType ?? undefined,
      }),
    ),

  updateUser: (_parent, { input }, { chime }) =>
    answer(userUpdate, input, ({ accountId, userId, ...changes }) =>
      chime.updateUser({ AccountId: accountId, UserId: userId, ...changesOf(changes) }),
    ),

  batchUpdateUser: (_parent, { input }, { chime }) =>
    answer(userUpdates, input, async ({ accountId, updateUserRequestItems }) => {
      const outcomes = await chime.batchUpdateUser({
        AccountId: accountId,
        UpdateUserRequestItems: updateUserRequestItems.map((item) => ({
          UserId: item.userId,
          ...changesOf(item),
        })),
      });
      return byOutcome(
        updateUserRequestItems.map(({ userId }) => userId),
        outcomes,
      );
    }),

  inviteUsers: (_parent, { input }, { chime }) =>
    answer(invitations, input, async ({ accountId, userEmailList, userType }) => {
      const outcomes = await chime.inviteUsers({
        AccountId: accountId,
        UserEmailList: [...userEmailList],
        UserType: userType ?? undefined,
      });
      return byOutcome(userEmailList, outcomes);
    }),

  resetPersonalPin: (_parent, { input }, { chime }) =>
    answer(byAccountAndUserId, input, ({ accountId, userId }) =>
      chime.resetPersonalPin({ AccountId: accountId, UserId: userId }),
    ),
} satisfies Partial<MutationResolvers>;

export const User: UserResolvers = {
  // Async, so that a representation that is refused is refused alone.
  async __resolveReference(reference, context, info) {
    const [member] = completeKey(reference, [["id"], ["accountId", "userId"], ["primaryEmail"]]);
    if (member === "accountId") return readUser(parse(byAccountAndUserId, reference), context, info);
    if (member === "primaryEmail")
      return context.loaders.userByEmail.load(parse(byPrimaryEmail, reference).primaryEmail);
    const key = parseGlobalId(parse(byId, reference).id);
    return key?.type === "User" ? readUser(key, context, info) : null;
  },
  id: ({ AccountId, UserId }) => userGlobalId({ accountId: AccountId, userId: UserId }),
  userId: (user) => user.UserId,
  accountId: (user) => user.AccountId,
  account: (user, _args, { loaders }) => loaders.accountById.load(user.AccountId),
  primaryEmail: (user) => user.PrimaryEmail,
  primaryProvisionedNumber: (user) => user.PrimaryProvisionedNumber,
  displayName: (user) => user.DisplayName,
  licenseType: (user) => user.LicenseType,
  userType: (user) => user.UserType,
  userRegistrationStatus: (user) => user.UserRegistrationStatus,
  userInvitationStatus: (user) => user.UserInvitationStatus,
  registeredOn: (user) => user.RegisteredOn,
  invitedOn: async (user, _args, { loaders }) => (await loaders.completeUser(user))?.InvitedOn,
  alexaForBusinessMetadata: (user) => user.AlexaForBusinessMetadata,
  personalPin: async (user, _args, { loaders }) => (await loaders.completeUser(user))?.PersonalPIN,
};

export const AlexaForBusinessMetadata: AlexaForBusinessMetadataResolvers = {
  isAlexaForBusinessEnabled: (metadata) => metadata.IsAlexaForBusinessEnabled,
  alexaForBusinessRoomArn: (metadata) => metadata.AlexaForBusinessRoomArn,
};

export const Invite: InviteResolvers = {
  inviteId: (invite) => invite.InviteId,
  status: (invite) => invite.Status,
  emailAddress: (invite) => invite.EmailAddress,
  emailStatus: (invite) => invite.EmailStatus,
};

/** The payload of every mutation of one user. */
export const userPayload: CreateUserPayloadResolvers = {
  user: ({ written }, _args, context, info) => readBack(written, (key) => readUser(key, context, info)),
  errors: ({ errors }) => errors,
};

export const BatchUpdateUserPayload: BatchUpdateUserPayloadResolvers = {
  users: ({ written }, _args, context, info) =>
    (written?.done ?? []).map((key) => readBack(key, () => readUser(key, context, info))),
  userErrors: ({ written }) =>
    (written?.failed ?? []).map(({ item, ...failure }) => ({ ...failure, userId: item })),
  errors: ({ errors }) => errors,
};

export const InviteUsersPayload: InviteUsersPayloadResolvers = {
  invites: ({ written }) => written?.done ?? [],
  inviteErrors: ({ written }) =>
    (written?.failed ?? []).map(({ item, ...failure }) => ({ ...failure, emailAddress: item })),
  errors: ({ errors }) => errors,
};

/** What a request changes of a user, as Chime names it. */
function changesOf({
  licenseType,
  userType,
  alexaForBusinessMetadata: alexa,
}: Omit<UpdateUserRequestItem, "userId">) {
  return {
    LicenseType: licenseType ?? undefined,
    UserType: userType ?? undefined,
    AlexaForBusinessMetadata: alexa
      ? {
          IsAlexaForBusinessEnabled: alexa.isAlexaForBusinessEnabled ?? undefined,
          AlexaForBusinessRoomArn: alexa.alexaForBusinessRoomArn ?? undefined,
        }
      : undefined,
  };
}
