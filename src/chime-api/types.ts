import type * as sdk from "@aws-sdk/client-chime";
import type { Command } from "@smithy/core/client";

type Sdk = typeof sdk;

/** The operations of the Chime API, from the SDK's command classes. */
export type OperationName = {
  [Name in keyof Sdk]: Name extends `${infer Operation}Command` ? Exclude<Operation, "$"> : never;
}[keyof Sdk];

type CommandOf<Name extends OperationName> = Sdk[`${Name}Command`] extends abstract new (
  ...input: never[]
) => infer Instance
  ? Instance
  : never;

export type RequestOf<Name extends OperationName> =
  CommandOf<Name> extends { readonly input: infer Input } ? Input : never;

export type OutputOf<Name extends OperationName> =
  // biome-ignore lint/suspicious/noExplicitAny: only one of a command's five types is needed
  CommandOf<Name> extends Command<any, infer Output, any, any, any> ? Omit<Output, "$metadata"> : never;

/** A value after validation: required members, which the SDK types as `string | undefined`, are present. */
export type Valid<Value> = Value extends (infer Item)[]
  ? Valid<Item>[]
  : Value extends object
    ? {
        [Member in keyof Value]: Partial<Pick<Value, Member>> extends Pick<Value, Member>
          ? Valid<Value[Member]>
          : Valid<Exclude<Value[Member], undefined>>;
      }
    : Value;

/** A server's implementation of each operation. */
export type Operations = {
  readonly [Name in OperationName]: (input: Valid<RequestOf<Name>>) => OutputOf<Name>;
};
