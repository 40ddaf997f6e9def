import type { ApolloServerPlugin } from "@apollo/server";
import { codesOf } from "../telemetry/errorCodes.js";
import type { RequestContext } from "./context.js";

const maxNameLength = 64;

/** Records the operation and the error codes of a request. It comes after plugins that add errors. */
export const lifecyclePlugin: ApolloServerPlugin<RequestContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ contextValue: { lifecycle }, operation, operationName, request }) {
        const name = safeName(operationName ?? request.operationName);
        lifecycle.operation = { name, type: operation?.operation ?? "" };
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

/** A client may send any text as the name of an operation that does not exist. */
const safeName = (name: unknown): string =>
  typeof name === "string" && /^[_a-z]\w*$/i.test(name) ? name.slice(0, maxNameLength) : "";
