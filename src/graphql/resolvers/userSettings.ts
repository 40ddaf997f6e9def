import { TelephonySettings$, UserSettings$ } from "@aws-sdk/client-chime";
import { malformedResponse } from "../../chime/errors.js";
import type { ChimeTelephonySettings, ChimeUserSettings, UserKey } from "../../chime/models.js";
import type { Loaders } from "../../chime/reads/loaders.js";
import { memberNames } from "../../chime-api/operations.js";
import { createRequest } from "../../chime-api/requests.js";
import type {
  MutationResolvers,
  TelephonySettingsResolvers,
  UpdateUserSettingsInput,
  UserResolvers,
  UserSettingsResolvers,
} from "../../generated/schema.js";
import { plainFields } from "./shared/derived.js";
import { type MutationRules, ofUser, rejected, runMutation } from "./shared/mutation.js";

/** Reads a user's settings; null if the user does not exist. */
export async function readUserSettings(key: UserKey, loaders: Loaders): Promise<ChimeUserSettings | null> {
  const output = await loaders.read("GetUserSettings", createRequest("GetUserSettings", key));
  if (output === null) return null;
  const telephony = output.UserSettings?.Telephony;
  for (const member of memberNames(TelephonySettings$))
    if (typeof telephony?.[member as keyof ChimeTelephonySettings] !== "boolean")
      throw malformedResponse("GetUserSettings", `UserSettings.Telephony.${member}`);
  return output.UserSettings as ChimeUserSettings;
}

const settingsChange: MutationRules<UpdateUserSettingsInput> = {
  ...ofUser,
  fieldErrors: { BadRequest: { field: "userSettings", message: rejected } },
};

export const userSettingsMutations = {
  updateUserSettings: (_parent, { input }, context) =>
    runMutation(context, settingsChange, input, async (valid) => {
      await context.writes.run("UpdateUserSettings", createRequest("UpdateUserSettings", valid));
      return { accountId: valid.accountId, userId: valid.userId };
    }),
} satisfies Partial<MutationResolvers>;

export const userSettingsFields = {
  settings: ({ AccountId, UserId }, _args, { loaders }) =>
    readUserSettings({ accountId: AccountId, userId: UserId }, loaders),
} satisfies Partial<UserResolvers>;

export const UserSettings: UserSettingsResolvers = plainFields<ChimeUserSettings>(UserSettings$);

export const TelephonySettings: TelephonySettingsResolvers =
  plainFields<ChimeTelephonySettings>(TelephonySettings$);
