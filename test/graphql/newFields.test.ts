import { readdirSync, readFileSync } from "node:fs";
import {
  type ConstDirectiveNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLType,
  getNamedType,
  isInputObjectType,
  isLeafType,
  isObjectType,
} from "graphql";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { createSchema } from "../../src/graphql/schema.js";
import { useHarness } from "../support/fixture.js";
import { operations } from "../telemetry/canaries.js";

// What a new field needs, derived from the schema. Each failure names the field and what is missing.

const harness = useHarness();
const schema = createSchema();
const { largeAccountId, userId, roomId, botId } = SEED;

interface Place {
  readonly name: string;
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined;
}

const has = (directive: string, { astNode }: Place): boolean =>
  astNode?.directives?.some(({ name }) => name.value === directive) ?? false;

/** Every field, input field and argument of the schema with its path, such as `Account.users(userEmail)`. */
const places = Object.values(schema.getTypeMap())
  .filter((type) => !type.name.startsWith("_"))
  .flatMap((type) => {
    if (isObjectType(type))
      return Object.values(type.getFields()).flatMap((field) => [
        placeOf(`${type.name}.${field.name}`, field, type),
        ...field.args.map((arg) => placeOf(`${type.name}.${field.name}(${arg.name})`, arg)),
      ]);
    return isInputObjectType(type)
      ? Object.values(type.getFields()).map((field) => placeOf(`${type.name}.${field.name}`, field, type))
      : [];
  });

/** The tag of a type is for all its fields. */
function placeOf(path: string, place: Place & { readonly type: GraphQLType }, parent?: Place) {
  const isTagged = has("tag", place) || (parent !== undefined && has("tag", parent));
  return { path, place, type: getNamedType(place.type).name, isTagged };
}

/** Text that is not personal data. */
const impersonal = new Set([
  "Account.name",
  "CreateAccountInput.name",
  "UpdateAccountInput.name",
  "DeleteAccountInput.confirmName",
  "BusinessCallingSettings.cdrBucket",
  "BusinessCallingSettingsInput.cdrBucket",
  "VoiceConnectorSettings.cdrBucket",
  "VoiceConnectorSettingsInput.cdrBucket",
  "Query.accounts(namePrefix)",
  "SigninDelegateGroup.groupName",
  "AssociateSigninDelegateGroupsWithAccountInput.groupNames",
  "DisassociateSigninDelegateGroupsFromAccountInput.groupNames",
  "Account.users(after)",
  "Account.rooms(after)",
  "Account.bots(after)",
  "User.rooms(after)",
  "Bot.rooms(after)",
  "Room.memberships(after)",
  "RoomEdge.cursor",
  "RoomMembershipEdge.cursor",
  "BotEdge.cursor",
  // The company's own domain.
  "CreateBotInput.domain",
  "MemberError.errorMessage",
  "Query.accounts(after)",
  "AccountEdge.cursor",
  "UserEdge.cursor",
  "PageInfo.startCursor",
  "PageInfo.endCursor",
  "MutationError.message",
  "MutationError.path",
  "UserError.errorMessage",
  "Account.phoneNumbers(after)",
  "Query.phoneNumbers(after)",
  "Query.phoneNumberOrders(after)",
  "PhoneNumberOrderEdge.cursor",
  "Query.availablePhoneNumbers(after)",
  "Query.availablePhoneNumbers(country)",
  "Query.availablePhoneNumbers(state)",
  "Query.availablePhoneNumbers(city)",
  "Query.availablePhoneNumbers(areaCode)",
  "Query.availablePhoneNumbers(tollFreePrefix)",
  "PhoneNumberCountry.countryCode",
  "InviteError.errorMessage",
]);

test('a text field has @tag(name: "pii"), unless it is listed as impersonal', () => {
  const untagged = places
    .filter(({ type, isTagged }) => ["String", "EmailAddress"].includes(type) && !isTagged)
    .map(({ path }) => path);

  expect(untagged.filter((path) => !impersonal.has(path))).toEqual([]);
});

