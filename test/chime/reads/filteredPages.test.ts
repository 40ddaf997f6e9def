import { InviteStatus, License, RegistrationStatus, type User, UserType } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { readFiltered } from "../../../src/chime/reads/filteredPages.js";
import type { List } from "../../../src/chime/reads/pagination.js";
import { createMatcher, filterKey, type UserFilter } from "../../../src/chime/reads/userFilter.js";
import { createRandom } from "../../support/random.js";

/** A list of users whose pages have these lengths, over and over, and a count of its calls. */
function listOf(users: readonly User[], lengths: readonly number[], key: readonly unknown[] = ["users"]) {
  const list = {
    key,
    pageSize: 200,
    calls: 0,
    idOf: ({ UserId }: User) => String(UserId),
    async fetchPage(_maxResults: number, token = "0,0") {
      list.calls++;
      const [page = 0, start = 0] = token.split(",").map(Number);
      const end = start + (lengths[page % lengths.length] ?? 1);
      return {
        rows: users.slice(start, end),
        nextToken: end < users.length ? `${page + 1},${end}` : undefined,
      };
    },
  } satisfies List<User> & { calls: number };
  return list;
}

/** Reads all pages, each after the one before. */
async function readAll(list: ReturnType<typeof listOf>, filter: UserFilter, first: number, maxCalls: number) {
  const nodes: User[] = [];
  let after: string | undefined;
  let scannedCount = 0;
  for (;;) {
    const before = list.calls;
    const page = await readFiltered(list, createMatcher(filter), { first, after }, maxCalls);
    expect(list.calls - before).toBeLessThanOrEqual(maxCalls);
    expect(page.nodes.length).toBeLessThanOrEqual(first);
    if (page.nodes.length < first && page.hasNextPage) expect(list.calls - before).toBe(maxCalls);
    nodes.push(...page.nodes);
    scannedCount += page.scannedCount;
    after = page.endCursor;
    if (!page.hasNextPage) return { nodes, scannedCount };
  }
}

const pick = <Item>(random: () => number, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)] as Item;

const maybe = <Value>(random: () => number, value: Value): Value | undefined =>
  random() < 0.4 ? value : undefined;

const start = Date.UTC(2020, 0);
const dayAt = (random: () => number) => new Date(start + Math.floor(random() * 100) * 86_400_000);

function randomUser(random: () => number, index: number): User {
  const some = <Value>(value: Value) => (random() < 0.8 ? value : undefined);
  const domain = pick(random, [
    "sales.example.com",
    "Sales.Example.com",
    "example.com",
    "eu.sales.example.com",
  ]);
  return {
    UserId: `user-${index}`,
    DisplayName: some(pick(random, ["Ada Lovelace", "ADA Byron", "Zoë Ünal", "Grace Hopper"])),
    PrimaryEmail: some(`person${index}@${domain}`),
    LicenseType: some(pick(random, Object.values(License))),
    UserType: some(pick(random, Object.values(UserType))),
    UserRegistrationStatus: some(pick(random, Object.values(RegistrationStatus))),
    UserInvitationStatus: some(pick(random, Object.values(InviteStatus))),
    RegisteredOn: some(dayAt(random)),
    PrimaryProvisionedNumber: some("+12065550100"),
  };
}

const randomFilter = (random: () => number): UserFilter => ({
  licenseTypes: maybe(random, [pick(random, Object.values(License)), pick(random, Object.values(License))]),
  userTypes: maybe(random, [pick(random, Object.values(UserType))]),
  userRegistrationStatuses: maybe(random, [pick(random, Object.values(RegistrationStatus))]),
  userInvitationStatuses: maybe(random, [pick(random, Object.values(InviteStatus))]),
  displayNameContains: maybe(random, pick(random, ["ada", "ZOË ü", "hop", "nobody"])),
  primaryEmailContains: maybe(random, pick(random, ["PERSON1", "@eu.", "7@"])),
  emailDomain: maybe(random, pick(random, ["sales.example.com", "EXAMPLE.com"])),
  registeredBefore: maybe(random, dayAt(random)),
  registeredAfter: maybe(random, dayAt(random)),
  hasPhoneNumber: maybe(random, random() < 0.5),
});

/** The same conditions, written as one sentence each. */
function isMatch(user: User, filter: UserFilter): boolean {
  const { DisplayName = "", PrimaryEmail = "", RegisteredOn } = user;
  const isIn = <Value>(values: readonly Value[] | null | undefined, value: Value | undefined) =>
    !values || values.some((each) => each === value);
  return (
    isIn(filter.licenseTypes, user.LicenseType) &&
    isIn(filter.userTypes, user.UserType) &&
    isIn(filter.userRegistrationStatuses, user.UserRegistrationStatus) &&
    isIn(filter.userInvitationStatuses, user.UserInvitationStatus) &&
    DisplayName.toLowerCase().includes((filter.displayNameContains ?? "").toLowerCase()) &&
    PrimaryEmail.toLowerCase().includes((filter.primaryEmailContains ?? "").toLowerCase()) &&
    (!filter.emailDomain || PrimaryEmail.split("@")[1]?.toLowerCase() === filter.emailDomain.toLowerCase()) &&
    (!filter.registeredBefore || (RegisteredOn !== undefined && +RegisteredOn < +filter.registeredBefore)) &&
    (!filter.registeredAfter || (RegisteredOn !== undefined && +RegisteredOn > +filter.registeredAfter)) &&
    (filter.hasPhoneNumber == null || (user.PrimaryProvisionedNumber !== undefined) === filter.hasPhoneNumber)
  );
}

