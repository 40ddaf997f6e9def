import type { ApolloClient } from "@apollo/client";
import { graphql } from "./gql/gql.js";

export const AccountUsers = graphql(`
  query AccountUsers($accountId: ID!, $first: Int!, $after: String) {
    account(accountId: $accountId) {
      id
      name
      users(first: $first, after: $after) {
        edges {
          node {
            id
            userId
            displayName
            licenseType
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

/** What is on screen: subscribe to it, and it tells of every change. */
export const watchUsers = (client: ApolloClient, accountId: string) =>
  client.watchQuery({ query: AccountUsers, variables: { accountId, first: 100 } });

/** Adds the next page to what is on screen; false if there is none. */
export async function showMore(users: ReturnType<typeof watchUsers>): Promise<boolean> {
  const pageInfo = users.getCurrentResult().data?.account?.users?.pageInfo;
  if (!pageInfo?.hasNextPage) return false;
  await users.fetchMore({ variables: { after: pageInfo.endCursor } });
  return true;
}
