import { License } from "@aws-sdk/client-chime";
import { GraphQLError, type GraphQLResolveInfo, getArgumentValues } from "graphql";
import { z } from "zod";
import type { AccountPage } from "../../chime/reads/pagination.js";
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
import type { Context } from "./context.js";
import { completeKey } from "./entityKeys.js";
import { accountGlobalId, parseGlobalId } from "./globalId.js";
import { type SelectedField, selectedFields } from "./lookahead.js";
import { accountNotFound, type MutationRules, readBack, runMutation } from "./mutation.js";
import { readUser, readUsers } from "./user.js";
import {
  accountName,
  check,
  chimeId,
  defaultPageSize,
  emailAddress,
  globalIdOfAccount,
  groupNames,
  pageArguments,
  parse,
} from "./validation.js";

const byAccountId = z.object({ accountId: chimeId });
const byId = z.object({ id: globalIdOfAccount });
const accountList = z.looseObject({
  ...pageArguments,
  namePrefix: accountName.nullish(),
  userEmail: emailAddress.nullish(),
});

/**
 * Loads an account, and starts its users along with it where they are selected: they need nothing but its id, so that
 * both take one round trip. The loaders keep what comes, be it an error, for the fields' own resolvers.
 */
export function loadAccount(accountId: string, context: Context, info: GraphQLResolveInfo) {
  for (const field of selectedFields("Account", context, info))
    prefetch(accountId, field, context, info).catch(() => {});
  return context.loaders.accountById.load(accountId);
}

async function prefetch(
  accountId: string,
  { node, definition }: SelectedField,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<void> {
  const { name } = definition;
  if (name !== "users" && name !== "user") return;
  const args = getArgumentValues(definition, node, info.variableValues);
  if (name === "users") await readUsers(accountId, args, context.loaders);
  else await readUser({ accountId, userId: String(args["userId"]) }, context, info, [node]);
}

/** Reads a page of accounts. Of those that a token names, one that fails is left out, with an error beside the page. */
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
    context.report(info, new GraphQLError("An account could not be read.", { originalError: error }));
  return page;
}

export const accountQueries = {
  account(_parent, args, context, info) {
    check(byAccountId, args);
    return loadAccount(args.accountId, context, info);
  },
  accounts(_parent, args, context, info) {
    return readAccounts(check(accountList, args), context, info);
  },
} satisfies Partial<QueryResolvers>;

const newAccount: MutationRules<CreateAccountInput> = {
  rules: z.looseObject({ name: accountName }),
  fieldErrors: { BadRequest: { field: "name", message: "is refused by Chime" } },
};
const accountChange: MutationRules<UpdateAccountInput> = {
  rules: z
    .looseObject({ accountId: chimeId, name: accountName.nullish(), defaultLicense: z.string().nullish() })
    .refine(({ name, defaultLicense }) => name != null || defaultLicense != null, {
      path: ["name"],
      message: "is required unless defaultLicense is given",
    }),
  fieldErrors: {
    NotFound: accountNotFound,
    // The rules above check all that Chime demands of the other fields.
    BadRequest: { field: "defaultLicense", message: "is not supported by the account" },
  },
};
const delegateGroups: MutationRules<AssociateSigninDelegateGroupsWithAccountInput> = {
  rules: z.looseObject({ accountId: chimeId, groupNames }),
  fieldErrors: { NotFound: accountNotFound },
};

export const accountMutations = {
  createAccount: (_parent, { input }, context) =>
    runMutation(context, newAccount, input, ({ name }) => context.chime.createAccount({ Name: name })),

  updateAccount: (_parent, { input }, context) =>
    runMutation(context, accountChange, input, ({ accountId, name, defaultLicense }) =>
      context.chime.updateAccount({
        AccountId: accountId,
        Name: name ?? undefined,
        DefaultLicense: defaultLicense ?? undefined,
      }),
    ),

  associateSigninDelegateGroupsWithAccount: (_parent, { input }, context) =>
    runMutation(context, delegateGroups, input, (groups) =>
      context.chime.associateSigninDelegateGroupsWithAccount({
        AccountId: groups.accountId,
        SigninDelegateGroups: [...new Set(groups.groupNames)].map((GroupName) => ({ GroupName })),
      }),
    ),

  disassociateSigninDelegateGroupsFromAccount: (_parent, { input }, context) =>
    runMutation(context, delegateGroups, input, (groups) =>
      context.chime.disassociateSigninDelegateGroupsFromAccount({
        AccountId: groups.accountId,
        GroupNames: [...new Set(groups.groupNames)],
      }),
    ),
} satisfies Partial<MutationResolvers>;

export const Account: AccountResolvers = {
  // Async, so that a representation that is refused is refused alone.
  async __resolveReference(reference, context, info) {
    const [member] = completeKey(reference, [["id"], ["accountId"]]);
    if (member === "accountId") return loadAccount(parse(byAccountId, reference).accountId, context, info);
    const key = parseGlobalId(parse(byId, reference).id);
    return key ? loadAccount(key.accountId, context, info) : null;
  },
  id: (account) => accountGlobalId(account.AccountId),
  accountId: (account) => account.AccountId,
  awsAccountId: (account) => account.AwsAccountId,
  name: (account) => account.Name,
  accountType: (account) => account.AccountType,
  accountStatus: (account) => account.AccountStatus,
  createdTimestamp: (account) => account.CreatedTimestamp,
  defaultLicense: (account) => account.DefaultLicense,
  supportedLicenses: (account, _args, context, info) =>
    knownLicenses(account.SupportedLicenses ?? [], context, info),
  signinDelegateGroups: (account) => account.SigninDelegateGroups ?? [],
  users: (account, args, { loaders }) => readUsers(account.AccountId, args, loaders),
  user: ({ AccountId }, { userId }, context, info) =>
    readUser({ accountId: AccountId, userId }, context, info),
};

/** The payload of every mutation of one account. */
export const accountPayload: CreateAccountPayloadResolvers = {
  outcome: ({ outcome }) => outcome,
  account: ({ written }, _args, context, info) => readBack(written, (id) => loadAccount(id, context, info)),
  errors: ({ errors }) => errors,
};

/** The list can't hold null: a license that the schema does not know is left out, and said to be. */
function knownLicenses(licenses: readonly License[], context: Context, info: GraphQLResolveInfo): License[] {
  const known = licenses.filter((license) => Object.values(License).includes(license));
  if (known.length < licenses.length) context.report(info, new GraphQLError("unknown license"));
  return known;
}
