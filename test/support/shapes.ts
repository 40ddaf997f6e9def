/** A valid request that multiplies: rows by fields, fields by aliases, calls by rows. */
export interface Shape {
  readonly name: string;
  readonly query: string;
  readonly variables?: object;
  /** The limit that it exceeds; absent if it is answered. */
  readonly limit?: string;
  /** The operation of Chime that fails each time. */
  readonly failing?: string;
  /** Whether the caller lacks the scope for `personalPin`. */
  readonly isForbidden?: boolean;
}

/** The data at Chime. With less data the shapes are refused or answered as with all of it. */
export interface ShapeData {
  /** In full, an account of 1,000 users. */
  readonly accountId: string;
  readonly userIds: readonly string[];
  /** In full, of 1,000 users. */
  readonly emails: readonly string[];
  /** In full, the beginning of the names of 20 accounts with 500 users each. */
  readonly namePrefix: string;
  /** In full, an account with 500 delegate groups. */
  readonly groupsAccountId: string;
}

const many = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(" ");
const aliases = (count: number, field: string): string => many(count, (index) => `a${index}: ${field}`);
const longAliases = (count: number, field: string): string =>
  many(count, (index) => `${"a".repeat(1_000)}${index}: ${field}`);

const ofAccount = "id accountId awsAccountId name accountType accountStatus createdTimestamp defaultLicense";
const ofUser = `id userId accountId primaryEmail displayName licenseType userType userRegistrationStatus
  userInvitationStatus registeredOn primaryProvisionedNumber`;

