/** Responses of Chime that are corrupt in one place, and whether a corrupt value is in the gateway's response. */

import { createRandom } from "../support/random.js";

export interface Body {
  readonly [member: string]: unknown;
}

const user: Body = {
  UserId: "u",
  AccountId: "a",
  PrimaryEmail: "ada@example.com",
  PrimaryProvisionedNumber: "+12065550100",
  DisplayName: "Ada Lovelace",
  LicenseType: "ProTrial",
  UserType: "PrivateUser",
  UserRegistrationStatus: "Registered",
  UserInvitationStatus: "Accepted",
  RegisteredOn: "2019-06-04T09:01:00.000Z",
  InvitedOn: "2019-06-03T09:01:00.000Z",
  AlexaForBusinessMetadata: { IsAlexaForBusinessEnabled: true, AlexaForBusinessRoomArn: "arn:room" },
  PersonalPIN: "1000000007",
};

/** The intact responses of the three calls behind the query. */
export const intactBodies = {
  GetUser: { User: user },
  GetAccount: {
    Account: {
      AwsAccountId: "111122223333",
      AccountId: "a",
      Name: "Analytical Engines",
      AccountType: "EnterpriseDirectory",
      CreatedTimestamp: "2019-06-03T09:01:00.000Z",
      DefaultLicense: "Pro",
      SupportedLicenses: ["Basic", "Pro"],
      AccountStatus: "Active",
      SigninDelegateGroups: [{ GroupName: "front-desk" }],
    },
  },
  ListUsers: { Users: [user, { ...user, UserId: "v", PrimaryEmail: "grace@example.com" }] },
} as const satisfies Record<string, Body>;

export type MutatedOperation = keyof typeof intactBodies;
export const mutatedOperations = Object.keys(intactBodies) as MutatedOperation[];

/** The response to each call, one of them mutated if there is a number. */
export function textsOf(n?: number): Record<MutatedOperation, string> {
  const mutated = n === undefined ? undefined : mutatedOperations[n % mutatedOperations.length];
  return Object.fromEntries(
    mutatedOperations.map((operation) => [
      operation,
      operation === mutated
        ? mutate(intactBodies[operation], n ?? 0)
        : JSON.stringify(intactBodies[operation]),
    ]),
  ) as Record<MutatedOperation, string>;
}

/** Which of the three calls a request is. */
export const operationOf = (path: string): MutatedOperation => {
  if (path.startsWith("/accounts/a/users/")) return "GetUser";
  return path.startsWith("/accounts/a/users") ? "ListUsers" : "GetAccount";
};

const userFields = `accountId userId primaryEmail primaryProvisionedNumber displayName licenseType userType
  userRegistrationStatus userInvitationStatus registeredOn
  alexaForBusinessMetadata { isAlexaForBusinessEnabled alexaForBusinessRoomArn }`;

/** Selects everything in the three responses. */
export const everything = `{
  user(accountId: "a", userId: "u") { ${userFields} invitedOn personalPin }
  account(accountId: "a") {
    awsAccountId accountId name accountType createdTimestamp defaultLicense supportedLicenses accountStatus
    signinDelegateGroups { groupName }
    users(first: 2) { nodes { ${userFields} } }
  }
}`;

/** Values that replace a member's own: of each type, and unexpected ones. */
const replacements: readonly unknown[] = [
  null,
  true,
  false,
  0,
  42,
  -1.5,
  1e300,
  "",
  "oops",
  "9".repeat(400),
  [],
  ["oops"],
  [null],
  [[]],
  {},
  { UserId: 7 },
  { toString: "oops" },
  { toJSON: 1, constructor: null },
];

/** The nth mutation of a body, as text. The same number gives the same text. */
export function mutate(body: Body, n: number): string {
  const random = createRandom(n);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const text = JSON.stringify(body);
  if (random() < 0.6) {
    const copy = JSON.parse(text) as Body;
    const [holder, member] = pick([...placesIn({ copy })]);
    if (random() < 0.1) delete holder[member];
    else holder[member] = pick(replacements);
    return JSON.stringify(copy ?? null);
  }
  const at = Math.floor(random() * text.length);
  const to = at + Math.floor(random() * 20);
  return pick([
    () => text.slice(0, at),
    () => text.slice(0, at) + text.slice(to),
    () => text.slice(0, to) + text.slice(at),
    () =>
      text.slice(0, at) +
      pick(['"', "{", "}", "[", "]", ",", ":", "\\", "\0", "9", "null", "é"]) +
      text.slice(at),
    () => text.repeat(2),
    () => `<html>${text}</html>`,
    () => "",
  ])();
}

