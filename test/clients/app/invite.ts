import type { ApolloClient } from "@apollo/client";
import type { InviteUsersInput } from "./gql/graphql.js";
import { graphql } from "./gql/index.js";

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

/**
 * Invites people.
 *
 * @returns the addresses that were invited, the items that failed with their errors, and the addresses whose outcome is unknown:
 *   look those up before you invite them again
 */
export async function inviteUsers(client: ApolloClient, input: InviteUsersInput) {
  const { data, error } = await client.mutate({
    mutation: InviteUsers,
    variables: { input },
    errorPolicy: "all",
  });
  if (!data?.inviteUsers) throw error ?? new Error("The response has no payload.");
  const { outcome, results, errors } = data.inviteUsers;
  const addresses = (expected: typeof outcome) =>
    results.filter((result) => result.outcome === expected).map(({ emailAddress }) => emailAddress);
  return {
    outcome,
    errors,
    invited: addresses("DONE"),
    failed: results.filter((result) => result.outcome === "NOT_DONE"),
    unknown: addresses("UNKNOWN"),
  };
}
