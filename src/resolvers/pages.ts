import type { AccountPage, Connection, UserPage } from "../chime/pages.js";
import type { AccountConnectionResolvers, UserConnectionResolvers } from "../generated/schema.js";

const edges = <Row>({ nodes, cursor }: Connection<Row>) =>
  nodes.map((node, index) => ({
    node,
    get cursor() {
      return cursor(index);
    },
  }));

function pageInfo({ nodes, cursor, hasNextPage, hasPreviousPage }: Connection<unknown>) {
  const last = nodes.length - 1;
  return {
    hasNextPage,
    hasPreviousPage,
    startCursor: last < 0 ? null : cursor(0),
    endCursor: last < 0 ? null : cursor(last),
  };
}

export const AccountConnection: AccountConnectionResolvers = {
  edges: (page: AccountPage) => edges(page),
  nodes: (page) => page.nodes,
  pageInfo,
};

export const UserConnection: UserConnectionResolvers = {
  edges: (page: UserPage) => edges(page),
  nodes: (page) => page.nodes,
  pageInfo,
};
