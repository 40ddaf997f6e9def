import type { User } from "@aws-sdk/client-chime";
import { describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { ask, startOn, startOnResponses, useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { largeAccountId, teamAccountId, sharedDeviceUserId } = SEED;

const query = `query ($id: ID!, $first: Int, $after: String, $userType: UserType, $filter: UserFilter) {
  account(accountId: $id) { users(first: $first, after: $after, userType: $userType, filter: $filter) {
    edges { cursor node { userId } } nodes { userId } scannedCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } } }`;
const usersOf = async (variables: object, url = harness.url) => {
  const { data, errors } = await ask(url, { query, variables: { id: largeAccountId, ...variables } });
  expect(errors).toBeUndefined();
  return data.account.users;
};
const idsOf = ({ nodes }: { nodes: { userId: string }[] }) => nodes.map(({ userId }) => userId);

describe("each condition of a filter finds what Chime's list has:", () => {
  const dayOf = (user: User) => user.RegisteredOn?.toISOString().slice(0, 10) ?? "";
  test.each<[string, object, (user: User) => boolean]>([
    [
      "licenses",
      { licenseTypes: ["BASIC", "PRO_TRIAL"] },
      (u) => /^(Basic|ProTrial)$/.test(u.LicenseType ?? ""),
    ],
    ["types", { userTypes: ["SHARED_DEVICE"] }, (u) => u.UserType === "SharedDevice"],
    ["a single value for a list", { userTypes: "SHARED_DEVICE" }, (u) => u.UserType === "SharedDevice"],
    [
      "registration",
      { userRegistrationStatuses: ["UNREGISTERED", "SUSPENDED"] },
      (u) => u.UserRegistrationStatus !== "Registered",
    ],
    ["invitations", { userInvitationStatuses: ["FAILED"] }, (u) => u.UserInvitationStatus === "Failed"],
    ["names", { displayNameContains: " OKAF" }, (u) => /okaf/i.test(u.DisplayName ?? "")],
    ["addresses", { primaryEmailContains: "Room-1" }, (u) => /room-1/.test(u.PrimaryEmail ?? "")],
    ["domains", { emailDomain: "Meridian.example.com" }, (u) => u.PrimaryEmail !== undefined],
    ["no subdomains", { emailDomain: "example.com" }, () => false],
    [
      "times before",
      { registeredBefore: "2019-07-04T12:00:00+02:00" },
      (u) => +(u.RegisteredOn ?? 1e13) < Date.UTC(2019, 6, 4, 10),
    ],
    [
      "times after",
      { registeredAfter: "2019-07-04T10:00:00Z" },
      (u) => dayOf(u) > "" && +(u.RegisteredOn ?? 0) > Date.UTC(2019, 6, 4, 10),
    ],
    ["phone numbers", { hasPhoneNumber: true }, (u) => u.PrimaryProvisionedNumber !== undefined],
    ["no phone numbers", { hasPhoneNumber: false }, (u) => u.PrimaryProvisionedNumber === undefined],
    ["null, which is not a condition", { hasPhoneNumber: null, licenseTypes: null }, () => true],
    [
      "several, which must all be met",
      { licenseTypes: ["PRO"], userRegistrationStatuses: ["UNREGISTERED"] },
      (u) => u.LicenseType === "Pro" && u.UserRegistrationStatus === "Unregistered",
    ],
  ])("%s", async (_what, filter, isWanted) => {
    const all = await harness.chime.users(largeAccountId);
    const wanted = all.filter(isWanted).map(({ UserId }) => UserId);
    await harness.forgetCalls();
    const users = await usersOf({ first: 1_000, filter });

    expect(idsOf(users)).toEqual(wanted);
    expect(users.scannedCount).toBe(all.length);
    expect(await harness.calls()).toEqual({ GetAccount: 1, ListUsers: 3 });
  });

  test("as literals in the query as well", async () => {
    const { data } = await harness.ask(`{ account(accountId: "${teamAccountId}") {
      users(filter: { userTypes: [SHARED_DEVICE], registeredAfter: "2019-01-01T00:00:00Z" }) { nodes { userId } } } }`);

    expect(idsOf(data.account.users)).toEqual([sharedDeviceUserId]);
  });

  test("together with Chime's own filter by type, which shortens the walk", async () => {
    const users = await usersOf({ userType: "SHARED_DEVICE", filter: { displayNameContains: "room 10" } });

    expect(users.nodes.length).toBe(9);
    expect(users.scannedCount).toBe(30);
    expect(await harness.calls()).toEqual({ GetAccount: 1, ListUsers: 1 });
  });
});

test("a filter ignores the case of any script's letters, and how they are encoded", async () => {
  const names = [
    "ΟΔΥΣΣΕΥΣ",
    "Οδυσσεύς".normalize("NFD"),
    "İstanbul",
    "istanbul",
    "Groß",
    "GROẞ",
    "gross",
    "Rene\u0301e",
  ];
  const url = await startOnResponses(({ pathname }) =>
    pathname.endsWith("/users")
      ? {
          Users: names.map((DisplayName, index) => ({
            UserId: `u${index}`,
            DisplayName,
            PrimaryEmail: `u${index}@${index < 2 ? "ΠΑΡΆΔΕΙΓΜΑ.example" : "example.com"}`,
          })),
        }
      : { Account: { AccountId: "a", AwsAccountId: "1", Name: "A" } },
  );
  const found = async (filter: object) => idsOf(await usersOf({ id: "a", filter }, url)).join(" ");

  expect(await found({ displayNameContains: "οδυσσευς" })).toBe("u0");
  expect(await found({ displayNameContains: "ΟΔΥΣΣΕΎΣ" })).toBe("u1");
  for (const text of ["istanbul", "ISTANBUL", "İSTANBUL", "I\u0307stanbul"])
    expect(await found({ displayNameContains: text }), text).toBe("u2 u3");
  for (const text of ["groß", "GROSS", "GROẞ"])
    expect(await found({ displayNameContains: text }), text).toBe("u4 u5 u6");
  for (const text of ["RENÉE", "rene\u0301e"])
    expect(await found({ displayNameContains: text }), text).toBe("u7");
  expect(await found({ emailDomain: "παράδειγμα.example" })).toBe("u0 u1");
  // Another domain.
  expect(await found({ emailDomain: "παραδειγμα.example" })).toBe("");
  expect(await found({ primaryEmailContains: "δειγμα.EX" })).toBe("u0 u1");
});

describe("pages of a filtered list", () => {
  const filter = { userRegistrationStatuses: ["UNREGISTERED"] };

  test("have each user once, and a cursor continues after any edge", async () => {
    const all = idsOf(await usersOf({ first: 1_000, filter }));
    const seen: string[] = [];
    let scanned = 0;
    let after: string | null = null;
    do {
      const users: Awaited<ReturnType<typeof usersOf>> = await usersOf({ first: 7, after, filter });
      expect(users.pageInfo.hasPreviousPage).toBe(after !== null);
      expect(users.edges.map((edge: { node: object }) => edge.node)).toEqual(users.nodes);
      seen.push(...idsOf(users));
      scanned += users.scannedCount;
      after = users.pageInfo.hasNextPage ? users.pageInfo.endCursor : null;
    } while (after);
    expect([seen, scanned]).toEqual([all, 450]);

    const { edges } = await usersOf({ first: 40, filter });
    for (const index of [0, 1, 20, 30]) {
      const rest = await usersOf({ first: 3, after: edges[index].cursor, filter });
      expect(idsOf(rest)).toEqual(all.slice(index + 1, index + 4));
    }
  });

  test("reject a cursor of another filter, and of none", async () => {
    const { pageInfo } = await usersOf({ first: 5, filter });
    for (const other of [undefined, { userRegistrationStatuses: ["REGISTERED"] }]) {
      const variables = { id: largeAccountId, after: pageInfo.endCursor, filter: other };
      const { errors } = await harness.ask(query, variables);
      expect(errors).toMatchObject([
        { extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["after"] }] } },
      ]);
    }
  });

  test("keep their cursors after writes and in other requests", async () => {
    const { edges } = await usersOf({ first: 5, filter });
    const before = await usersOf({ first: 5, after: edges[2].cursor, filter });
    await harness.ask(`mutation { updateUser(input: { accountId: "${largeAccountId}", userId: "${edges[3].node.userId}",
      licenseType: BASIC }) { outcome } }`);

    expect(await usersOf({ first: 5, after: edges[2].cursor, filter })).toEqual(before);
  });

  test("load the fields that lists lack of the users found only", async () => {
    const { data } = await harness.ask(
      `query ($filter: UserFilter) { account(accountId: "${teamAccountId}") { users(filter: $filter) { nodes { personalPin } } } }`,
      { filter: { userTypes: ["SHARED_DEVICE"] } },
    );

    expect(data.account.users.nodes).toEqual([{ personalPin: expect.stringMatching(/^\d+$/) }]);
    expect(await harness.calls()).toEqual({ GetAccount: 1, GetUser: 1, ListUsers: 1 });
  });

  test("cost 10 calls at most: then the page is empty or short, and continues where it stopped", async () => {
    const calls: string[] = [];
    const url = await startOnResponses(({ pathname, searchParams }) => {
      if (!pathname.endsWith("/users")) return { Account: { AccountId: "a", AwsAccountId: "1", Name: "A" } };
      const page = Number(searchParams.get("next-token") ?? 0);
      calls.push(`${page}`);
      const LicenseType = page >= 12 ? "Pro" : "Basic";
      return { Users: [{ UserId: `u${page}`, LicenseType }], ...(page < 24 && { NextToken: `${page + 1}` }) };
    });
    const pro = { id: "a", filter: { licenseTypes: ["PRO"] } };
    const first = await usersOf(pro, url);
    expect(first).toMatchObject({
      nodes: [],
      scannedCount: 10,
      pageInfo: { hasNextPage: true, startCursor: null },
    });
    const second = await usersOf({ ...pro, after: first.pageInfo.endCursor }, url);
    expect(idsOf(second)).toEqual(["u12", "u13", "u14", "u15", "u16", "u17", "u18", "u19"]);
    expect(second).toMatchObject({
      scannedCount: 10,
      pageInfo: { hasNextPage: true, hasPreviousPage: true },
    });
    const third = await usersOf({ ...pro, after: second.pageInfo.endCursor }, url);
    expect(third).toMatchObject({ scannedCount: 5, pageInfo: { hasNextPage: false } });
    expect(calls).toEqual(Array.from({ length: 25 }, (_, page) => `${page}`));
  });

  test("end early if the deadline passes, and the next page continues there", async () => {
    const gateway = await startOn(harness.chimeUrl, { READ_DEADLINE_MS: "1000" });
    onTestFinished(() => gateway.close());
    await harness.setFaults({ operation: "ListUsers", kind: "latency", ms: 400 });
    const scanned: number[] = [];
    for (let after: string | undefined, more = true; more; ) {
      const filter = { displayNameContains: "zzz" };
      const page = await usersOf({ id: largeAccountId, filter, after }, gateway.url);
      scanned.push(page.scannedCount);
      ({ endCursor: after, hasNextPage: more } = page.pageInfo);
    }
    expect(scanned.length).toBeGreaterThan(1);
    expect(scanned.reduce((sum, count) => sum + count)).toBe(450);
  });

  test("end early if Chime throttles, and the next page continues there", async () => {
    const gateway = await startOn(harness.chimeUrl, { READ_DEADLINE_MS: "1000" });
    onTestFinished(() => gateway.close());
    await harness.setFaults({ operation: "ListUsers", kind: "429", path: "next-token" });
    const variables = { id: largeAccountId, filter: { displayNameContains: "zzz" } };
    const first = await usersOf(variables, gateway.url);
    await harness.setFaults();
    const second = await usersOf({ ...variables, after: first.pageInfo.endCursor }, gateway.url);

    expect([first.scannedCount, first.pageInfo.hasNextPage]).toEqual([200, true]);
    expect([second.scannedCount, second.pageInfo.hasNextPage]).toEqual([250, false]);
  });

  test("fail if not even one of Chime's pages was read", async () => {
    const gateway = await startOn(harness.chimeUrl, { READ_DEADLINE_MS: "1000" });
    onTestFinished(() => gateway.close());
    await harness.setFaults({ operation: "ListUsers", kind: "latency", ms: 2_000 });
    const variables = { id: largeAccountId, filter: { licenseTypes: ["PRO"] } };
    const { data, errors } = await ask(gateway.url, { query, variables });
    expect([data.account.users, errors?.[0]?.extensions["code"]]).toEqual([null, "UPSTREAM_TIMEOUT"]);
  });

  test("report the rows on the page without a filter", async () => {
    expect((await usersOf({ first: 7 })).scannedCount).toBe(7);
  });
});

