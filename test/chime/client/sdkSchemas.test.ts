import { createRequire } from "node:module";
import * as sdk from "@aws-sdk/client-chime";
import { NormalizedSchema } from "@smithy/core/schema";
import { describe, expect, test } from "vitest";
import { operations } from "../../../src/chime-api/operations.js";

const used = [
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

describe("the SDK's schemas of responses (src/chime/client/protocol.ts):", () => {
  test("no member of a response comes from a header or the status: all members are in the body, under their own names", () => {
    const bound = used.flatMap(([, , name, , , output]) =>
      [...NormalizedSchema.of(output).structIterator()]
        .filter(([, member]) => {
          const { httpHeader, httpPrefixHeaders, httpPayload, httpResponseCode, jsonName } =
            member.getMergedTraits();
          return httpHeader ?? httpPrefixHeaders ?? httpPayload ?? httpResponseCode ?? jsonName;
        })
        .map(([member]) => `${name}.${member}`),
    );
    expect(bound, "ChimeProtocol only reads bodies: extend it for this member.").toEqual([]);
  });

  test("all timestamps are ISO 8601", () => {
    const formats = new Set(used.flatMap(([, , , , , output]) => timestampsIn(NormalizedSchema.of(output))));
    // 5 is the SDK's number for date-time.
    expect([...formats], "readDate in src/chime/client/protocol.ts only reads ISO 8601.").toEqual([5]);
  });
});

// What src/chime-api/operations.ts reads:

const require = createRequire(import.meta.url);
const fromSdk = createRequire(require.resolve("@aws-sdk/client-chime"));

const routeOf = (name: string) => {
  const operation = Object.values(operations).find((candidate) => candidate.name === name);
  const query = operation && [...operation.literals].map(([key, value]) => `?${key}=${value}`).join("");
  return operation && `${operation.method} /${operation.segments.join("/")}${query} ${operation.status}`;
};

test("the SDK exports the schemas of 62 operations: arrays of kind, namespace, name, traits, input and output", () => {
  expect(
    Object.keys(operations),
    "An operation schema is no longer an array that starts with 9.",
  ).toHaveLength(62);
  const [kind, namespace, name, traits, input, output] = sdk.GetUser$;
  expect({ kind, namespace, name, traits }, "The members of operation schemas have moved.").toEqual({
    kind: 9,
    namespace: "com.amazonaws.chime",
    name: "GetUser",
    traits: { http: ["GET", "/accounts/{AccountId}/users/{UserId}", 200] },
  });
  for (const schema of [input, output])
    expect(NormalizedSchema.of(schema).isStructSchema(), "Inputs and outputs are no longer structures.").toBe(
      true,
    );
});

test("the SDK exports the schemas of errors, with their HTTP status", () => {
  expect(sdk.NotFoundException$.slice(0, 3), "The members of error schemas have moved.").toEqual([
    -3,
    "com.amazonaws.chime",
    "NotFoundException",
  ]);
  const { httpError } = NormalizedSchema.of(sdk.NotFoundException$).getMergedTraits();
  expect(httpError, "The status of an error is no longer in the trait httpError.").toBe(404);
});

test("the SDK and this package share one copy of @smithy/core", () => {
  expect(
    require.resolve("@smithy/core/schema"),
    "Two copies of @smithy/core: its classes would not know each other's schemas. Depend on the SDK's version.",
  ).toBe(fromSdk.resolve("@smithy/core/schema"));
});

test.each([
  ["CreateAccount", "POST /accounts 201"],
  ["ListAccounts", "GET /accounts 200"],
  ["GetAccount", "GET /accounts/{AccountId} 200"],
  ["UpdateAccount", "POST /accounts/{AccountId} 200"],
  [
    "AssociateSigninDelegateGroupsWithAccount",
    "POST /accounts/{AccountId}?operation=associate-signin-delegate-groups 200",
  ],
  [
    "DisassociateSigninDelegateGroupsFromAccount",
    "POST /accounts/{AccountId}?operation=disassociate-signin-delegate-groups 200",
  ],
  ["CreateUser", "POST /accounts/{AccountId}/users?operation=create 201"],
  ["InviteUsers", "POST /accounts/{AccountId}/users?operation=add 201"],
  ["BatchUpdateUser", "POST /accounts/{AccountId}/users 200"],
  ["ListUsers", "GET /accounts/{AccountId}/users 200"],
  ["GetUser", "GET /accounts/{AccountId}/users/{UserId} 200"],
  ["UpdateUser", "POST /accounts/{AccountId}/users/{UserId} 200"],
  ["ResetPersonalPIN", "POST /accounts/{AccountId}/users/{UserId}?operation=reset-personal-pin 200"],
])("%s is %s", (name, route) => {
  expect(routeOf(name), "A route has changed, or its http trait is read wrongly.").toBe(route);
});

test("query members keep their names on the wire", () => {
  expect(
    [...operations.ListUsers.queryParameters],
    "The trait httpQuery is no longer where NormalizedSchema looks.",
  ).toEqual([
    ["UserEmail", "user-email"],
    ["UserType", "user-type"],
    ["MaxResults", "max-results"],
    ["NextToken", "next-token"],
  ]);
});

function timestampsIn(schema: NormalizedSchema): unknown[] {
  if (schema.isStructSchema())
    return [...schema.structIterator()].flatMap(([, member]) => timestampsIn(member));
  if (schema.isListSchema()) return timestampsIn(schema.getValueSchema());
  return schema.isTimestampSchema() ? [schema.getSchema()] : [];
}
