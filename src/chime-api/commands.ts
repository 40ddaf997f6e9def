import * as sdk from "@aws-sdk/client-chime";
import type { Command } from "@smithy/core/client";
import type { MetadataBearer } from "@smithy/types";
import type { OperationName, OutputOf, RequestOf } from "./types.js";

/** The SDK's command for an operation: `new GetUserCommand(request)`. */
export function createCommand<Name extends OperationName>(
  operation: Name,
  request: RequestOf<Name>,
): ChimeCommand<OutputOf<Name>> {
  // biome-ignore lint/performance/noDynamicNamespaceImportAccess: the name comes from the types
  const Command = sdk[`${operation}Command`] as unknown as new (
    input: RequestOf<Name>,
  ) => ChimeCommand<OutputOf<Name>>;
  return new Command(request);
}

/** The input of `ChimeClient.send`, with the output that it has. */
export type ChimeCommand<Output> = Command<
  sdk.ServiceInputTypes,
  Output & MetadataBearer,
  sdk.ChimeClientResolvedConfig,
  sdk.ServiceInputTypes,
  sdk.ServiceOutputTypes
>;
