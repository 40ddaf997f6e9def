import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { phoneNumberGlobalId } from "../../../src/graphql/resolvers/shared/globalId.js";
import { startOnResponses, useHarness } from "../../support/fixture.js";
import { ask } from "../../support/graphqlClient.js";

const harness = useHarness();
const { teamAccountId, largeAccountId, userId, assignedNumber, freeNumber, deletedNumber } = SEED;
const encoded = (number: string) => number.replace("+", "%2B");

interface Row {
  readonly e164PhoneNumber: string;
}

/** Each number by a field of its own. */
const queryOf = (ids: readonly string[], selection = "e164PhoneNumber") =>
  `{ ${ids.map((id, n) => `n${n}: phoneNumber(phoneNumberId: "${id}") { ${selection} }`).join(" ")} }`;

/** The first numbers of the AWS account. */
async function numbers(count: number): Promise<string[]> {
  const { data } = await harness.ask(`{ phoneNumbers(first: ${count}) { nodes { e164PhoneNumber } } }`);
  await harness.forgetCalls();
  return data.phoneNumbers.nodes.map((row: Row) => row.e164PhoneNumber);
}

describe("phoneNumber", () => {
  test.each([
    assignedNumber,
    encoded(assignedNumber),
    encoded(assignedNumber).toLowerCase(),
    assignedNumber.slice(1),
  ])("accepts the id in the form %s, and returns the same phone number", async (id) => {
    const { data, errors } = await harness.ask(
      queryOf([id], "id phoneNumberId e164PhoneNumber status associations { name value }"),
    );

    expect(errors).toBeUndefined();
    expect(data.n0).toEqual({
      id: phoneNumberGlobalId(assignedNumber),
      phoneNumberId: encoded(assignedNumber),
      e164PhoneNumber: assignedNumber,
      status: "ASSIGNED",
      associations: [
        { name: "ACCOUNT_ID", value: teamAccountId },
        { name: "USER_ID", value: userId },
      ],
    });
    const [arrival] = await harness.arrivals();
    expect(arrival?.path).toBe(`/phone-numbers/${encoded(assignedNumber)}`);
  });

  test("is null for an unknown number, and an error for text that is not a number", async () => {
    const { data, errors = [] } = await harness.ask(queryOf(["+12065559999", "../x", "12 34"]));

    expect(data).toEqual({ n0: null, n1: null, n2: null });
    expect(errors.map(({ path, message }) => [path, message])).toEqual(
      ["n1", "n2"].map((field) => [[field], "phoneNumberId must be a phone number in E.164 format"]),
    );
    expect(await harness.calls()).toEqual({ GetPhoneNumber: 1 });
  });

  test("reads two numbers by GetPhoneNumber, and many from the list, also those in the deletion queue", async () => {
    await harness.ask(queryOf([assignedNumber, freeNumber]));
    expect(await harness.calls()).toEqual({ GetPhoneNumber: 2 });

    const listed = await numbers(90);
    const wanted = [...listed, encoded(assignedNumber), assignedNumber];
    const { data, errors } = await harness.ask(
      `query ($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on PhoneNumber { e164PhoneNumber } } }`,
      { representations: wanted.map((id) => ({ __typename: "PhoneNumber", e164PhoneNumber: id })) },
    );
    expect(errors).toBeUndefined();
    expect(data._entities.map((row: Row) => row.e164PhoneNumber)).toEqual(
      wanted.map((id) => id.replace("%2B", "+")),
    );
    expect(await harness.calls()).toEqual({ ListPhoneNumbers: 1 });

    await harness.forgetCalls();
    const rest = await harness.ask(queryOf([freeNumber, deletedNumber, "+12065559999", "+12065559998"]));
    expect(Object.values(rest.data as Record<string, Row | null>).map((row) => row?.e164PhoneNumber)).toEqual(
      [freeNumber, deletedNumber, undefined, undefined],
    );
    expect(await harness.countCalls()).toBeLessThanOrEqual(5);
  });

  test("leads to the account and the user, and from a user of a list to the number", async () => {
    const { data } = await harness.ask(
      queryOf([assignedNumber], "account { accountId } user { userId phoneNumber { e164PhoneNumber } }"),
    );

    expect(data.n0).toEqual({
      account: { accountId: teamAccountId },
      user: { userId, phoneNumber: { e164PhoneNumber: assignedNumber } },
    });
    expect(await harness.calls()).toEqual({ GetPhoneNumber: 1, GetAccount: 1, GetUser: 1 });
  });

  test("has neither account nor user while it is free", async () => {
    const { data } = await harness.ask(
      queryOf([freeNumber], "associations { name } account { id } user { id }"),
    );

    expect(data.n0).toEqual({ associations: [], account: null, user: null });
  });

  test("that Chime returns for another one is an error, and is not shown", async () => {
    const url = await startOnResponses(() => ({ PhoneNumber: { PhoneNumberId: "%2B12065550111" } }));
    const answer = await ask(url, { query: queryOf(["+12065550100"]) });

    expect(answer.data).toEqual({ n0: null });
    expect(JSON.stringify(answer)).not.toContain("2065550111");
  });
});

