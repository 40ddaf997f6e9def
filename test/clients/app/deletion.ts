import type { ApolloClient } from "@apollo/client";
import type { BatchSuspendUserInput, DeleteAccountInput } from "./gql/graphql.js";
import { graphql } from "./gql/index.js";

const SuspendUsers = graphql(`
  mutation SuspendUsers($input: BatchSuspendUserInput!) {
    batchSuspendUser(input: $input) {
      outcome
      results {
        userId
        outcome
        error {
          code
          message
        }
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

/** Suspends up to 500 users. Returns the items that failed or whose outcome is unknown, with their errors. */
export async function suspendUsers(client: ApolloClient, input: BatchSuspendUserInput) {
  const { data, error } = await client.mutate({
    mutation: SuspendUsers,
    variables: { input },
    errorPolicy: "all",
    // Suspended users of a Team account leave it.
    refetchQueries: "active",
  });
  if (!data?.batchSuspendUser) throw error ?? new Error("The response has no payload.");
  const { outcome, results, errors } = data.batchSuspendUser;
  return { outcome, errors, failed: results.filter((result) => result.outcome !== "DONE") };
}

const DeleteAccount = graphql(`
  mutation DeleteAccount($input: DeleteAccountInput!) {
    deleteAccount(input: $input) {
      outcome
      deletedId
      errors {
        code
        message
        path
      }
    }
  }
`);

/** Deletes an account. `confirmName` is the name that the person at the screen has typed. */
export async function deleteAccount(client: ApolloClient, input: DeleteAccountInput) {
  const { data, error } = await client.mutate({
    mutation: DeleteAccount,
    variables: { input },
    errorPolicy: "all",
  });
  if (!data?.deleteAccount) throw error ?? new Error("The response has no payload.");
  const { outcome, deletedId, errors } = data.deleteAccount;
  if (deletedId) {
    client.cache.evict({ id: `Account:${deletedId}` });
    // Removes its users too.
    client.cache.gc();
  }
  return { outcome, errors };
}
