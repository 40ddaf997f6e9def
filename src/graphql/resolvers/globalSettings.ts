import {
  BusinessCallingSettings$,
  type BusinessCallingSettings as ChimeBusinessCallingSettings,
  type VoiceConnectorSettings as ChimeVoiceConnectorSettings,
  type GetGlobalSettingsResponse,
  GetGlobalSettingsResponse$,
  VoiceConnectorSettings$,
} from "@aws-sdk/client-chime";
import { z } from "zod";
import type { Loaders } from "../../chime/reads/loaders.js";
import { createRequest } from "../../chime-api/requests.js";
import type {
  BusinessCallingSettingsResolvers,
  GlobalSettingsResolvers,
  MutationResolvers,
  QueryResolvers,
  UpdateGlobalSettingsInput,
  UpdateGlobalSettingsPayloadResolvers,
  VoiceConnectorSettingsResolvers,
} from "../../generated/schema.js";
import { plainFields } from "./shared/derived.js";
import { globalSettingsId } from "./shared/globalId.js";
import { type MutationRules, onlyOneOf, readBack, rejected, runMutation } from "./shared/mutation.js";
import { outcomeAndErrors } from "./shared/payloads.js";
import { atLeastOneOf, bucketName } from "./shared/validation.js";

const readGlobalSettings = (loaders: Loaders) => loaders.read("GetGlobalSettings", {});

export const globalSettingsQueries = {
  globalSettings: (_parent, _args, { loaders }) => readGlobalSettings(loaders),
} satisfies Partial<QueryResolvers>;

/** Null stops the storing, and has to be given. */
const destination = z.looseObject({ cdrBucket: bucketName.nullable() }).nullish();
const settingsChange: MutationRules<UpdateGlobalSettingsInput> = {
  rules: z
    .looseObject({ businessCalling: destination, voiceConnector: destination })
    .refine(...atLeastOneOf("businessCalling", "voiceConnector")),
  fieldErrors: {
    BadRequest: onlyOneOf<UpdateGlobalSettingsInput>({ businessCalling: rejected, voiceConnector: rejected }),
  },
};

export const globalSettingsMutations = {
  updateGlobalSettings: (_parent, { input }, context) =>
    runMutation(context, settingsChange, input, async (valid) => {
      await context.writes.run("UpdateGlobalSettings", createRequest("UpdateGlobalSettings", valid));
      return true as const;
    }),
} satisfies Partial<MutationResolvers>;

export const GlobalSettings: GlobalSettingsResolvers = {
  id: () => globalSettingsId,
  ...plainFields<GetGlobalSettingsResponse>(GetGlobalSettingsResponse$),
};

export const BusinessCallingSettings: BusinessCallingSettingsResolvers =
  plainFields<ChimeBusinessCallingSettings>(BusinessCallingSettings$);

export const VoiceConnectorSettings: VoiceConnectorSettingsResolvers =
  plainFields<ChimeVoiceConnectorSettings>(VoiceConnectorSettings$);

export const UpdateGlobalSettingsPayload: UpdateGlobalSettingsPayloadResolvers = {
  ...outcomeAndErrors,
  globalSettings: ({ value }, _args, { loaders }) => readBack(value, () => readGlobalSettings(loaders)),
};
