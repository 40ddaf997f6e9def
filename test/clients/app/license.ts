import type { ApolloClient } from "@apollo/client";
import { graphql } from "./gql/gql.js";
import type { UpdateUserInput } from "./gql/graphql.js";

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
 * @returns whether it was done, and what the person at the screen can fix
 * @throws the error if there is no payload: nothing was changed, unless the gateway could not be reached
 */
export async function updateUser(client: ApolloClient, input: UpdateUserInput) {
  const { data, error } = await client.mutate({
    mutation: UpdateUser,
    variables: { input },
    // By default the client throws away `outcome` if the user was changed but could not be read back.
    errorPolicy: "all",
  });
  if (!data?.updateUser) throw error ?? new Error("The gateway has sent no payload.");
  const { outcome, user, errors } = data.updateUser;
  // The change may have been made, but the response does not have the user: the screen needs it again.
  if (outcome !== "NOT_DONE" && !user) client.refetchQueries({ include: "active" });
  return { outcome, errors };
}
