import { useQuery } from "@apollo/client/react";
import { explain } from "./errors.js";
import { graphql } from "./gql/index.js";
import { UserRow } from "./userRow.js";

const UserListQuery = graphql(`
  query UserList($accountId: ID!, $first: Int!, $after: String) {
    account(accountId: $accountId) {
      id
      name
      users(first: $first, after: $after) {
        edges {
          node {
            id
            ...UserRow
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

export function UserList({ accountId, pageSize = 100 }: { accountId: string; pageSize?: number }) {
  const { data, error, loading, fetchMore } = useQuery(UserListQuery, {
    variables: { accountId, first: pageSize },
    // Shows what was read although something else failed.
    errorPolicy: "all",
  });
  if (loading && !data) return <p>Loading…</p>;
  const message = error && <p role="alert">{explain(error)}</p>;
  if (!data?.account) return message ?? <p role="alert">There is no such account.</p>;

  const { name, users } = data.account;
  return (
    <section>
      <h1>{name}</h1>
      {/* If the users could not be read, the cache has an empty list. */}
      {message}
      <ul>
        {users?.edges.map(({ node }) => (
          <UserRow key={node.id} user={node} />
        ))}
      </ul>
      {!error && users?.pageInfo.hasNextPage && (
        <button type="button" onClick={() => fetchMore({ variables: { after: users.pageInfo.endCursor } })}>
          More
        </button>
      )}
    </section>
  );
}
