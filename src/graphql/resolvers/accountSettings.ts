import {
  AccountSettings$,
  AccountType,
  type AccountSettings as ChimeAccountSettings,
  type ConversationRetentionSettings as ChimeConversationRetentionSettings,
  type RetentionSettings as ChimeRetentionSettings,
  type RoomRetentionSettings as ChimeRoomRetentionSettings,
  ConversationRetentionSettings$,
  RetentionSettings$,
  RoomRetentionSettings$,
} from "@aws-sdk/client-chime";
import { z } from "zod";
import { ErrorCode } from "../../chime/errors.js";
import type { Loaders } from "../../chime/reads/loaders.js";
import { camelName } from "../../chime-api/names.js";
import { memberNames } from "../../chime-api/operations.js";
import { createRequest } from "../../chime-api/requests.js";
import type {
  AccountResolvers,
  AccountSettingsResolvers,
  ConversationRetentionSettingsResolvers,
  MutationResolvers,
  PutRetentionSettingsInput,
  RetentionSettingsResolvers,
  RoomRetentionSettingsResolvers,
  UpdateAccountSettingsInput,
} from "../../generated/schema.js";
import { plainFields } from "./shared/derived.js";
import {
  accountNotFound,
  type MutationRules,
  missingAccount,
  RejectedInputError,
  rejected,
  runMutation,
} from "./shared/mutation.js";
import { atLeastOneOf, chimeId, retentionDays } from "./shared/validation.js";

export async function readAccountSettings(
  accountId: string,
  loaders: Loaders,
): Promise<ChimeAccountSettings | undefined> {
  const output = await loaders.read("GetAccountSettings", { AccountId: accountId });
  return output?.AccountSettings;
}

export const accountSettingsFields = {
  settings: ({ AccountId }, _args, { loaders }) => readAccountSettings(AccountId, loaders),
  retentionSettings: ({ AccountId, AccountType: type }, _args, { loaders }) =>
    type === AccountType.Team ? null : loaders.read("GetRetentionSettings", { AccountId }),
} satisfies Partial<AccountResolvers>;

const settingsChange: MutationRules<UpdateAccountSettingsInput> = {
  rules: z.looseObject({
    accountId: chimeId,
    accountSettings: z
      .looseObject({})
      .refine(...atLeastOneOf(...memberNames(AccountSettings$).map(camelName))),
  }),
  fieldErrors: {
    NotFound: accountNotFound,
    BadRequest: { field: "accountSettings", message: rejected },
    Conflict: { field: "accountSettings", message: "conflicts with another change of the account" },
  },
};

const period = z.looseObject({ retentionDays });
const retentionChange: MutationRules<PutRetentionSettingsInput> = {
  rules: z.looseObject({
    accountId: chimeId,
    retentionSettings: z.looseObject({
      roomRetentionSettings: period,
      conversationRetentionSettings: period,
    }),
  }),
  fieldErrors: {
    NotFound: accountNotFound,
    Forbidden: { field: "accountId", message: "is not the id of an Enterprise account" },
    BadRequest: { field: "retentionSettings", message: rejected },
    Conflict: { field: "retentionSettings", message: "conflicts with another change of the account" },
  },
};

export const accountSettingsMutations = {
  updateAccountSettings: (_parent, { input }, context) =>
    runMutation(context, settingsChange, input, async (valid) => {
      await context.writes.run("UpdateAccountSettings", createRequest("UpdateAccountSettings", valid));
      return valid.accountId;
    }),

  putRetentionSettings: (_parent, { input }, context) =>
    runMutation(context, retentionChange, input, async (valid) => {
      const request = createRequest("PutRetentionSettings", valid);
      await context.writes.run("PutRetentionSettings", request, async () => {
        if (!valid.mayDelete)
          await requireNoDeletion(valid.accountId, request.RetentionSettings, context.loaders);
      });
      return valid.accountId;
    }),
} satisfies Partial<MutationResolvers>;

/** @throws RejectedInputError if a period becomes shorter */
async function requireNoDeletion(
  accountId: string,
  changed: ChimeRetentionSettings | undefined,
  loaders: Loaders,
): Promise<void> {
  const current = await loaders.readFresh("GetRetentionSettings", { AccountId: accountId });
  if (!current) throw missingAccount();
  const before = periodsOf(current.RetentionSettings);
  if (periodsOf(changed).every((days, index) => days >= Number(before[index]))) return;
  throw new RejectedInputError({
    code: ErrorCode.PreconditionFailed,
    message: "must be true: a period becomes shorter, so that messages will be deleted",
    path: ["mayDelete"],
  });
}

/** A period in days; no number means forever. */
const periodsOf = (settings: ChimeRetentionSettings | undefined): number[] =>
  memberNames(RetentionSettings$).map(
    (member) => settings?.[member as keyof ChimeRetentionSettings]?.RetentionDays ?? Number.POSITIVE_INFINITY,
  );

export const AccountSettings: AccountSettingsResolvers = plainFields<ChimeAccountSettings>(AccountSettings$);

export const RetentionSettings: RetentionSettingsResolvers = {
  roomRetentionSettings: ({ RetentionSettings: settings }) => settings?.RoomRetentionSettings,
  conversationRetentionSettings: ({ RetentionSettings: settings }) => settings?.ConversationRetentionSettings,
  initiateDeletionTimestamp: ({ InitiateDeletionTimestamp }) => InitiateDeletionTimestamp,
};

export const RoomRetentionSettings: RoomRetentionSettingsResolvers =
  plainFields<ChimeRoomRetentionSettings>(RoomRetentionSettings$);

export const ConversationRetentionSettings: ConversationRetentionSettingsResolvers =
  plainFields<ChimeConversationRetentionSettings>(ConversationRetentionSettings$);
