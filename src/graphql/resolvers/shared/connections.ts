import type { Connection } from "../../../chime/reads/pagination.js";
import type { AccountConnectionResolvers, UserConnectionResolvers } from "../../../generated/schema.js";

/** A class because V8 would make a new shape for each object literal with a getter. */
class Edge<Row> {
  readonly #page: Connection<Row>;
  readonly #index: number;
  readonly node: Row;

  constructor(page: Connection<Row>, index: number, node: Row) {
    this.#page = page;
    this.#index = index;
    this.node = node;
  }

  get cursor(): string {
    return this.#page.cursor(this.#index);
  }
}

const edges = <Row>(page: Connection<Row>) => page.nodes.map((node, index) => new Edge(page, index, node));

function pageInfo({ nodes, cursor, endCursor, hasNextPage, hasPreviousPage }: Connection<unknown>) {
  const last = nodes.length - 1;
  return {
    hasNextPage,
    hasPreviousPage,
    startCursor: last < 0 ? null : cursor(0),
    endCursor: endCursor ?? (last < 0 ? null : cursor(last)),
  };
}

export const AccountConnection: AccountConnectionResolvers = {
  edges,
  nodes: (page) => page.nodes,
  pageInfo,
};

export const UserConnection: UserConnectionResolvers = {
  edges,
  nodes: (page) => page.nodes,
  pageInfo,
  scannedCount: ({ scannedCount, nodes }) => scannedCount ?? nodes.length,
};
