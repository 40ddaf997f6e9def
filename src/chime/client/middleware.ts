import type { ChimeClient, ServiceOutputTypes } from "@aws-sdk/client-chime";
import type { HttpRequest, HttpResponse } from "@smithy/core/protocols";
import { getSmithyContext, toEndpointV1 } from "@smithy/core/transport";
import type {
  $ClientProtocol,
  EndpointV2,
  HandlerExecutionContext,
  StaticOperationSchema,
} from "@smithy/types";
import type { SdkError } from "../callErrors.js";

type Protocol = $ClientProtocol<HttpRequest, HttpResponse>;
type Serialization = Parameters<Protocol["serializeRequest"]>[2];
type Deserialization = Parameters<Protocol["deserializeResponse"]>[1];

/**
 * Replaces the SDK's middlewares that serialize a request and deserialize its response: those copy the client's whole
 * configuration, a fifth of the CPU of a call (see docs/performance.md).
 */
export function replaceSerialization({ config, middlewareStack }: ChimeClient): void {
  const protocol = config.protocol as Protocol;
  middlewareStack.add(
    (next, context) => async (args) => {
      const endpoint = async () => toEndpointV1(context.endpointV2 as EndpointV2);
      const serialization = { endpoint } as Serialization;
      const request = await protocol.serializeRequest(operationOf(context), args.input, serialization);
      return next({ ...args, request });
    },
    { name: "serializerMiddleware", step: "serialize", tags: ["SERIALIZER"], override: true },
  );
  middlewareStack.add(
    (next, context) => async (args) => {
      const response = (await next(args)).response as HttpResponse;
      try {
        const output = await protocol.deserializeResponse<ServiceOutputTypes>(
          operationOf(context),
          config as unknown as Deserialization,
          response,
        );
        return { response, output };
      } catch (error) {
        throw addResponse(error as SdkError, response);
      }
    },
    { name: "deserializerMiddleware", step: "deserialize", tags: ["DESERIALIZER"], override: true },
  );
}

function operationOf(context: HandlerExecutionContext) {
  const schema = getSmithyContext(context)["operationSchema"] as StaticOperationSchema;
  const [, namespace, name, traits, input, output] = schema;
  return { namespace, name, traits, input, output };
}

/** The SDK's middlewares and ours read these. */
function addResponse(error: SdkError, response: HttpResponse): Error {
  const { statusCode: httpStatusCode, headers } = response;
  Object.defineProperty(error, "$response", { value: response });
  return "$metadata" in error
    ? error
    : Object.assign(error, { $metadata: { httpStatusCode, requestId: headers["x-amzn-requestid"] } });
}
