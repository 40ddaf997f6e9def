import type { ApolloClient } from "@apollo/client";
import type { UpdateUserInput } from "./gql/graphql.js";
import { graphql } from "./gql/index.js";

export const UpdateUser = graphql(`
  mutation UpdateUser($input: UpdateUserInput!) {
    updateUser(input: $input) {
      outcome
      user {
        id
        licenseType
      }
      errors {
        code
        message
        path
      }
    }
  }
`);

/**
 * Changes a user.
 *
 * @returns the outcome, and the errors that the person at the screen can correct
 * @throws the error if there is no payload. Nothing was changed then, unless the gateway could not be reached
 */
export async function updateUser(client: ApolloClient, input: UpdateUserInput) {
  const { data, error } = await client.mutate({
    mutation: UpdateUser,
    variables: { input },
    // By default Apollo Client discards `outcome` if the user was changed but could not be read back.
    errorPolicy: "all",
  });
  if (!data?.updateUser) throw error ?? new Error("The response has no payload.");
  const { outcome, user, errors } = data.updateUser;
  // The change was or may have been made, but the response lacks the user: read again what is on screen.
  if (outcome !== "NOT_DONE" && !user) client.refetchQueries({ include: "active" });
  return { outcome, errors };
}
