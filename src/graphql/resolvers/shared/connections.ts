import { z } from "zod";
import type { ListDefinition, ListName } from "../../../chime/reads/definitions.js";
import type { Loaders } from "../../../chime/reads/loaders.js";
import type { Connection } from "../../../chime/reads/pagination.js";
import type { Camel } from "../../../chime-api/names.js";
import type { RequestOf } from "../../../chime-api/types.js";
import type { UserConnectionResolvers } from "../../../generated/schema.js";
import { defaultPageSize, pageArguments, validate } from "./validation.js";

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

/** The resolvers of every connection. */
export const connection = {
  edges,
  nodes: <Row>(page: Connection<Row>) => page.nodes,
  pageInfo,
};

/** The arguments of a connection without filters. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

const pageRules = z.looseObject(pageArguments);

/**
 * Reads a page of one of Chime's lists.
 *
 * @param pageSize rows if `first` is null: the default that the SDL has for an absent `first`
 * @throws InvalidInputError for invalid arguments
 */
export async function readPage<Name extends ListName, Row extends object>(
  list: ListDefinition<Name, Row>,
  filter: Camel<RequestOf<Name>>,
  args: PageArguments,
  loaders: Loaders,
  pageSize = defaultPageSize,
): Promise<Connection<Row>> {
  const { first, after } = validate(pageRules, args);
  return loaders.page(list, filter, { first: first ?? pageSize, after });
}

export const UserConnection: UserConnectionResolvers = {
  ...connection,
  scannedCount: ({ scannedCount, nodes }) => scannedCount ?? nodes.length,
};
