import { z } from "zod";
import { ErrorCode } from "../../chime/errors.js";
import type { Loaders } from "../../chime/reads/loaders.js";
import type {
  DeleteAccountInput,
  DeleteAccountPayloadResolvers,
  MutationResolvers,
} from "../../generated/schema.js";
import { accountGlobalId } from "./shared/globalId.js";
import {
  accountNotFound,
  type MutationRules,
  missingAccount,
  RejectedInputError,
  rejected,
  runMutation,
} from "./shared/mutation.js";
import { deletionPayload } from "./shared/payloads.js";
import { chimeId } from "./shared/validation.js";

const deletion: MutationRules<DeleteAccountInput> = {
  rules: z.looseObject({ accountId: chimeId }),
  fieldErrors: {
    NotFound: accountNotFound,
    // The name is not sent.
    BadRequest: { field: "accountId", message: rejected },
    Unprocessable: {
      field: "accountId",
      message:
        "is the id of an account with active users or claimed domains. Suspend the users, and release the domains in the Chime console",
    },
  },
};

export const accountDeletionMutations = {
  deleteAccount: (_parent, { input }, context) =>
    runMutation(context, deletion, input, async (valid) => {
      await context.writes.deleteAccount(valid.accountId, () => requireName(valid, context.loaders));
      return accountGlobalId(valid.accountId);
    }),
} satisfies Partial<MutationResolvers>;

/** @throws RejectedInputError unless the account has exactly this name */
async function requireName({ accountId, confirmName }: DeleteAccountInput, loaders: Loaders): Promise<void> {
  const account = await loaders.accountFresh(accountId);
  if (!account) throw missingAccount();
  if (account.Name === confirmName) return;
  throw new RejectedInputError({
    code: ErrorCode.BadRequest,
    message: "is not the account's name",
    path: ["confirmName"],
  });
}

export const DeleteAccountPayload: DeleteAccountPayloadResolvers = deletionPayload;
