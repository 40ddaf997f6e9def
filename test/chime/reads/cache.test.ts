import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { createLoaders } from "../../../src/chime/reads/loaders.js";
import { SEED } from "../../../src/chime-local/seed.js";
import { createMemoryStore, type Store } from "../../../src/stores/store.js";
import { delays, startVersionedChime, upstreamOn } from "../../support/versions.js";
import { useWorld } from "../../support/world.js";

const { smallAccountId, teamAccountId, twoHundredAccountId, userId } = SEED;
const user = { accountId: teamAccountId, userId };
const userPlan = { threshold: 3, pageBudget: 5 };
const userQuery = (fields: string) =>
  `query ($accountId: ID!, $userId: ID!) { user(accountId: $accountId, userId: $userId) { ${fields} } }`;
const usersQuery = `query ($accountId: ID!, $userIds: [ID!]!) {
  users(accountId: $accountId, userIds: $userIds) { userId displayName registeredOn }
}`;
const listed =
  "userId accountId primaryEmail displayName licenseType userType userRegistrationStatus registeredOn account { name createdTimestamp supportedLicenses }";

describe("with CACHE_TTL_SECONDS", () => {
  const world = useWorld({ CACHE_TTL_SECONDS: "600" });
  const update = (changes: object) =>
    world.ask(`mutation ($input: UpdateUserInput!) { updateUser(input: $input) { errors { code } } }`, {
      input: { ...user, ...changes },
    });
  const license = async () => (await world.ask(userQuery("licenseType"), user)).data.user.licenseType;

  // The embedded Chime is reset before each test, past the gateway: so that it learns of it.
  const touch = async (accountId: string) => {
    await world.ask(`mutation ($input: UpdateUserInput!) { updateUser(input: $input) { errors { code } } }`, {
      input: { accountId, userId: "nobody", licenseType: "PRO" },
    });
    await world.forgetCalls();
  };

  test("a user and its account that two requests read cost one call each, and are the same", async () => {
    await touch(teamAccountId);
    const first = await world.ask(userQuery(listed), user);
    const second = await world.ask(userQuery(listed), user, { "x-chime-trace": "1" });

    expect(first.data.user.account.name).toEqual(expect.any(String));
    expect(second.data).toEqual(first.data);
    expect(await world.calls()).toEqual({ GetUser: 1, GetAccount: 1 });
    expect(second.extensions?.chime).toMatchObject({ totalCalls: 0 });
  });

  test("after a write through the gateway the new state is read", async () => {
    await touch(teamAccountId);
    expect(await license()).toBe("BASIC");
    await update({ licenseType: "PRO" });
    expect(await license()).toBe("PRO");
    await update({ licenseType: "BASIC" });
    expect(await license()).toBe("BASIC");
  });

  test("after a write whose answer is lost Chime is asked again", async () => {
    await touch(teamAccountId);
    await license();
    await world.fault({ operation: "UpdateUser", kind: "reset-after", next: 1 });
    await update({ licenseType: "PRO" });
    expect(await license()).toBe("PRO");
  });

  test("of users wanted together the cache is asked first, and the plan for the rest", async () => {
    await touch(twoHundredAccountId);
    const ids = await world.userIds(twoHundredAccountId, 101);
    const ask = (userIds: string[]) => world.ask(usersQuery, { accountId: twoHundredAccountId, userIds });
    const first = await ask(ids.slice(0, 100));
    expect(await world.calls()).toEqual({ ListUsers: 1 });

    const second = await ask([...ids.slice(0, 100), "nobody"]);
    expect(second.data.users).toEqual([...first.data.users, null]);
    expect(await world.calls()).toEqual({ ListUsers: 1, GetUser: 1 });

    await ask(ids);
    expect(await world.calls()).toEqual({ ListUsers: 1, GetUser: 2 });
  });

  test("a router's entities are taken from it", async () => {
    await touch(teamAccountId);
    const ask = () =>
      world.ask(
        `query ($representations: [_Any!]!) { _entities(representations: $representations) {
          ... on User { displayName } ... on Account { name }
        } }`,
        {
          representations: [
            { __typename: "User", ...user },
            { __typename: "Account", accountId: teamAccountId },
          ],
        },
      );
    const first = await ask();

    expect(await ask()).toEqual(first);
    expect(await world.calls()).toEqual({ GetUser: 1, GetAccount: 1 });
  });

  test("the PIN, and what else lists lack, is always asked of Chime", async () => {
    await touch(teamAccountId);
    const first = await world.ask(userQuery("displayName personalPin invitedOn"), user);
    const second = await world.ask(userQuery("displayName personalPin invitedOn"), user);

    expect(first.data.user.personalPin).toEqual(expect.any(String));
    expect(second.data).toEqual(first.data);
    expect(await world.calls()).toEqual({ GetUser: 2 });
  });

  test("who asks for a PIN of a user that is in the cache gets it", async () => {
    await touch(teamAccountId);
    await world.ask(userQuery("displayName"), user);
    const { data } = await world.ask(userQuery("displayName personalPin"), user);

    expect(data.user.personalPin).toEqual(expect.any(String));
    expect(await world.calls()).toEqual({ GetUser: 2 });
  });

  test("that somebody is not there is not kept", async () => {
    await touch(smallAccountId);
    const nobody = { accountId: smallAccountId, userId: "nobody" };
    for (let n = 0; n < 2; n++) expect((await world.ask(userQuery("userId"), nobody)).data.user).toBeNull();

    expect(await world.calls()).toEqual({ GetUser: 2 });
  });
});

