import { z } from "zod";
import { ErrorCode, malformedResponse } from "../../chime/errors.js";
import { identified } from "../../chime/identity.js";
import type { Loaders } from "../../chime/reads/loaders.js";
import type {
  DeleteAccountInput,
  DeleteAccountPayloadResolvers,
  MutationResolvers,
} from "../../generated/schema.js";
import { accountGlobalId } from "./globalId.js";
import {
  accountNotFound,
  type MutationRules,
  missingAccount,
  RejectedInputError,
  runMutation,
} from "./mutation.js";
import { chimeId } from "./validation.js";

const deletion: MutationRules<DeleteAccountInput> = {
  rules: z.looseObject({ accountId: chimeId }),
  fieldErrors: {
    NotFound: accountNotFound,
    Unprocessable: {
      field: "accountId",
      message: "is the id of an account that still has users who are not suspended, or claimed domains",
    },
  },
};

export const accountDeletionMutations = {
  deleteAccount: (_parent, { input }, context) =>
    runMutation(context, deletion, input, async (valid) => {
      await context.writes.run("DeleteAccount", { AccountId: valid.accountId }, () =>
        requireName(valid, context.loaders),
      );
      return accountGlobalId(valid.accountId);
    }),
} satisfies Partial<MutationResolvers>;

/** @throws RejectedInputError unless the account has exactly this name */
async function requireName({ accountId, confirmName }: DeleteAccountInput, loaders: Loaders): Promise<void> {
  // Not accountById, which may return a cached account with a former name.
  const output = await loaders.read("GetAccount", { AccountId: accountId });
  if (!output) throw missingAccount();
  if (!output.Account) throw malformedResponse("GetAccount", "Account");
  const { Name } = identified("GetAccount", output.Account, { AccountId: accountId });
  if (Name === confirmName) return;
  throw new RejectedInputError({
    code: ErrorCode.BadRequest,
    message: "is not the account's name",
    path: ["confirmName"],
  });
}

export const DeleteAccountPayload: DeleteAccountPayloadResolvers = {
  outcome: ({ outcome }) => outcome,
  deletedId: ({ value }) => value,
  errors: ({ errors }) => errors,
};