/** Every member of a value at any depth, by its holder and its name. */
function* placesIn(value: object): Generator<[Record<string, unknown>, string]> {
  for (const [member, inner] of Object.entries(value)) {
    yield [value as Record<string, unknown>, member];
    if (typeof inner === "object" && inner !== null) yield* placesIn(inner);
  }
}

type Check = (out: unknown, sent: unknown) => string[];

const same: Check = (out, sent) => (out === sent ? [] : ["is not what Chime sent"]);
const enumeration: Check = (out, sent) =>
  typeof out === "string" &&
  typeof sent === "string" &&
  out.replaceAll("_", "").toLowerCase() === sent.toLowerCase()
    ? []
    : ["is not what Chime sent"];
const date: Check = (out, sent) =>
  typeof out === "string" && typeof sent === "string" && Date.parse(out) === Date.parse(sent)
    ? []
    : ["is not what Chime sent"];
const string: Check = (out, sent) => (typeof out === "string" ? same(out, sent) : ["is not a string"]);
const boolean: Check = (out, sent) => (typeof out === "boolean" ? same(out, sent) : ["is not a boolean"]);
/** The id of the request may replace one that Chime omits. */
const id: Check = (out, sent) => (out === "a" || out === "u" ? [] : string(out, sent));

/** Null is always right: an error reports the corrupt response. */
const nullable =
  (check: Check): Check =>
  (out, sent) =>
    out === null || out === undefined ? [] : check(out, sent);

const list =
  (check: Check): Check =>
  (out, sent) => {
    if (!Array.isArray(out)) return ["is not a list"];
    const items: readonly unknown[] = Array.isArray(sent) ? sent : [];
    // An item that Chime sent as null may be left out, so positions may differ.
    return out.flatMap((item) => {
      const problems = items.map((candidate) => nullable(check)(item, candidate));
      return (
        problems.find(({ length }) => length === 0) ?? problems[0] ?? ["has items that Chime did not send"]
      );
    });
  };

const structure =
  (fields: Readonly<Record<string, readonly [member: string, check: Check]>>): Check =>
  (out, sent) => {
    if (typeof sent !== "object" || sent === null) return ["is there though Chime did not send it"];
    return Object.entries(fields).flatMap(([field, [member, check]]) =>
      nullable(check)((out as Body)[field], (sent as Body)[member]).map((problem) => `${field} ${problem}`),
    );
  };

const userCheck = structure({
  accountId: ["AccountId", id],
  userId: ["UserId", id],
  primaryEmail: ["PrimaryEmail", string],
  primaryProvisionedNumber: ["PrimaryProvisionedNumber", string],
  displayName: ["DisplayName", string],
  licenseType: ["LicenseType", enumeration],
  userType: ["UserType", enumeration],
  userRegistrationStatus: ["UserRegistrationStatus", enumeration],
  userInvitationStatus: ["UserInvitationStatus", enumeration],
  registeredOn: ["RegisteredOn", date],
  invitedOn: ["InvitedOn", date],
  personalPin: ["PersonalPIN", string],
  alexaForBusinessMetadata: [
    "AlexaForBusinessMetadata",
    structure({
      isAlexaForBusinessEnabled: ["IsAlexaForBusinessEnabled", boolean],
      alexaForBusinessRoomArn: ["AlexaForBusinessRoomArn", string],
    }),
  ],
});

const accountCheck = structure({
  awsAccountId: ["AwsAccountId", string],
  accountId: ["AccountId", id],
  name: ["Name", string],
  accountType: ["AccountType", enumeration],
  createdTimestamp: ["CreatedTimestamp", date],
  defaultLicense: ["DefaultLicense", enumeration],
  supportedLicenses: ["SupportedLicenses", list(enumeration)],
  accountStatus: ["AccountStatus", enumeration],
  signinDelegateGroups: ["SigninDelegateGroups", list(structure({ groupName: ["GroupName", string] }))],
});

/**
 * The values in a response that are neither null nor exactly what Chime sent, of the schema's type.
 * @param data the answer to `everything`
 * @param sent the texts that Chime sent; a text that is not JSON has no values
 */
export function wrongValues(
  // biome-ignore lint/suspicious/noExplicitAny: JSON
  data: any,
  sent: Readonly<Record<MutatedOperation, string>>,
): string[] {
  const member = (operation: MutatedOperation, name: string) =>
    (parse(sent[operation]) as Body | null | undefined)?.[name];
  return [
    ...nullable(userCheck)(data?.user, member("GetUser", "User")).map((problem) => `user ${problem}`),
    ...nullable(accountCheck)(data?.account, member("GetAccount", "Account")).map(
      (problem) => `account ${problem}`,
    ),
    ...nullable(list(userCheck))(data?.account?.users?.nodes, member("ListUsers", "Users")).map(
      (problem) => `users ${problem}`,
    ),
  ];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
