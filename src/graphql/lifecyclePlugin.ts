import type { ApolloServerPlugin } from "@apollo/server";
import { codesOf } from "../telemetry/errorCodes.js";
import type { RequestContext } from "./context.js";
import { operationHash } from "./operationHash.js";

const maxNameLength = 64;

/** Records the operation and the error codes of a request. It comes after plugins that add errors. */
export const lifecyclePlugin: ApolloServerPlugin<RequestContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({
        contextValue: { lifecycle },
        document,
        operation,
        operationName,
        request,
      }) {
        const name = safeName(operationName ?? request.operationName);
        lifecycle.operation = { name, type: operation?.operation ?? "", hash: operationHash(document) };
      },
      async willSendResponse({ contextValue: { lifecycle }, response: { body }, request }) {
        lifecycle.operation ??= { name: safeName(request.operationName), type: "" };
        if (body.kind !== "single") return;
        const codes = codesOf(body.singleResult.errors);
        lifecycle.codes = [...new Set([...codes, ...lifecycle.payloadCodes])];
      },
    };
  },
};

/** A router's suffix of the name of a client's operation: the subgraph and a number, `Team__chime__3`. */
const routerSuffix = /(?<=.)__\w+__\d+$/;

/** A client may send any text as the name of an operation that does not exist. */
const safeName = (name: unknown): string =>
  typeof name === "string" && /^[_a-z]\w*$/i.test(name)
    ? name.replace(routerSuffix, "").slice(0, maxNameLength)
    : "";
