import { type ApolloClient, CombinedGraphQLErrors } from "@apollo/client";
import { graphql } from "./gql/index.js";

/** The text to show when a query or a mutation failed. */
export function explain(error: unknown): string {
  if (!CombinedGraphQLErrors.is(error)) return "The gateway cannot be reached.";
  const { code, retryAfterSeconds } = error.errors[0]?.extensions ?? {};
  switch (code) {
    case "THROTTLED":
      return `Too many requests. Try again in ${retryAfterSeconds} s.`;
    case "UPSTREAM_UNAVAILABLE":
    case "UPSTREAM_TIMEOUT":
      return "Amazon Chime is not responding. Try again later.";
    default:
      return `Something went wrong (${code}).`;
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

/** A user that cannot be read is null, with an error of its own. The others have their data. */
export const readTeam = (client: ApolloClient, accountId: string, userIds: string[]) =>
  client.query({ query: Team, variables: { accountId, userIds }, errorPolicy: "all" });
