import * as sdk from "@aws-sdk/client-chime";
import { NormalizedSchema } from "@smithy/core/schema";
import { describe, expect, test } from "vitest";

const operations = [
  sdk.AssociateSigninDelegateGroupsWithAccount$,
  sdk.BatchUpdateUser$,
  sdk.CreateAccount$,
  sdk.CreateUser$,
  sdk.DisassociateSigninDelegateGroupsFromAccount$,
  sdk.GetAccount$,
  sdk.GetUser$,
  sdk.InviteUsers$,
  sdk.ListAccounts$,
  sdk.ListUsers$,
  sdk.ResetPersonalPIN$,
  sdk.UpdateAccount$,
  sdk.UpdateUser$,
];

describe("what src/chime/protocol.ts takes for granted of the SDK's schemas", () => {
  test("no member of an answer comes from a header or the status: all of it is in the body, under its own name", () => {
    const bound = operations.flatMap(([, , name, , , output]) =>
      [...NormalizedSchema.of(output).structIterator()]
        .filter(([, member]) => {
          const { httpHeader, httpPrefixHeaders, httpPayload, httpResponseCode, jsonName } =
            member.getMergedTraits();
          return httpHeader ?? httpPrefixHeaders ?? httpPayload ?? httpResponseCode ?? jsonName;
        })
        .map(([member]) => `${name}.${member}`),
    );
    expect(bound).toEqual([]);
  });

  test("all timestamps are ISO 8601", () => {
    const formats = new Set(
      operations.flatMap(([, , , , , output]) => timestampsIn(NormalizedSchema.of(output))),
    );
    // 5 is the SDK's number for date-time.
    expect([...formats]).toEqual([5]);
  });
});

function timestampsIn(schema: NormalizedSchema): unknown[] {
  if (schema.isStructSchema())
    return [...schema.structIterator()].flatMap(([, member]) => timestampsIn(member));
  if (schema.isListSchema()) return timestampsIn(schema.getValueSchema());
  return schema.isTimestampSchema() ? [schema.getSchema()] : [];
}
