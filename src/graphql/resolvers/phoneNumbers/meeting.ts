import { z } from "zod";
import { createRequest } from "../../../chime-api/requests.js";
import type {
  CreateMeetingDialOutInput,
  CreateMeetingDialOutPayloadResolvers,
  MutationResolvers,
} from "../../../generated/schema.js";
import { type MutationRules, runMutation } from "../shared/mutation.js";
import { outcomeAndErrors } from "../shared/payloads.js";
import { chimeText, phoneNumberId } from "../shared/validation.js";

const dialOut: MutationRules<CreateMeetingDialOutInput> = {
  rules: z.looseObject({
    meetingId: chimeText("MeetingId"),
    fromPhoneNumber: phoneNumberId,
    toPhoneNumber: phoneNumberId,
    joinToken: chimeText("JoinToken"),
  }),
  fieldErrors: {
    NotFound: { field: "meetingId", message: "is not the id of a meeting" },
    Forbidden: {
      field: "fromPhoneNumber",
      message: "is not a phone number of the AWS account that can make calls",
    },
  },
};

export const meetingMutations = {
  createMeetingDialOut: (_parent, { input }, context) =>
    runMutation(context, dialOut, input, (valid) =>
      context.writes.run("CreateMeetingDialOut", createRequest("CreateMeetingDialOut", valid)),
    ),
} satisfies Partial<MutationResolvers>;

export const CreateMeetingDialOutPayload: CreateMeetingDialOutPayloadResolvers = {
  ...outcomeAndErrors,
  transactionId: ({ value }) => value?.TransactionId,
};