describe("an invalid filter is rejected, and the error names the condition:", () => {
  test.each<[object, string]>([
    [{ emailDomain: "someone@example.com" }, "filter.emailDomain must be a domain such as example.com"],
    [{ emailDomain: "localhost" }, "filter.emailDomain must be a domain such as example.com"],
    [{ licenseTypes: [] }, "filter.licenseTypes must have at least one value"],
    [{ displayNameContains: " " }, "filter.displayNameContains must not be blank"],
    [
      { primaryEmailContains: "a\nb" },
      "filter.primaryEmailContains must not contain control characters, line breaks, half a surrogate pair or U+FFFD",
    ],
    [
      { registeredAfter: "2020-01-02T00:00:00Z", registeredBefore: "2020-01-01T00:00:00Z" },
      "filter.registeredAfter must be before registeredBefore",
    ],
  ])("%j", async (filter, message) => {
    const { data, errors } = await harness.ask(query, { id: largeAccountId, filter });

    expect(data).toEqual({ account: { users: null } });
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT" } }]);
    expect((await harness.calls())["ListUsers"]).toBeUndefined();
  });

  test.each(["yesterday", "2020-02-30T00:00:00Z", "2020-01-01", "2020-01-01T00:00:00", 1_577_836_800_000])(
    "the time %j",
    async (registeredBefore) => {
      const inVariable = await harness.ask(query, { id: largeAccountId, filter: { registeredBefore } });
      const literal = JSON.stringify(registeredBefore);
      const inDocument = await harness.ask(
        `{ account(accountId: "a") { users(filter: { registeredBefore: ${literal} }) { scannedCount } } }`,
      );

      for (const { data, errors } of [inVariable, inDocument]) {
        expect(data).toBeUndefined();
        expect(errors?.[0]?.extensions["problems"]).toEqual([
          {
            path: ["filter", "registeredBefore"],
            message: "must be a time such as 2026-01-31T09:30:00Z, in UTC or with an offset",
          },
        ]);
      }
    },
  );
});