describe("filtering page by page", () => {
  test("equals filtering the whole list: for any filter, page size, limit of calls and length of Chime's pages", async () => {
    let matches = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = createRandom(seed);
      const users = Array.from({ length: Math.floor(random() * 150) }, (_, index) =>
        randomUser(random, index),
      );
      const lengths = Array.from({ length: 5 }, () => 1 + Math.floor(random() * 40));
      const filter = randomFilter(random);
      const [first, maxCalls] = [1 + Math.floor(random() * 30), 1 + Math.floor(random() * 10)];
      const wanted = users.filter((user) => isMatch(user, filter));
      matches += wanted.length;

      const all = await readAll(listOf(users, lengths), filter, first, maxCalls);
      expect(all.nodes, `seed ${seed}`).toEqual(wanted);
      expect(all.scannedCount, `seed ${seed}`).toBe(users.length);
    }
    expect(matches).toBeGreaterThan(1_000);
  });

  test("continues after any edge, as if it had not been interrupted", async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = createRandom(seed);
      const users = Array.from({ length: 100 }, (_, index) => randomUser(random, index));
      const lengths = [1 + Math.floor(random() * 40), 1 + Math.floor(random() * 40)];
      const filter = { userTypes: [pick(random, Object.values(UserType))] };
      const wanted = users.filter((user) => isMatch(user, filter));
      const list = listOf(users, lengths);
      const page = await readFiltered(list, createMatcher(filter), { first: 1_000 }, 100);
      expect(page.nodes).toEqual(wanted);
      for (const index of wanted.keys()) {
        const after = page.cursor(index);
        const rest = await readFiltered(list, createMatcher(filter), { first: 1_000, after }, 100);
        expect(rest.nodes, `seed ${seed} after ${index}`).toEqual(wanted.slice(index + 1));
      }
    }
  });

  test("finds each remaining row after a cursor, if rows before it were added or removed", async () => {
    const random = createRandom(7);
    const users = Array.from({ length: 90 }, (_, index) => randomUser(random, index));
    const matcher = createMatcher({ hasPhoneNumber: true });
    const { nodes, endCursor } = await readFiltered(listOf(users, [30]), matcher, { first: 20 }, 10);
    const last = users.findIndex(({ UserId }) => UserId === nodes.at(-1)?.UserId);
    const changed = users.toSpliced(3, 2).toSpliced(1, 0, randomUser(random, 1_000));

    const rest = await readFiltered(listOf(changed, [30]), matcher, { first: 100, after: endCursor }, 10);
    expect(rest.nodes).toEqual(users.slice(last + 1).filter(matcher));
  });
});

describe("the last page", () => {
  const pending = { userInvitationStatuses: [InviteStatus.Pending] };
  const users = (...statuses: InviteStatus[]): User[] =>
    statuses.map((UserInvitationStatus, index) => ({ UserId: `user-${index}`, UserInvitationStatus }));
  const { Pending, Accepted } = InviteStatus;

  test("is known if the rows that were read prove it, without a call to find out", async () => {
    const list = listOf(users(Pending, Accepted, Accepted), [200]);
    const page = await readFiltered(list, createMatcher(pending), { first: 1 });

    expect([page.nodes.length, page.hasNextPage, list.calls]).toEqual([1, false, 1]);
  });

  test("is not known while Chime has more pages", async () => {
    const list = listOf(users(Pending, Accepted, Accepted), [1]);
    const page = await readFiltered(list, createMatcher(pending), { first: 1 });
    expect([page.nodes.length, page.hasNextPage, list.calls]).toEqual([1, true, 1]);

    const { endCursor: after } = page;
    const last = await readFiltered(list, createMatcher(pending), { first: 1, after });
    expect([last.nodes.length, last.hasNextPage, last.scannedCount]).toEqual([0, false, 2]);
  });

  test("has a cursor after which nothing comes, also of an empty list", async () => {
    for (const list of [listOf([], [1]), listOf(users(Accepted), [1])]) {
      const { endCursor: after } = await readFiltered(list, createMatcher(pending), { first: 1 });
      const next = await readFiltered(list, createMatcher(pending), { first: 1, after });
      expect([next.nodes, next.hasNextPage]).toEqual([[], false]);
    }
  });
});

test("a cursor belongs to its filter, in whatever order its members and values are given", async () => {
  const keyOf = (filter: UserFilter) => JSON.stringify(filterKey(filter));
  const { Basic, Pro } = License;

  expect(keyOf({ hasPhoneNumber: true, licenseTypes: [Pro, Basic] })).toBe(
    keyOf({ licenseTypes: [Basic, Pro, Pro], hasPhoneNumber: true, emailDomain: null }),
  );
  expect(keyOf({ licenseTypes: [Basic] })).not.toBe(keyOf({ licenseTypes: [Pro] }));
});
