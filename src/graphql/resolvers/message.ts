import { z } from "zod";
import { createRequest } from "../../chime-api/requests.js";
import type {
  MutationResolvers,
  RedactConversationMessageInput,
  RedactRoomMessageInput,
} from "../../generated/schema.js";
import { enterpriseOnly, type MutationRules, runMutation } from "./shared/mutation.js";
import { chimeId, roomIds } from "./shared/validation.js";

const roomMessage: MutationRules<RedactRoomMessageInput> = {
  rules: roomIds.extend({ messageId: chimeId }),
  fieldErrors: enterpriseOnly,
};
const conversationMessage: MutationRules<RedactConversationMessageInput> = {
  rules: z.looseObject({ accountId: chimeId, conversationId: chimeId, messageId: chimeId }),
  fieldErrors: enterpriseOnly,
};

export const messageMutations = {
  redactRoomMessage: (_parent, { input }, context) =>
    runMutation(context, roomMessage, input, async (valid) => {
      await context.writes.run("RedactRoomMessage", createRequest("RedactRoomMessage", valid));
      return valid;
    }),

  redactConversationMessage: (_parent, { input }, context) =>
    runMutation(context, conversationMessage, input, async (valid) => {
      const request = createRequest("RedactConversationMessage", valid);
      await context.writes.run("RedactConversationMessage", request);
      return valid.accountId;
    }),
} satisfies Partial<MutationResolvers>;
