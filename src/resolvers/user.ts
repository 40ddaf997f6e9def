import type { FieldNode, GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Loaders } from "../chime/loaders.js";
import type { UserKey } from "../chime/models.js";
import type { UserPage } from "../chime/pages.js";
import type {
  AccountUsersArgs,
  AlexaForBusinessMetadataResolvers,
  InviteResolvers,
  QueryResolvers,
  UserResolvers,
} from "../generated/schema.js";
import type { Context } from "./context.js";
import { parseGlobalId, userGlobalId } from "./globalId.js";
import { atMost, check, chimeId, defaultPageSize, emailAddress, globalId, pageArguments } from "./inputs.js";
import { selectedFields } from "./selection.js";

const byAccountAndUserId = z.object({ accountId: chimeId, userId: chimeId });
const byAccountAndUserIds = z.object({ accountId: chimeId, userIds: atMost(chimeId, 250) });
const byEmail = z.object({ email: emailAddress });
const userList = z.object({ ...pageArguments, userEmail: emailAddress.nullish() });

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
  check(userList, args);
  return loaders.users(accountId, args, { first: args.first ?? defaultPageSize, after: args.after });
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
    check(byEmail, args);
    return loaders.userByEmail.load(args.email);
  },
} satisfies Partial<QueryResolvers>;

export const User: UserResolvers = {
  // Async, so that a representation that is refused is refused alone.
  async __resolveReference(reference, context, info) {
    if ("userId" in reference) return readUser(reference, context, info);
    if ("primaryEmail" in reference) {
      check(z.object({ primaryEmail: emailAddress.nullable() }), reference);
      // Who has no address cannot be told by it.
      if (reference.primaryEmail === null) return null;
      return context.loaders.userByEmail.load(String(reference.primaryEmail));
    }
    check(z.object({ id: globalId }), reference);
    const key = parseGlobalId(reference.id);
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
