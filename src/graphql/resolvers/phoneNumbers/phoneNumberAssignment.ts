import { z } from "zod";
import { createRequest } from "../../../chime-api/requests.js";
import type {
  AssociatePhoneNumberWithUserInput,
  AssociatePhoneNumberWithUserPayloadResolvers,
  MutationResolvers,
} from "../../../generated/schema.js";
import { type MutationRules, ofUser, readBack, runMutation } from "../shared/mutation.js";
import { chimeId, phoneNumberId } from "../shared/validation.js";
import { readUser } from "../user.js";
import { readNumberBack } from "./phoneNumberMutations.js";

const assignment: MutationRules<AssociatePhoneNumberWithUserInput> = {
  rules: z.looseObject({ accountId: chimeId, userId: chimeId, e164PhoneNumber: phoneNumberId }),
  // Without entries for NotFound and BadRequest, which may mean the user or the phone number.
  fieldErrors: {
    PhoneNumberAssociationsExist: { field: "e164PhoneNumber", message: "is assigned already" },
  },
};

export const phoneNumberAssignmentMutations = {
  associatePhoneNumberWithUser: (_parent, { input }, context) =>
    runMutation(context, assignment, input, async (valid) => {
      const request = createRequest("AssociatePhoneNumberWithUser", valid);
      await context.writes.run("AssociatePhoneNumberWithUser", request);
      const { accountId, userId, e164PhoneNumber: number } = valid;
      return { accountId, userId, number };
    }),

  disassociatePhoneNumberFromUser: (_parent, { input }, context) =>
    runMutation(context, ofUser, input, async (valid) => {
      const request = createRequest("DisassociatePhoneNumberFromUser", valid);
      await context.writes.run("DisassociatePhoneNumberFromUser", request);
      return { accountId: valid.accountId, userId: valid.userId };
    }),
} satisfies Partial<MutationResolvers>;

export const AssociatePhoneNumberWithUserPayload: AssociatePhoneNumberWithUserPayloadResolvers = {
  outcome: ({ outcome }) => outcome,
  user: ({ value }, _args, context, info) =>
    readBack(value, ({ accountId, userId }) => readUser({ accountId, userId }, context, info)),
  phoneNumber: ({ value }, _args, context) => readNumberBack(value?.number ?? null, context),
  errors: ({ errors }) => errors,
};
