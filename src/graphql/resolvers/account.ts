import { Account$, License } from "@aws-sdk/client-chime";
import { GraphQLError, type GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { ChimeAccount } from "../../chime/models.js";
import type { AccountPage } from "../../chime/reads/pagination.js";
import { createRequest } from "../../chime-api/requests.js";
import type {
  AccountResolvers,
  AssociateSigninDelegateGroupsWithAccountInput,
  CreateAccountInput,
  CreateAccountPayloadResolvers,
  MutationResolvers,
  QueryAccountsArgs,
  QueryResolvers,
  UpdateAccountInput,
} from "../../generated/schema.js";
import { readAccountSettings } from "./accountSettings.js";
import { readBot } from "./bot.js";
import { readPhoneNumbersOf } from "./phoneNumbers/phoneNumber.js";
import { readRoom } from "./room.js";
import type { Context } from "./shared/context.js";
import { plainFields } from "./shared/derived.js";
import { completeKey } from "./shared/entityKeys.js";
import { accountGlobalId, parseGlobalId } from "./shared/globalId.js";
import { knownValues } from "./shared/knownValues.js";
import { type Prefetches, prefetch } from "./shared/lookahead.js";
import { accountNotFound, type MutationRules, rejected, runMutation } from "./shared/mutation.js";
import { outcomeAndErrors, written } from "./shared/payloads.js";
import {
  accountName,
  atLeastOneOf,
  chimeId,
  defaultPageSize,
  emailAddress,
  globalIdOfAccount,
  groupNames,
  pageArguments,
  parse,
  validate,
} from "./shared/validation.js";
import { readUser, readUsers } from "./user.js";

const byAccountId = z.object({ accountId: chimeId });
const byId = z.object({ id: globalIdOfAccount });
const accountList = z.looseObject({
  ...pageArguments,
  namePrefix: accountName.nullish(),
  userEmail: emailAddress.nullish(),
});

const prefetches: Prefetches<string> = {
  settings: (accountId, _args, { loaders }) => readAccountSettings(accountId, loaders),
  users: (accountId, args, { loaders }) => readUsers(accountId, args, loaders),
  userSummary: (accountId, _args, { loaders }) => loaders.userSummary(accountId),
  phoneNumbers: (accountId, args, { loaders }) => readPhoneNumbersOf(accountId, args, loaders),
  user: (accountId, { userId }, context, info, nodes) =>
    readUser({ accountId, userId: String(userId) }, context, info, nodes),
  room: (accountId, { roomId }, context, info, nodes) =>
    readRoom({ accountId, roomId: String(roomId) }, context, info, nodes),
  bot: (accountId, { botId }, context, info, nodes) =>
    readBot({ accountId, botId: String(botId) }, context, info, nodes),
};

/** Loads an account together with what needs only its id. */
export function loadAccount(accountId: string, context: Context, info: GraphQLResolveInfo) {
  // First, so that what is prefetched can wait for the account.
  const account = context.loaders.accountById.load(accountId);
  prefetch("Account", prefetches, accountId, context, info);
  return account;
}

/** Reads a page of accounts. Of a caller's allowed accounts, the page lacks one that fails, and there is an error at its path. */
async function readAccounts(
  { first, after, ...filter }: Partial<QueryAccountsArgs>,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<AccountPage> {
  const failures: Error[] = [];
  const onFailure = (error: Error) => failures.push(error);
  const page = await context.loaders.accounts(filter, { first: first ?? defaultPageSize, after, onFailure });
  if (failures[0] && page.nodes.length === 0) throw failures[0];
  for (const error of failures)
    context.addError(info, new GraphQLError("An account could not be read.", { originalError: error }));
  return page;
}

export const accountQueries = {
  account(_parent, args, context, info) {
    validate(byAccountId, args);
    return loadAccount(args.accountId, context, info);
  },
  accounts(_parent, args, context, info) {
    return readAccounts(validate(accountList, args), context, info);
  },
} satisfies Partial<QueryResolvers>;

const newAccount: MutationRules<CreateAccountInput> = {
  rules: z.looseObject({ name: accountName }),
  fieldErrors: { BadRequest: { field: "name", message: rejected } },
};
const accountChange: MutationRules<UpdateAccountInput> = {
  rules: z
    .looseObject({ accountId: chimeId, name: accountName.nullish(), defaultLicense: z.string().nullish() })
    .refine(...atLeastOneOf("name", "defaultLicense")),
  fieldErrors: {
    NotFound: accountNotFound,
    // The rules above cover Chime's constraints of the other fields.
    BadRequest: [
      { field: "defaultLicense", message: "is not supported by the account" },
      { field: "name", message: rejected },
    ],
  },
};
const delegateGroups: MutationRules<AssociateSigninDelegateGroupsWithAccountInput> = {
  rules: z.looseObject({ accountId: chimeId, groupNames }),
  fieldErrors: { NotFound: accountNotFound, BadRequest: { field: "groupNames", message: rejected } },
};

export const accountMutations = {
  createAccount: (_parent, { input }, context) =>
    runMutation(context, newAccount, input, (valid) =>
      context.writes.account("CreateAccount", createRequest("CreateAccount", valid)),
    ),

  updateAccount: (_parent, { input }, context) =>
    runMutation(context, accountChange, input, (valid) =>
      context.writes.account("UpdateAccount", createRequest("UpdateAccount", valid)),
    ),

  associateSigninDelegateGroupsWithAccount: (_parent, { input }, context) =>
    runMutation(context, delegateGroups, input, async ({ accountId, groupNames }) => {
      await context.writes.run("AssociateSigninDelegateGroupsWithAccount", {
        AccountId: accountId,
        SigninDelegateGroups: [...new Set(groupNames)].map((GroupName) => ({ GroupName })),
      });
      return accountId;
    }),

  disassociateSigninDelegateGroupsFromAccount: (_parent, { input }, context) =>
    runMutation(context, delegateGroups, input, async ({ accountId, groupNames }) => {
      await context.writes.run("DisassociateSigninDelegateGroupsFromAccount", {
        AccountId: accountId,
        GroupNames: [...new Set(groupNames)],
      });
      return accountId;
    }),
} satisfies Partial<MutationResolvers>;

export const Account = {
  ...plainFields<ChimeAccount>(Account$),
  // Async, so that an invalid representation fails alone.
  async __resolveReference(reference, context, info) {
    const [member] = completeKey(reference, [["id"], ["accountId"]]);
    if (member === "accountId") return loadAccount(parse(byAccountId, reference).accountId, context, info);
    const key = parseGlobalId(parse(byId, reference).id);
    return key?.type === "Account" ? loadAccount(key.accountId, context, info) : null;
  },
  id: (account) => accountGlobalId(account.AccountId),
  supportedLicenses: (account, _args, context, info) =>
    knownValues(License, account.SupportedLicenses ?? [], "Unknown license.", context, info),
  signinDelegateGroups: (account) => account.SigninDelegateGroups ?? [],
  users: (account, args, { loaders }) => readUsers(account.AccountId, args, loaders),
  user: ({ AccountId }, { userId }, context, info) =>
    readUser({ accountId: AccountId, userId }, context, info),
} satisfies Partial<AccountResolvers>;

/** The payload of every mutation of one account. */
export const accountPayload: CreateAccountPayloadResolvers = {
  ...outcomeAndErrors,
  account: written(loadAccount),
};
