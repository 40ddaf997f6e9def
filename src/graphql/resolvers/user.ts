import {
  AlexaForBusinessMetadata$,
  type AlexaForBusinessMetadata as ChimeAlexaForBusinessMetadata,
  type Invite as ChimeInvite,
  Invite$,
  User$,
} from "@aws-sdk/client-chime";
import type { FieldNode, GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { ChimeUser, UserKey } from "../../chime/models.js";
import type { Loaders } from "../../chime/reads/loaders.js";
import type { UserPage } from "../../chime/reads/pagination.js";
import type {
  AccountUsersArgs,
  AlexaForBusinessMetadataResolvers,
  InviteResolvers,
  QueryResolvers,
  UserResolvers,
} from "../../generated/schema.js";
import { readRoomsOf } from "./room.js";
import type { Context } from "./shared/context.js";
import { plainFields } from "./shared/derived.js";
import { completeKey } from "./shared/entityKeys.js";
import { parseGlobalId, userGlobalId } from "./shared/globalId.js";
import { type Prefetches, prefetching } from "./shared/lookahead.js";
import {
  chimeId,
  defaultPageSize,
  emailAddress,
  globalIdOfUser,
  pageArguments,
  parse,
  validate,
} from "./shared/validation.js";
import { userFilter } from "./userFilter.js";
import { readUserSettings } from "./userSettings.js";

const byAccountAndUserId = z.object({ accountId: chimeId, userId: chimeId });
const byAccountAndUserIds = z.object({ accountId: chimeId, userIds: z.array(chimeId) });
const byEmail = z.object({ email: emailAddress });
const byPrimaryEmail = z.object({ primaryEmail: emailAddress });
const byId = z.object({ id: globalIdOfUser });
const userList = z.looseObject({
  ...pageArguments,
  userEmail: emailAddress.nullish(),
  filter: userFilter.nullish(),
});

/** The fields that only GetUser returns: rows of ListUsers lack them. A query that selects one of them loads complete users. */
const fieldsOfGetUser = {
  async invitedOn(user, _args, { loaders }) {
    return (await loaders.completeUser(user))?.InvitedOn;
  },
  async personalPin(user, _args, { loaders }) {
    return (await loaders.completeUser(user))?.PersonalPIN;
  },
} satisfies Partial<UserResolvers>;

const prefetches: Prefetches<UserKey> = {
  settings: (key, _args, { loaders }) => readUserSettings(key, loaders),
  rooms: (key, args, { loaders }) => readRoomsOf(key, args, loaders),
};

/** Loads users together with what needs only their ids; complete if the query selects a field that only GetUser returns. */
function loadingUsers(context: Context, info: GraphQLResolveInfo, fields?: readonly FieldNode[]) {
  const { userById } = context.loaders;
  const { names, start } = prefetching("User", prefetches, context, info, fields);
  const complete = names.some((name) => name in fieldsOfGetUser);
  return ({ accountId, userId }: UserKey) => {
    start({ accountId, userId });
    return userById.load({ accountId, userId, complete });
  };
}

/** Loads one, whose ids may be malformed. */
export async function readUser(key: UserKey, ...selection: Parameters<typeof loadingUsers>) {
  validate(byAccountAndUserId, key);
  return loadingUsers(...selection)(key);
}

/** Reads a page of an account's users. */
export async function readUsers(
  accountId: string,
  args: Partial<AccountUsersArgs>,
  loaders: Loaders,
): Promise<UserPage> {
  const { first, after, ...selection } = validate(userList, args);
  return loaders.users(accountId, selection, { first: first ?? defaultPageSize, after });
}

export const userQueries = {
  user: (_parent, args, context, info) => readUser(args, context, info),

  users(_parent, args, context, info) {
    validate(byAccountAndUserIds, args);
    const load = loadingUsers(context, info);
    return args.userIds.map((userId) => load({ accountId: args.accountId, userId }));
  },

  userByEmail(_parent, args, { loaders }) {
    return loaders.userByEmail.load(parse(byEmail, args).email);
  },
} satisfies Partial<QueryResolvers>;

export const User = {
  ...plainFields<ChimeUser>(User$),
  // Async, so that an invalid representation fails alone.
  async __resolveReference(reference, context, info) {
    const [member] = completeKey(reference, [["id"], ["accountId", "userId"], ["primaryEmail"]]);
    if (member === "accountId") return readUser(parse(byAccountAndUserId, reference), context, info);
    if (member === "primaryEmail")
      return context.loaders.userByEmail.load(parse(byPrimaryEmail, reference).primaryEmail);
    const key = parseGlobalId(parse(byId, reference).id);
    return key?.type === "User" ? readUser(key, context, info) : null;
  },
  id: ({ AccountId, UserId }) => userGlobalId({ accountId: AccountId, userId: UserId }),
  account: (user, _args, { loaders }) => loaders.accountById.load(user.AccountId),
  ...fieldsOfGetUser,
} satisfies Partial<UserResolvers>;

export const AlexaForBusinessMetadata: AlexaForBusinessMetadataResolvers =
  plainFields<ChimeAlexaForBusinessMetadata>(AlexaForBusinessMetadata$);

export const Invite: InviteResolvers = plainFields<ChimeInvite>(Invite$);
