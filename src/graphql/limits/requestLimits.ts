import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { createEstimate, type Estimate } from "./estimate.js";
import { type Limits, overLimit } from "./limits.js";
import { type Selected, selectionsOf } from "./selections.js";
import { createValues } from "./values.js";

/**
 * @returns what the operation comes to with these variables
 * @throws LimitError if that is too much. The operation must be valid.
 */
export type RequestCheck = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
) => Estimate;

/** Compares what an operation asks for with the limits, before it is executed. */
export function createRequestCheck(schema: GraphQLSchema, limits: Limits): RequestCheck {
  const estimate = createEstimate(schema, limits);
  /** Documents are kept, and mostly come again with other variables. */
  const selections = new WeakMap<OperationDefinitionNode, readonly Selected[]>();

  return (document, operation, variables) => {
    let selected = selections.get(operation);
    if (!selected) {
      selected = selectionsOf(schema, document, operation);
      selections.set(operation, selected);
    }
    const found = estimate(selected, createValues(operation, variables, limits));
    for (const name of ["nodes", "calls", "values", "responseBytes"] as const) {
      const count = Math.ceil(found[name]);
      if (count > limits[name]) throw overLimit(limits, name, count);
    }
    return found;
  };
}
