import { type GraphQLSchema, isObjectType } from "graphql";
import type { ChimeUser } from "../../chime/models.js";
import { enumName } from "../../chime-api/names.js";
import { ForbiddenError, missingScopes } from "../../graphql/authorization.js";
import type { Caller } from "../../graphql/caller.js";
import { userGlobalId } from "../../graphql/resolvers/shared/globalId.js";
import { typeIn } from "../../graphql/subgraph/prefix.js";

export type Cell = string | boolean | null | undefined;

/** GraphQL's names of enum values, by Chime's values. */
const names = new Map<string, string>();

function nameOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const name = names.get(value) ?? enumName(value);
  // Chime has a few; a fault must not fill the memory.
  if (names.size < 100) names.set(value, name);
  return name;
}

/** The members that ListUsers returns, by GraphQL's names; parts of another object have its field's name as well. */
const readers = {
  userId: ({ UserId }) => UserId,
  primaryEmail: ({ PrimaryEmail }) => PrimaryEmail,
  displayName: ({ DisplayName }) => DisplayName,
  licenseType: ({ LicenseType }) => nameOf(LicenseType),
  userType: ({ UserType }) => nameOf(UserType),
  userRegistrationStatus: ({ UserRegistrationStatus }) => nameOf(UserRegistrationStatus),
  userInvitationStatus: ({ UserInvitationStatus }) => nameOf(UserInvitationStatus),
  registeredOn: ({ RegisteredOn }) => RegisteredOn?.toISOString(),
  primaryProvisionedNumber: ({ PrimaryProvisionedNumber }) => PrimaryProvisionedNumber,
  "alexaForBusinessMetadata.isAlexaForBusinessEnabled": ({ AlexaForBusinessMetadata }) =>
    AlexaForBusinessMetadata?.IsAlexaForBusinessEnabled,
  "alexaForBusinessMetadata.alexaForBusinessRoomArn": ({ AlexaForBusinessMetadata }) =>
    AlexaForBusinessMetadata?.AlexaForBusinessRoomArn,
  accountId: ({ AccountId }) => AccountId,
  id: ({ AccountId, UserId }) => userGlobalId({ accountId: AccountId, userId: UserId }),
} satisfies Readonly<Record<string, (user: ChimeUser) => Cell>>;

/** The position after the row, as in `Account.users`. */
const cursorColumn = "cursor";
export type Column = keyof typeof readers | typeof cursorColumn;

export const allColumns = [...Object.keys(readers), cursorColumn] as readonly Column[];
export const defaultColumns = allColumns.filter((column) => column !== "id" && column !== cursorColumn);

/** @returns the cells of a user's row */
export const createRowReader = (
  columns: readonly Column[],
): ((user: ChimeUser, cursor: () => string) => Cell[]) => {
  const chosen = columns.map((column) => (column === cursorColumn ? undefined : readers[column]));
  return (user, cursor) => chosen.map((read) => (read ? read(user) : cursor()));
};

/**
 * Checks the scopes that GraphQL requires for the same fields.
 *
 * @throws ForbiddenError
 */
export function checkColumns(columns: readonly Column[], schema: GraphQLSchema, caller: Caller): void {
  const user = typeIn(schema, "User");
  if (!isObjectType(user)) throw new Error("The schema has no User.");
  const missing = new Map([["User", missingScopes(user, caller)]]);
  for (const column of columns) {
    const field = user.getFields()[column.split(".")[0] ?? column];
    if (field) missing.set(`User.${field.name}`, missingScopes(field, caller));
  }
  for (const [place, scopes] of missing) if (scopes.length === 0) missing.delete(place);
  if (missing.size > 0) throw new ForbiddenError(missing);
}
