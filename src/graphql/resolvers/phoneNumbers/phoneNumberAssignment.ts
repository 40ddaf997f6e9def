import { z } from "zod";
import type { UserKey } from "../../../chime/models.js";
import type { PhoneNumberKey } from "../../../chime/phoneNumbers.js";
import { createRequest } from "../../../chime-api/requests.js";
import type { AssociatePhoneNumberWithUserInput, MutationResolvers } from "../../../generated/schema.js";
import { type MutationRules, ofUser, runMutation } from "../shared/mutation.js";
import { outcomeAndErrors, written } from "../shared/payloads.js";
import { chimeId, phoneNumberId } from "../shared/validation.js";
import { readUser } from "../user.js";
import { writtenNumber } from "./phoneNumberMutations.js";

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
      const { accountId, userId, e164PhoneNumber: phoneNumberId } = valid;
      return { accountId, userId, phoneNumberId };
    }),

  disassociatePhoneNumberFromUser: (_parent, { input }, context) =>
    runMutation(context, ofUser, input, async (valid) => {
      const request = createRequest("DisassociatePhoneNumberFromUser", valid);
      await context.writes.run("DisassociatePhoneNumberFromUser", request);
      return { accountId: valid.accountId, userId: valid.userId };
    }),
} satisfies Partial<MutationResolvers>;

export const AssociatePhoneNumberWithUserPayload = {
  ...outcomeAndErrors,
  user: written(({ accountId, userId }: UserKey & PhoneNumberKey, context, info) =>
    readUser({ accountId, userId }, context, info),
  ),
  phoneNumber: writtenNumber,
};