export function createShapes({
  accountId,
  userIds,
  emails,
  namePrefix,
  groupsAccountId,
}: ShapeData): Shape[] {
  const users = (rows: string, first = 1_000) =>
    `{ account(accountId: "${accountId}") { users(first: ${first}) { ${rows} } } }`;
  const nodes = (fields: string) => users(`nodes { ${fields} }`);
  const fill = <Item>(count: number, items: readonly Item[]) =>
    Array.from({ length: count }, (_, index) => items[index % items.length]);
  const entities = (fields: string, of: object) => ({
    query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { ${fields} } } }`,
    variables: { of },
  });
  const byId = fill(1_000, userIds).map((userId) => ({ __typename: "User", accountId, userId }));
  const byEmail = fill(1_000, emails).map((primaryEmail) => ({ __typename: "User", primaryEmail }));
  const byIds = (fields: string) => ({
    query: `query ($ids: [ID!]!) { users(accountId: "${accountId}", userIds: $ids) { ${fields} } }`,
    variables: { ids: fill(500, userIds) },
  });
  const groups = (count: number) =>
    `{ account(accountId: "${groupsAccountId}") { ${aliases(count, "signinDelegateGroups { groupName }")} } }`;

  return [
    {
      name: "190 aliases of an account below 1,000 users",
      query: nodes(aliases(190, `account { ${ofAccount} }`)),
      limit: "values",
    },
    {
      name: "9 aliases of an account below 1,000 users",
      query: nodes(aliases(9, `account { ${ofAccount} }`)),
    },
    { name: "110 aliases of a name", query: nodes(aliases(110, "displayName")) },
    { name: "190 aliases of a date", query: nodes(aliases(190, "registeredOn")) },
    { name: "190 aliases of a global id", query: nodes(aliases(190, "id")), limit: "responseBytes" },
    { name: "60 aliases of a global id", query: nodes(aliases(60, "id")) },
    { name: "190 aliases of __typename", query: nodes(aliases(190, "__typename")) },
    { name: "60 aliases of a cursor", query: users(`edges { ${aliases(60, "cursor")} }`) },
    {
      name: "edges and nodes, each with 95 aliases",
      query: users(
        `nodes { ${aliases(95, "licenseType")} } edges { node { ${aliases(95, "licenseType")} } }`,
      ),
    },
    {
      name: "20 aliases of 1,000 characters",
      query: nodes(longAliases(20, "userId")),
      limit: "responseBytes",
    },
    { name: "9 aliases of 1,000 characters", query: nodes(longAliases(9, "userId")) },
    {
      name: "a fragment under 100 aliases",
      query: `${nodes(aliases(100, "alexaForBusinessMetadata { ...A }"))} fragment A on AlexaForBusinessMetadata {
        isAlexaForBusinessEnabled alexaForBusinessRoomArn on: isAlexaForBusinessEnabled }`,
      limit: "values",
    },
    {
      name: "a fragment under 33 aliases",
      query: `${nodes(aliases(33, "alexaForBusinessMetadata { ...A }"))} fragment A on AlexaForBusinessMetadata {
        isAlexaForBusinessEnabled alexaForBusinessRoomArn on: isAlexaForBusinessEnabled }`,
    },
    {
      name: "a fragment 40 times without aliases, which is one field",
      query: `${nodes(many(40, () => "...U"))} fragment U on User { ${ofUser} }`,
    },
    {
      name: "190 aliases of a field that fails",
      query: nodes(aliases(190, "personalPin")),
      limit: "values",
      failing: "GetUser",
    },
    {
      name: "20 aliases of all types and fields of the schema",
      query: `{ ${aliases(20, "__schema { types { name fields { name description args { name description } } } }")} }`,
      limit: "values",
    },
    {
      name: "18 aliases of a field that fails",
      query: nodes(aliases(18, "personalPin")),
      failing: "GetUser",
    },
    {
      name: "18 aliases of a field that costs a call for each row",
      query: nodes(aliases(18, "personalPin")),
    },
    {
      name: "190 aliases of a field that is forbidden",
      query: nodes(aliases(190, "personalPin")),
      limit: "values",
      isForbidden: true,
    },
    {
      name: "18 aliases of a field that is forbidden",
      query: nodes(aliases(18, "personalPin")),
      isForbidden: true,
    },
    {
      name: "a call for each of 9,000 rows",
      query: `{ accounts(first: 9) { nodes { users(first: 1000) { nodes { personalPin } } } } }`,
      limit: "calls",
    },
    { name: "a call for each of 1,000 rows", query: nodes("personalPin invitedOn") },
    {
      name: "three look-ups in each of 1,000 accounts",
      query: `{ accounts(first: 1000) { nodes { ${many(3, (i) => `u${i}: user(userId: "u${i}") { id }`)} } } }`,
      limit: "calls",
    },
    {
      name: "two look-ups in each of 1,000 accounts",
      query: `{ accounts(first: 1000) { nodes { ${many(2, (i) => `u${i}: user(userId: "u${i}") { id }`)} } } }`,
    },
    {
      name: "a page of users in each of 1,000 accounts",
      query: `{ accounts(first: 1000) { nodes { users(first: 29) { nodes { displayName } } } } }`,
    },
    {
      name: "connections in connections",
      query: `{ accounts(first: 1000) { nodes { users(first: 1000) { nodes { id } } } } }`,
      limit: "nodes",
    },
    {
      name: "20 accounts with 500 users of ten fields",
      query: `{ accounts(first: 20, namePrefix: "${namePrefix}") { nodes { name users(first: 500) { nodes { ${ofUser} } } } } }`,
    },
    {
      name: "the same 500 users under 20 aliases",
      query: `{ ${many(20, (i) => `a${i}: account(accountId: "${accountId}") { users(first: 500) { nodes { ${ofUser} } } }`)} }`,
    },
    { name: "500 users by id with 110 aliases", ...byIds(aliases(110, "displayName")) },
    {
      name: "500 users by id with what costs a call each",
      ...byIds(`${ofUser} personalPin account { name }`),
    },
    {
      name: "500 users by id under five aliases",
      query: `query ($ids: [ID!]!) { ${aliases(5, `users(accountId: "${accountId}", userIds: $ids) { id }`)} }`,
      variables: { ids: fill(500, userIds) },
      limit: "calls",
    },
    { name: "1,000 entities by id with 110 aliases", ...entities(aliases(110, "displayName"), byId) },
    {
      name: "1,000 entities by id with their PIN and account",
      ...entities(`${ofUser} personalPin account { name }`, byId),
    },
    {
      name: "1,000 entities by e-mail with ten fields and their account",
      ...entities(`${ofUser} account { name }`, byEmail),
    },
    { name: "1,000 entities by e-mail with their PIN", ...entities("personalPin", byEmail), limit: "calls" },
    { name: "180 aliases of 500 delegate groups", query: groups(180) },
    {
      name: "60 aliases of the schema's text",
      query: `{ ${aliases(6, `_service { ${many(9, (i) => `s${i}: sdl`)} }`)} }`,
    },
    {
      name: "48 aliases within introspection",
      query: `{ ${aliases(4, `__schema { types { fields { ${many(6, (i) => `n${i}: name d${i}: description`)} } } }`)} }`,
      limit: "values",
    },
    {
      name: "170 aliases of arguments of fields of fields within introspection",
      query: `{ ${aliases(9, `__schema { types { fields { type { fields { args { ${many(18, (i) => `n${i}: name`)} } } } } } }`)} }`,
      limit: "nodes",
    },
  ];
}