test("without CACHE_TTL_SECONDS nothing is kept between requests", async () => {
  const chime = await startVersionedChime();
  onTestFinished(() => chime.close());
  const upstream = upstreamOn(chime.url);
  onTestFinished(() => upstream.close());
  for (let n = 0; n < 2; n++) await createLoaders(upstream.createSession({}), userPlan).accountById.load("a");

  expect(chime.reads).toBe(2);
});

/** What a store was given, as text. */
function recorded(store: Store) {
  const texts: string[] = [];
  return {
    ...store,
    texts,
    set(...[key, value, milliseconds]: Parameters<Store["set"]>) {
      texts.push(JSON.stringify([key, value]));
      return store.set(key, value, milliseconds);
    },
  };
}

async function startReading(store: Store, timeToLive = 60_000) {
  const chime = await startVersionedChime();
  onTestFinished(() => chime.close());
  const upstream = upstreamOn(chime.url, { cache: { store, timeToLive } });
  onTestFinished(() => upstream.close());
  return {
    chime,
    read: (accountId: string, id?: string, accounts?: ReadonlySet<string>) => {
      const loaders = createLoaders(upstream.createSession({ accounts }), userPlan);
      return id === undefined
        ? loaders.accountById.load(accountId)
        : loaders.userById.load({ accountId, userId: id, complete: false });
    },
  };
}

