import { GraphQLClient } from "graphql-request";
import { AccountUsers } from "./users.js";

/** The names of an account's first users, read by a script. */
export async function readNames(url: string, accountId: string, token?: string) {
  const client = new GraphQLClient(url, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  const { account } = await client.request(AccountUsers, { accountId, first: 100 });
  return account?.users?.edges.map(({ node }) => node.displayName);
}
