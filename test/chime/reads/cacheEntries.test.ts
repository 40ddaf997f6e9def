import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { createLoaders } from "../../../src/chime/reads/loaders.js";
import { rowPlan } from "../../../src/chime/reads/rowPlan.js";
import { createMemoryStore, type Store } from "../../../src/stores/store.js";
import { startVersionedChime, upstreamOn } from "../../support/versions.js";

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
      const loaders = createLoaders(upstream.createSession({ allowedAccounts: accounts }), rowPlan);
      return id === undefined
        ? loaders.accountById.load(accountId)
        : loaders.userById.load({ accountId, userId: id, complete: false });
    },
  };
}

describe("the cache", () => {
  test("never contains a PIN", async () => {
    const store = recorded(createMemoryStore(100));
    const { read, chime } = await startReading(store);
    for (let n = 0; n < 2; n++) expect(await read("a", "u")).toMatchObject({ DisplayName: "0" });

    expect(chime.reads).toBe(1);
    expect(store.texts.some((text) => text.includes("DisplayName"))).toBe(true);
    expect(store.texts.filter((text) => /pin|1234567890/i.test(text))).toEqual([]);
  });

  test("keeps all values of an account that are read at the same time, also if the store is slow", async () => {
    const { getMany, set, ...store } = createMemoryStore(100);
    const late =
      <Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>) =>
      async (...args: Args) => {
        await sleep(10);
        return act(...args);
      };
    const { read, chime } = await startReading({ ...store, getMany: late(getMany), set: late(set) });
    for (let n = 0; n < 2; n++) {
      await Promise.all([read("a"), read("a", "u")]);
      await sleep(50);
    }
    expect(chime.reads).toBe(2);
  });

  test("contains at most as many entries as its size allows", async () => {
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

  test("returns nothing that is older than its time to live", async () => {
    const { read, chime } = await startReading(createMemoryStore(100), 200);
    await read("a");
    await read("a");
    expect(chime.reads).toBe(1);
    await sleep(210);
    await read("a");
    expect(chime.reads).toBe(2);
  });

  test("returns nothing of an account that the caller may not see", async () => {
    const { read, chime } = await startReading(createMemoryStore(100));
    await read("a");
    await read("a", "u");
    const only = new Set(["b"]);

    expect([await read("a", undefined, only), await read("a", "u", only)]).toEqual([null, null]);
    expect(await read("a", undefined, new Set(["a"]))).toMatchObject({ Name: "0" });
    expect(chime.reads).toBe(2);
  });

  describe("treats a malformed value as a miss:", () => {
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

    test("a well-formed value is used, with its dates", async () => {
      const { store, malformed } = storeOf(account);
      const { read, chime } = await startReading(store);
      expect(await read("a")).toEqual({ ...account, CreatedTimestamp: new Date(account.CreatedTimestamp) });
      const users = storeOf(user);
      const { read: readUser } = await startReading(users.store);
      expect(await readUser("a", "u")).toEqual({ ...user, RegisteredOn: new Date(user.RegisteredOn) });

      expect([chime.reads, malformed.count, users.malformed.count]).toEqual([0, 0, 0]);
    });

    test("a value with unknown or null members is used without these members", async () => {
      const { store, malformed } = storeOf({ ...user, Nickname: "K", LicenseType: null });
      const { read, chime } = await startReading(store);

      expect(await read("a", "u")).toEqual({ ...user, RegisteredOn: new Date(user.RegisteredOn) });
      expect([chime.reads, malformed.count]).toEqual([0, 0]);
    });

    test.each<[string, unknown]>([
      ["not an object", "Kept"],
      ["null", null],
      ["a list", [account]],
      ["without its id", { ...account, AccountId: undefined }],
      ["of another id", { ...account, AccountId: "b" }],
      ["with an id that is a number", { ...account, AccountId: 5 }],
      ["without its AWS account", { ...account, AwsAccountId: undefined }],
      ["without a name", { ...account, Name: null }],
      ["with a name that is an object", { ...account, Name: { text: "Kept" } }],
      ["with an invalid date", { ...account, CreatedTimestamp: "yesterday" }],
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
    ])("%s instead of an entry", async (_what, entry) => {
      const { store, malformed } = storeOf(account, entry);
      const { read, chime } = await startReading(store);

      expect(await read("a")).toMatchObject({ Name: "0" });
      expect([chime.reads, malformed.count]).toEqual([1, 1]);
    });

    test("a value of an earlier version of the account, which is not reported", async () => {
      const { store, malformed } = storeOf(account, (value) => ({ version: "earlier", value }));
      const { read, chime } = await startReading(store);

      expect(await read("a")).toMatchObject({ Name: "0" });
      expect([chime.reads, malformed.count]).toEqual([1, 0]);
    });
  });

  test("that contains only foreign values behaves as if it were empty", async () => {
    const odd: Store = {
      getMany: async (keys) => keys.map((_, index) => [null, "text", 7, {}, { version: "x" }][index % 5]),
      set: async () => undefined,
      close: () => undefined,
    };
    const { read } = await startReading(odd);

    expect(await read("a", "u")).toMatchObject({ DisplayName: "0" });
  });
});