describe("the cache", () => {
  test("never holds a PIN", async () => {
    const store = recorded(createMemoryStore(100));
    const { read, chime } = await startReading(store);
    for (let n = 0; n < 2; n++) expect(await read("a", "u")).toMatchObject({ DisplayName: "0" });

    expect(chime.reads).toBe(1);
    expect(store.texts.some((text) => text.includes("DisplayName"))).toBe(true);
    expect(store.texts.filter((text) => /pin|1234567890/i.test(text))).toEqual([]);
  });

  test("holds no more entries than its limit", async () => {
    const store = createMemoryStore(3);
    for (let n = 0; n < 10; n++) await store.set(`key-${n}`, n, 60_000);
    await store.getMany(["key-7"]);
    await store.set("key-10", 10, 60_000);

    expect(await store.getMany(Array.from({ length: 11 }, (_, n) => `key-${n}`))).toEqual([
      ...Array(7).fill(undefined),
      7,
      undefined,
      9,
      10,
    ]);
  });

  test("gives nothing that is older than its time to live", async () => {
    const { read, chime } = await startReading(createMemoryStore(100), 200);
    await read("a");
    await read("a");
    expect(chime.reads).toBe(1);
    await sleep(210);
    await read("a");
    expect(chime.reads).toBe(2);
  });

  test("gives nothing of an account that does not exist for who calls", async () => {
    const { read, chime } = await startReading(createMemoryStore(100));
    await read("a");
    await read("a", "u");
    const only = new Set(["b"]);

    expect([await read("a", undefined, only), await read("a", "u", only)]).toEqual([null, null]);
    expect(await read("a", undefined, new Set(["a"]))).toMatchObject({ Name: "0" });
    expect(chime.reads).toBe(2);
  });

  describe("takes a value that is not what the gateway keeps for a miss:", () => {
    const account = {
      AccountId: "a",
      AwsAccountId: "1",
      Name: "Kept",
      CreatedTimestamp: "2026-01-31T09:30:00.000Z",
      SupportedLicenses: ["Basic", "Pro"],
      SigninDelegateGroups: [{ GroupName: "desk" }],
    };
    const user = {
      AccountId: "a",
      UserId: "u",
      DisplayName: "Kept",
      RegisteredOn: "2026-01-31T09:30:00.000Z",
    };

    /** A store that has this for the user or account, under the version that it has for the account. */
    function storeOf(
      value: unknown,
      entry: (value: unknown) => unknown = (kept) => ({ version: "v", value: kept }),
    ) {
      const malformed = { count: 0 };
      const store: Store = {
        getMany: async (keys) =>
          keys.map((key) => (key.includes("/version/") ? "v" : entry(structuredClone(value)))),
        set: async () => undefined,
        foundMalformed: () => void malformed.count++,
        close: () => undefined,
      };
      return { store, malformed };
    }

    test("a sound one is taken, with its dates", async () => {
      const { store, malformed } = storeOf(account);
      const { read, chime } = await startReading(store);
      expect(await read("a")).toEqual({ ...account, CreatedTimestamp: new Date(account.CreatedTimestamp) });
      const users = storeOf(user);
      const { read: readUser } = await startReading(users.store);
      expect(await readUser("a", "u")).toEqual({ ...user, RegisteredOn: new Date(user.RegisteredOn) });

      expect([chime.reads, malformed.count, users.malformed.count]).toEqual([0, 0, 0]);
    });

    test("so is one with members that are unknown or null, without them", async () => {
      const { store, malformed } = storeOf({ ...user, Nickname: "K", LicenseType: null });
      const { read, chime } = await startReading(store);

      expect(await read("a", "u")).toEqual({ ...user, RegisteredOn: new Date(user.RegisteredOn) });
      expect([chime.reads, malformed.count]).toEqual([0, 0]);
    });

    test.each<[string, unknown]>([
      ["no object", "Kept"],
      ["null", null],
      ["a list", [account]],
      ["without its id", { ...account, AccountId: undefined }],
      ["of another id", { ...account, AccountId: "b" }],
      ["with an id that is a number", { ...account, AccountId: 5 }],
      ["without its AWS account", { ...account, AwsAccountId: undefined }],
      ["without a name", { ...account, Name: null }],
      ["with a name that is an object", { ...account, Name: { text: "Kept" } }],
      ["with a date that is none", { ...account, CreatedTimestamp: "yesterday" }],
      ["with a date that is a number", { ...account, CreatedTimestamp: 1_769_851_800_000 }],
      ["with a text for a list", { ...account, SupportedLicenses: "Basic" }],
      ["with a list of numbers", { ...account, SupportedLicenses: [5] }],
      ["with a license that the schema does not know", { ...account, SupportedLicenses: ["Basic", "BASIC"] }],
      ["with a type that the schema does not know", { ...account, AccountType: "TEAM" }],
      ["with groups that are texts", { ...account, SigninDelegateGroups: ["desk"] }],
      ["with a group without a name", { ...account, SigninDelegateGroups: [{}] }],
      ["with groups that are an object", { ...account, SigninDelegateGroups: { GroupName: "desk" } }],
      ["a user", { ...user, UserId: "a" }],
    ])("an account %s", async (_what, value) => {
      const { store, malformed } = storeOf(value);
      const { read, chime } = await startReading(store);

      expect(await read("a")).toEqual({ AccountId: "a", AwsAccountId: "1", Name: "0" });
      expect([chime.reads, malformed.count]).toEqual([1, 1]);
    });

    test.each<[string, unknown]>([
      ["of another id", { ...user, UserId: "v" }],
      ["of another account", { ...user, AccountId: "b" }],
      ["without its id", { ...user, UserId: undefined }],
      ["without its account", { ...user, AccountId: undefined }],
      ["with an address that is a list", { ...user, PrimaryEmail: ["ada@example.com"] }],
      ["with a license that the schema does not know", { ...user, LicenseType: "PRO" }],
      ["with a type that is a number", { ...user, UserType: 1 }],
      ["with a date that is an object", { ...user, RegisteredOn: {} }],
      ["with metadata that is a text", { ...user, AlexaForBusinessMetadata: "yes" }],
      [
        "with a text for a boolean",
        { ...user, AlexaForBusinessMetadata: { IsAlexaForBusinessEnabled: "yes" } },
      ],
      ["with a PIN, which is never kept", { ...user, PersonalPIN: "1" }],
    ])("a user %s", async (_what, value) => {
      const { store, malformed } = storeOf(value);
      const { read, chime } = await startReading(store);

      expect(await read("a", "u")).toMatchObject({ AccountId: "a", UserId: "u", DisplayName: "0" });
      expect([chime.reads, malformed.count]).toEqual([1, 1]);
    });

    test.each<[string, (value: unknown) => unknown]>([
      ["a text", () => "v"],
      ["a number", () => 7],
      ["null", () => null],
      ["a list", (value) => ["v", value]],
      ["the value alone", (value) => value],
      ["an object without a value", () => ({ version: "v" })],
      ["an object with a version that is a number", (value) => ({ version: 1, value })],
    ])("%s in place of an entry", async (_what, entry) => {
      const { store, malformed } = storeOf(account, entry);
      const { read, chime } = await startReading(store);

      expect(await read("a")).toMatchObject({ Name: "0" });
      expect([chime.reads, malformed.count]).toEqual([1, 1]);
    });

    test("one of an earlier version of the account, without a word", async () => {
      const { store, malformed } = storeOf(account, (value) => ({ version: "earlier", value }));
      const { read, chime } = await startReading(store);

      expect(await read("a")).toMatchObject({ Name: "0" });
      expect([chime.reads, malformed.count]).toEqual([1, 0]);
    });
  });

  test("that holds what nobody has put there is as good as empty", async () => {
    const odd: Store = {
      getMany: async (keys) => keys.map((_, index) => [null, "text", 7, {}, { version: "x" }][index % 5]),
      set: async () => undefined,
      close: () => undefined,
    };
    const { read } = await startReading(odd);

    expect(await read("a", "u")).toMatchObject({ DisplayName: "0" });
  });
});

