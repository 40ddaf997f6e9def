import type { Connection } from "../../../chime/reads/pagination.js";
import type {
  AccountConnectionResolvers,
  AvailablePhoneNumberConnectionResolvers,
  PhoneNumberConnectionResolvers,
  PhoneNumberOrderConnectionResolvers,
  UserConnectionResolvers,
} from "../../../generated/schema.js";

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

function pageInfo({ nodes, cursor, hasNextPage, hasPreviousPage }: Connection<unknown>) {
  const last = nodes.length - 1;
  return {
    hasNextPage,
    hasPreviousPage,
    startCursor: last < 0 ? null : cursor(0),
    endCursor: last < 0 ? null : cursor(last),
  };
}

/** The resolvers of a connection. */
const connection = { edges, nodes: <Row>(page: Connection<Row>) => page.nodes, pageInfo };

export const AccountConnection: AccountConnectionResolvers = connection;
export const UserConnection: UserConnectionResolvers = connection;
export const PhoneNumberConnection: PhoneNumberConnectionResolvers = connection;
export const PhoneNumberOrderConnection: PhoneNumberOrderConnectionResolvers = connection;
export const AvailablePhoneNumberConnection: AvailablePhoneNumberConnectionResolvers = connection;
