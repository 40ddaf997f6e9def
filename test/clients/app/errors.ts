import { type ApolloClient, CombinedGraphQLErrors } from "@apollo/client";
import { graphql } from "./gql/gql.js";

/** What to tell a person when a query or a mutation was rejected. */
export function explain(error: unknown): string {
  if (!CombinedGraphQLErrors.is(error)) return "The gateway can't be reached.";
  const { code, retryAfterSeconds } = error.errors[0]?.extensions ?? {};
  switch (code) {
    case "THROTTLED":
      return `Too much at once. Try again in ${retryAfterSeconds} s.`;
    case "UPSTREAM_UNAVAILABLE":
    case "UPSTREAM_TIMEOUT":
      return "Amazon Chime does not answer. Try again later.";
    default:
      return `This should not happen (${code}).`;
  }
}

const Team = graphql(`
  query Team($accountId: ID!, $userIds: [ID!]!) {
    users(accountId: $accountId, userIds: $userIds) {
      id
      displayName
    }
  }
`);

/** One user that can't be read is null, with an error of its own: the others are shown. */
export const readTeam = (client: ApolloClient, accountId: string, userIds: string[]) =>
  client.query({ query: Team, variables: { accountId, userIds }, errorPolicy: "all" });