describe("User.phoneNumber", () => {
  test("of 100 users takes one list of their account, and no call for users without a number", async () => {
    const userIds = await harness.userIds(largeAccountId, 100);
    const { data, errors } = await harness.ask(
      `query ($accountId: ID!, $userIds: [ID!]!) { users(accountId: $accountId, userIds: $userIds) {
        primaryProvisionedNumber phoneNumber { e164PhoneNumber } } }`,
      { accountId: largeAccountId, userIds },
    );

    expect(errors).toBeUndefined();
    for (const { primaryProvisionedNumber: number, phoneNumber } of data.users)
      expect(phoneNumber).toEqual(number && { e164PhoneNumber: number });
    expect(data.users.filter((user: { phoneNumber: unknown }) => user.phoneNumber).length).toBeGreaterThan(
      20,
    );
    expect(await harness.calls()).toEqual({ ListUsers: 1, ListPhoneNumbers: 1 });
  });

  test("that the account's list lacks is read by itself", async () => {
    const users = [0, 1, 2].map((n) => ({
      UserId: `user-${n}`,
      PrimaryProvisionedNumber: `+1206555010${n}`,
    }));
    const url = await startOnResponses(({ pathname, searchParams }) => {
      if (pathname.endsWith("/users")) return { Users: users };
      const id = /^\/phone-numbers\/(.+)$/.exec(pathname)?.[1];
      if (id) return { PhoneNumber: { PhoneNumberId: id } };
      expect(searchParams.get("filter-value")).toBe("a");
      return { PhoneNumbers: [{ E164PhoneNumber: "+12065550100" }] };
    });
    const { data } = await ask(url, {
      query: `{ users(accountId: "a", userIds: ["user-0", "user-1", "user-2"]) { phoneNumber { e164PhoneNumber } } }`,
    });

    expect(data.users.map((user: { phoneNumber: Row }) => user.phoneNumber.e164PhoneNumber)).toEqual(
      users.map(({ PrimaryProvisionedNumber }) => PrimaryProvisionedNumber),
    );
  });
});

describe("phoneNumbers", () => {
  const page = (args: string) =>
    `phoneNumbers${args} { nodes { e164PhoneNumber } pageInfo { hasNextPage endCursor } }`;

  test("has 150 rows in two calls, and continues after its cursor", async () => {
    const { data } = await harness.ask(`{ ${page("(first: 150)")} }`);
    const calls = await harness.calls();
    const { nodes, pageInfo } = data.phoneNumbers;
    const { data: next } = await harness.ask(`{ ${page(`(first: 5, after: "${pageInfo.endCursor}")`)} }`);
    const { data: both } = await harness.ask(`{ ${page("(first: 155)")} }`);

    expect(nodes).toHaveLength(150);
    expect(calls).toEqual({ ListPhoneNumbers: 2 });
    expect([...nodes, ...next.phoneNumbers.nodes]).toEqual(both.phoneNumbers.nodes);
  });

  test("is filtered by status, by use, and by what the numbers are assigned to", async () => {
    const { data } = await harness.ask(`{
      free: ${page("(status: UNASSIGNED)")}
      deleted: ${page("(status: RELEASE_IN_PROGRESS, productType: BUSINESS_CALLING)")}
      other: ${page("(productType: SIP_MEDIA_APPLICATION_DIAL_IN)")}
      ofUser: ${page(`(association: { name: USER_ID, value: "${userId}" })`)} }`);
    const of = (name: string) => data[name].nodes.map((row: Row) => row.e164PhoneNumber);

    expect(of("free")).toHaveLength(5);
    expect([of("deleted"), of("other"), of("ofUser")]).toEqual([[deletedNumber], [], [assignedNumber]]);
  });

  test("of an account is read together with the account", async () => {
    const { data } = await harness.ask(
      `{ account(accountId: "${teamAccountId}") { name ${page("(first: 3, status: ASSIGNED)")} } }`,
    );
    const [account, list] = await harness.arrivals();

    expect(data.account.phoneNumbers.nodes[0]).toEqual({ e164PhoneNumber: assignedNumber });
    expect(await harness.calls()).toEqual({ GetAccount: 1, ListPhoneNumbers: 1 });
    expect(Number(list?.startedAt)).toBeLessThan(Number(account?.finishedAt) + 50);
  });

  test.each([
    ["first: 0", "first must be at least 1"],
    [
      `association: { name: USER_ID, value: "a b" }`,
      "association.value must be 1 to 128 letters, digits, '-' or '_'",
    ],
    [`after: "nothing"`, "after is not a cursor of this list"],
  ])("rejects %s, and calls nothing", async (args, message) => {
    const { errors = [] } = await harness.ask(`{ ${page(`(${args})`)} }`);

    expect(errors.map((error) => error.message)).toEqual([message]);
    expect(await harness.calls()).toEqual({});
  });
});
