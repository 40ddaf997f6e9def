import type { ApolloClient } from "@apollo/client";
import { graphql } from "./gql/gql.js";
import type { InviteUsersInput } from "./gql/graphql.js";

const InviteUsers = graphql(`
  mutation InviteUsers($input: InviteUsersInput!) {
    inviteUsers(input: $input) {
      outcome
      results {
        index
        emailAddress
        outcome
        error {
          code
          message
          path
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

/** Invites people, and sorts them: invited; failed, each with the reason; and those to look up before they are invited again. */
export async function inviteUsers(client: ApolloClient, input: InviteUsersInput) {
  const { data, error } = await client.mutate({
    mutation: InviteUsers,
    variables: { input },
    errorPolicy: "all",
  });
  if (!data?.inviteUsers) throw error ?? new Error("The gateway has sent no payload.");
  const { outcome, results, errors } = data.inviteUsers;
  const addresses = (wanted: typeof outcome) =>
    results.filter((result) => result.outcome === wanted).map(({ emailAddress }) => emailAddress);
  return {
    outcome,
    errors,
    invited: addresses("DONE"),
    failed: results.filter((result) => result.outcome === "NOT_DONE"),
    unknown: addresses("UNKNOWN"),
  };
}
