import { constraintOf } from "../../chime-api/constraints.js";
import type { Camel } from "../../chime-api/names.js";
import { operations } from "../../chime-api/operations.js";
import { createRequest } from "../../chime-api/requests.js";
import type { OperationName, OutputOf, RequestOf } from "../../chime-api/types.js";
import { MalformedResponseError } from "../callErrors.js";
import { malformedResponse, readFailed } from "../errors.js";
import { type IdName, identified, idNames } from "../identity.js";

/** Operations whose output has pages. */
export type ListName = {
  [Name in OperationName]: OutputOf<Name> extends { NextToken?: string | undefined } ? Name : never;
}[OperationName];

/** The ids that a request requires: rows of its response get them if Chime leaves them out. */
type RequestedIds<Name extends OperationName> = {
  readonly [Member in keyof RequestOf<Name> & IdName as Partial<Pick<RequestOf<Name>, Member>> extends Pick<
    RequestOf<Name>,
    Member
  >
    ? never
    : Member]: string;
};

/** One of Chime's lists. Defined once, in the file of its rows' noun. */
export interface ListDefinition<Name extends ListName, Row extends object> {
  readonly operation: Name;
  /** Rows that Chime returns in one call at most. */
  readonly pageSize: number;
  /** @throws ChimeError if a row has no id, or another owner than requested */
  rowsOf(output: OutputOf<Name>, request: RequestOf<Name>): Row[];
  idOf(row: Row): string;
  /** Identifies the list by its operation and owner, whatever its filters are. */
  nameOf(request: object): string;
}

/** @param rows.idOf the row's id, stable and unique in the list */
export function defineList<Name extends ListName, Row extends object>(
  operation: Name,
  rows: {
    from(output: OutputOf<Name>): readonly Row[] | undefined;
    idOf(row: Row): string | undefined;
  },
): ListDefinition<Name, Row & RequestedIds<Name>> {
  return {
    operation,
    pageSize: constraintOf(operations[operation].input.name, "MaxResults").max ?? 1,
    rowsOf(output, request) {
      const found = rows.from(output);
      if (!found) throw malformedResponse(operation, "the list");
      return found.map((row) => {
        if (!rows.idOf(row)) throw malformedResponse(operation, "a row's id");
        return identified(operation, row, requestedIds(operation, request));
      }) as (Row & RequestedIds<Name>)[];
    },
    idOf: (row) => rows.idOf(row) ?? "",
    nameOf: (request) => JSON.stringify([operation, requestedIds(operation, request)]),
  };
}

/** An object of Chime's with a key, which is what its Get operation requires. Defined once, in the file of its noun. */
export interface EntityDefinition<Row extends object, Key> {
  readonly operation: OperationName;
  requestOf(key: Key): object;
  /**
   * @param by the operation of the response, if it is not the Get operation
   * @throws ChimeError if the response lacks the object, or has another than requested
   */
  rowOf(output: object, key: Key, by?: OperationName): Row;
  /** The list that has the same rows, if there is one. */
  readonly list?: EntityList<Row, Key> | undefined;
}

export interface EntityList<Row extends object, Key> {
  readonly definition: ListDefinition<ListName, Row>;
  requestOf(key: Key): object;
  idOf(key: Key): string;
  /** Whether the list may lack rows that exist. */
  readonly isFiltered: boolean;
}

/**
 * @param object.from the object in a response
 * @param list the list with the same rows. By default its request has the same members as the key, and the last required
 * member of the Get operation is the row's id
 */
export function defineEntity<
  Name extends OperationName,
  Row extends object,
  List extends ListName = never,
  Key = Camel<RequestOf<Name>>,
>(
  operation: Name,
  object: {
    from(output: OutputOf<Name>): Row | undefined;
    requestOf?(key: Key): RequestOf<Name>;
  },
  list?: {
    readonly definition: ListDefinition<List, Row & RequestedIds<List>>;
    requestOf?(key: Key): RequestOf<List>;
    idOf?(key: Key): string;
    readonly isFiltered?: boolean;
  },
): EntityDefinition<Row & RequestedIds<Name>, Key> {
  type Full = Row & RequestedIds<Name>;
  const requestOf =
    object.requestOf ?? ((key: Key) => createRequest(operation, key as Camel<RequestOf<Name>>));
  const idMember = [...operations[operation].input.members].findLast(([, { isRequired }]) => isRequired)?.[0];
  const idOf = list?.idOf ?? ((key: Key) => String(requestOf(key)[idMember as keyof RequestOf<Name>] ?? ""));
  return {
    operation,
    requestOf: (key) => requestOf(key) as object,
    rowOf(output, key, by = operation) {
      const row = object.from(output as OutputOf<Name>);
      if (!row) throw malformedResponse(by, "the object");
      const full = identified(by, row, requestedIds(operation, requestOf(key))) as Full;
      if (list && list.definition.idOf(full as never) !== idOf(key))
        throw readFailed(by, new MalformedResponseError("The response has another id than requested."));
      return full;
    },
    list: list && {
      definition: list.definition as unknown as ListDefinition<ListName, Full>,
      requestOf: (key) => list.requestOf?.(key) ?? requestedIds(list.definition.operation, requestOf(key)),
      idOf,
      isFiltered: list.isFiltered ?? false,
    },
  };
}

/** The ids that an operation requires, from a request. */
function requestedIds(operation: OperationName, request: unknown): Record<string, string> {
  const members: Readonly<Record<string, unknown>> = Object(request);
  const ids: Record<string, string> = {};
  for (const name of idNames)
    if (operations[operation].input.members.get(name)?.isRequired) ids[name] = String(members[name]);
  return ids;
}
