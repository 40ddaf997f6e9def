import { type GetPhoneNumberSettingsResponse, GetPhoneNumberSettingsResponse$ } from "@aws-sdk/client-chime";
import { z } from "zod";
import type { Loaders } from "../../../chime/reads/loaders.js";
import type {
  MutationResolvers,
  PhoneNumberSettingsResolvers,
  QueryResolvers,
  UpdatePhoneNumberSettingsInput,
  UpdatePhoneNumberSettingsPayloadResolvers,
} from "../../../generated/schema.js";
import { plainFields } from "../shared/derived.js";
import { phoneNumberSettingsId } from "../shared/globalId.js";
import { type MutationRules, readBack, runMutation } from "../shared/mutation.js";
import { outcomeAndErrors } from "../shared/payloads.js";
import { callingName } from "../shared/validation.js";

const readPhoneNumberSettings = (loaders: Loaders) => loaders.read("GetPhoneNumberSettings", {});

export const phoneNumberSettingsQueries = {
  phoneNumberSettings: (_parent, _args, { loaders }) => readPhoneNumberSettings(loaders),
} satisfies Partial<QueryResolvers>;

const settingsChange: MutationRules<UpdatePhoneNumberSettingsInput> = {
  rules: z.looseObject({ callingName }),
  fieldErrors: {
    BadRequest: { field: "callingName", message: "was rejected by Chime, which allows one change in 7 days" },
  },
};

export const phoneNumberSettingsMutations = {
  updatePhoneNumberSettings: (_parent, { input }, context) =>
    runMutation(context, settingsChange, input, async (valid) => {
      await context.writes.run("UpdatePhoneNumberSettings", { CallingName: valid.callingName });
      return true as const;
    }),
} satisfies Partial<MutationResolvers>;

export const PhoneNumberSettings: PhoneNumberSettingsResolvers = {
  id: () => phoneNumberSettingsId,
  ...plainFields<GetPhoneNumberSettingsResponse>(GetPhoneNumberSettingsResponse$),
};

export const UpdatePhoneNumberSettingsPayload: UpdatePhoneNumberSettingsPayloadResolvers = {
  ...outcomeAndErrors,
  phoneNumberSettings: ({ value }, _args, { loaders }) =>
    readBack(value, () => readPhoneNumberSettings(loaders)),
};