describe("who reads after a write is given nothing older, however all overlaps,", () => {
  const delay = fc.integer({ min: 0, max: 12 });
  const acts = fc.array(
    fc.record({
      kind: fc.constantFrom("read", "read", "read", "write"),
      replica: fc.constantFrom(0, 1),
      at: fc.integer({ min: 0, max: 150 }),
    }),
    { minLength: 4, maxLength: 30 },
  );
  const storeActs = fc.array(
    fc.record({ before: delay, after: delay, fails: fc.constantFrom("no", "no", "undone", "done") }),
    { minLength: 1, maxLength: 20 },
  );

  /**
   * Reads and writes an account through two gateways that share a store.
   *
   * @param isBroken whether the store fails, before or after it has done what it was asked to
   * @param isPromised whether a read through this gateway must see the writes through that one
   * @returns how many reads were answered from the cache
   */
  async function readAndWrite(isBroken: boolean, isPromised: (reader: number, writer: number) => boolean) {
    const chime = await startVersionedChime();
    onTestFinished(() => chime.close());
    const store = createMemoryStore(1_000);
    let plan: readonly { before: number; after: number; fails: string }[] = [];
    let turn = 0;
    const slowly = async <Result>(operation: () => Promise<Result>): Promise<Result> => {
      const { before, after, fails } = plan[turn++ % plan.length] ?? { before: 0, after: 0, fails: "no" };
      await sleep(before);
      if (isBroken && fails === "undone") throw new Error("It was not done.");
      const result = await operation();
      await sleep(after);
      if (isBroken && fails === "done") throw new Error("It was done.");
      return result;
    };
    const slowStore: Store = {
      getMany: (keys) => slowly(() => store.getMany(keys)),
      set: (...args) => slowly(() => store.set(...args)),
      close: () => undefined,
    };
    const gateways = [0, 1].map(() =>
      upstreamOn(chime.url, { cache: { store: slowStore, timeToLive: 60_000 } }),
    );
    onTestFinished(() => {
      for (const gateway of gateways) gateway.close();
    });
    const written = [0, 0];
    let withoutCall = 0;

    await fc.assert(
      fc.asyncProperty(acts, storeActs, delays, async (allActs, allStoreActs, chimeDelays) => {
        plan = allStoreActs;
        chime.take(chimeDelays);
        await Promise.all(
          allActs.map(async ({ kind, replica, at }) => {
            await sleep(at);
            const calls = gateways[replica]?.createSession({});
            if (!calls) throw new Error("There are two.");
            if (kind === "write") {
              const { Account } = await calls.write("UpdateAccount", { AccountId: "a", Name: "next" });
              written[replica] = Math.max(written[replica] ?? 0, Number(Account?.Name));
              return;
            }
            const least = Math.max(0, ...written.filter((_, writer) => isPromised(replica, writer)));
            const account = await createLoaders(calls, userPlan).accountById.load("a");
            if (calls.log.length === 0) withoutCall++;
            expect(Number(account?.Name)).toBeGreaterThanOrEqual(least);
          }),
        );
      }),
      { numRuns: 40 },
    );
    return withoutCall;
  }

  test("through whichever replica, while the store works", async () => {
    expect(await readAndWrite(false, () => true)).toBeGreaterThan(20);
  });

  test("through the same replica, though the store fails", async () => {
    expect(await readAndWrite(true, (reader, writer) => reader === writer)).toBeGreaterThan(5);
  });
});
