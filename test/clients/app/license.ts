import type { ApolloClient } from "@apollo/client";
import { graphql } from "./gql/gql.js";
import type { UpdateUserInput } from "./gql/graphql.js";

export const UpdateUser = graphql(`
  mutation UpdateUser($input: UpdateUserInput!) {
    updateUser(input: $input) {
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

/** Answers with what the person at the screen can mend: nothing if the user was changed. */
export async function updateUser(client: ApolloClient, input: UpdateUserInput) {
  const { data } = await client.mutate({ mutation: UpdateUser, variables: { input } });
  return data?.updateUser?.errors ?? [];
}