test("a field tagged as personal data is in the requests of the privacy test", () => {
  const folder = new URL("../", import.meta.url);
  const requests = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith("newFields.test.ts"))
    .map((file) => readFileSync(new URL(file, folder), "utf8"))
    .filter((text) => /canar(y|ies)/.test(text))
    .join("\n");
  const personal = places.filter(({ isTagged }) => isTagged);

  expect(personal.length).toBeGreaterThan(10);
  expect(
    personal.filter(({ place }) => !new RegExp(`\\b${place.name}\\b`).test(requests)).map(({ path }) => path),
  ).toEqual([]);
});

test("a query or mutation is in the requests of the privacy test", () => {
  const requests = JSON.stringify(operations);
  const roots = [schema.getQueryType(), schema.getMutationType()]
    .flatMap((type) => Object.keys(type?.getFields() ?? {}))
    .filter((name) => name !== "_service");

  expect(roots.filter((name) => !new RegExp(`\\b${name}\\b`).test(requests))).toEqual([]);
});

describe("a field costs calls in a list exactly if it has @cost:", () => {
  const objectType = (name: string) => schema.getType(name) as GraphQLObjectType;
  const fieldsOf = (name: string) => Object.values(objectType(name).getFields());

  /** The selection of one leaf below a field, which takes no further call. */
  function below(type: GraphQLOutputType): string {
    const target = getNamedType(type);
    if (isLeafType(target)) return "";
    const fields = Object.values((target as GraphQLObjectType).getFields());
    const leaf = fields.find((field) => isLeafType(getNamedType(field.type)) && !has("cost", field));
    return leaf
      ? `{ ${leaf.name} }`
      : `{ ${fields[0]?.name} ${below(fields[0]?.type as GraphQLOutputType)} }`;
  }

  async function callsOf(query: string): Promise<Record<string, number>> {
    await harness.forgetCalls();
    expect((await harness.ask(query)).errors, query).toBeUndefined();
    return harness.calls();
  }

  test.each(fieldsOf("User").map((field) => [field.name, field] as const))("User.%s", async (name, field) => {
    const userIds = await harness.userIds(largeAccountId, 20);
    const calls = await callsOf(
      `{ users(accountId: "${largeAccountId}", userIds: ${JSON.stringify(userIds)}) { ${name} ${below(field.type)} } }`,
    );

    // All of a list's users have the same account, so that it has no @cost.
    const account = name === "account" && { GetAccount: 1 };
    const rows = { ListUsers: 1, ...account };
    const others: Record<string, object> = {
      settings: { GetUserSettings: 20 },
      rooms: { ListRooms: 20 },
      // The users' numbers are in one page of the account's.
      phoneNumber: { ListPhoneNumbers: 1 },
    };
    if (others[name]) expect(calls).toEqual({ ...rows, ...others[name] });
    else expect(calls).toEqual(has("cost", field) ? { GetUser: 20 } : rows);
  });

  test.each(fieldsOf("Account").map((field) => [field.name, field] as const))(
    "Account.%s",
    async (name, field) => {
      const ids: Record<string, string> = {
        user: `(userId: "${userId}")`,
        room: `(roomId: "${roomId}")`,
        bot: `(botId: "${botId}")`,
      };
      const { ListAccounts, ...others } = await callsOf(
        `{ accounts(first: 3) { nodes { ${name}${ids[name] ?? ""} ${below(field.type)} } } }`,
      );

      expect(ListAccounts).toBe(1);
      // Of the three accounts, one is a Team account, which has no such objects, and one has 450 users.
      const isOfEnterprise = ["retentionSettings", "rooms", "room", "bots", "bot"].includes(name);
      const calls = isOfEnterprise ? 2 : name === "userSummary" ? 5 : 3;
      expect(Object.values(others)).toEqual(has("cost", field) ? [calls] : []);
    },
  );
});
