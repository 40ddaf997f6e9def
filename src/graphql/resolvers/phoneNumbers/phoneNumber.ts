import {
  type PhoneNumber as ChimePhoneNumber,
  type PhoneNumberAssociation as ChimePhoneNumberAssociation,
  type PhoneNumberCapabilities as ChimePhoneNumberCapabilities,
  type GetPhoneNumberResponse,
  PhoneNumber$,
  PhoneNumberAssociation$,
  PhoneNumberAssociationName,
  PhoneNumberCapabilities$,
} from "@aws-sdk/client-chime";
import { z } from "zod";
import {
  associated,
  numberOf,
  type PhoneNumberFilter,
  type PhoneNumberKey,
  phoneNumberIdOf,
} from "../../../chime/phoneNumbers.js";
import { defineEntity, defineList } from "../../../chime/reads/definitions.js";
import type { Loaders } from "../../../chime/reads/loaders.js";
import type {
  AccountPhoneNumbersArgs,
  AccountResolvers,
  PhoneNumberAssociationResolvers,
  PhoneNumberCapabilitiesResolvers,
  PhoneNumberResolvers,
  QueryResolvers,
  UserResolvers,
} from "../../../generated/schema.js";
import { readPage } from "../shared/connections.js";
import { plainFields } from "../shared/derived.js";
import { completeKey } from "../shared/entityKeys.js";
import { idIn, phoneNumberGlobalId } from "../shared/globalId.js";
import {
  chimeId,
  globalIdOfPhoneNumber,
  pageArguments,
  parse,
  phoneNumberId,
  validate,
} from "../shared/validation.js";
import { readUser } from "../user.js";

const byId = z.object({ id: globalIdOfPhoneNumber });
const byNumber = z.object({ e164PhoneNumber: phoneNumberId });
const byPhoneNumberId = z.object({ phoneNumberId });
const numberList = z.looseObject({
  ...pageArguments,
  association: z.looseObject({ value: chimeId }).nullish(),
});

const numberOfRow = ({ PhoneNumberId, E164PhoneNumber = PhoneNumberId }: ChimePhoneNumber) =>
  E164PhoneNumber && numberOf(E164PhoneNumber);

const numbers = defineList("ListPhoneNumbers", {
  from: ({ PhoneNumbers }) => PhoneNumbers,
  idOf: numberOfRow,
});

const object = {
  from: ({ PhoneNumber }: GetPhoneNumberResponse) => PhoneNumber,
  requestOf: ({ phoneNumberId: PhoneNumberId }: PhoneNumberKey) => ({ PhoneNumberId }),
};
const idOf = ({ phoneNumberId }: PhoneNumberKey) => phoneNumberId;

/** Several are read from the list of the AWS account. */
export const phoneNumber = defineEntity("GetPhoneNumber", object, {
  definition: numbers,
  requestOf: () => ({}),
  idOf,
});

/** A number that a filtered list most likely has: several are read from that list, if Chime returns them there. */
interface ListedNumberKey extends PhoneNumberKey {
  readonly filter: PhoneNumberFilter;
}

const listedNumber = defineEntity("GetPhoneNumber", object, {
  definition: numbers,
  requestOf: ({ filter }: ListedNumberKey) => filter,
  idOf,
  isFiltered: true,
});

export const readPhoneNumber = (key: PhoneNumberKey, loaders: Loaders) => loaders.one(phoneNumber, key);

export const readListedNumber = (key: ListedNumberKey, loaders: Loaders) => loaders.one(listedNumber, key);

type Filter = Partial<AccountPhoneNumbersArgs> & {
  readonly association?:
    | { readonly name: PhoneNumberAssociationName; readonly value: string }
    | null
    | undefined;
};

/** Reads a page of the phone numbers of the AWS account. */
export async function readPhoneNumbers(args: Filter, loaders: Loaders) {
  const { association, ...filter } = validate(numberList, args);
  const { name: filterName = null, value: filterValue = null } = association ?? {};
  return readPage(numbers, { ...filter, filterName, filterValue }, args, loaders);
}

/** Reads a page of the phone numbers that are assigned to an account or its users. */
export const readPhoneNumbersOf = (
  accountId: string,
  args: Partial<AccountPhoneNumbersArgs>,
  loaders: Loaders,
) =>
  readPhoneNumbers(
    { ...args, association: { name: PhoneNumberAssociationName.AccountId, value: accountId } },
    loaders,
  );

export const phoneNumberQueries = {
  phoneNumber: (_parent, args, { loaders }) => readPhoneNumber(validate(byPhoneNumberId, args), loaders),
  phoneNumbers: (_parent, args, { loaders }) => readPhoneNumbers(args, loaders),
} satisfies Partial<QueryResolvers>;

export const phoneNumbersOfAccount = {
  phoneNumbers: ({ AccountId }, args, { loaders }) => readPhoneNumbersOf(AccountId, args, loaders),
} satisfies Partial<AccountResolvers>;

export const phoneNumberOfUser = {
  phoneNumber({ AccountId, PrimaryProvisionedNumber: number }, _args, { loaders }) {
    if (!number) return null;
    const filter = { FilterName: PhoneNumberAssociationName.AccountId, FilterValue: AccountId };
    return readListedNumber({ phoneNumberId: numberOf(number), filter }, loaders);
  },
} satisfies Partial<UserResolvers>;

export const PhoneNumber: PhoneNumberResolvers = {
  ...plainFields<ChimePhoneNumber>(PhoneNumber$),
  // Async, so that an invalid representation fails alone.
  async __resolveReference(reference, { loaders }) {
    const [member] = completeKey(reference, [["id"], ["e164PhoneNumber"]]);
    const number =
      member === "id"
        ? numberOf(idIn("PhoneNumber", parse(byId, reference).id) ?? "")
        : parse(byNumber, reference).e164PhoneNumber;
    return readPhoneNumber({ phoneNumberId: number }, loaders);
  },
  id: (row) => phoneNumberGlobalId(numberOfRow(row) ?? ""),
  phoneNumberId: (row) => phoneNumberIdOf(numberOfRow(row) ?? ""),
  e164PhoneNumber: (row) => numberOfRow(row) ?? "",
  associations: ({ Associations = [] }) => Associations,
  account(row, _args, { loaders }) {
    const accountId = associated(row, PhoneNumberAssociationName.AccountId);
    return accountId === undefined ? null : loaders.accountById.load(accountId);
  },
  user(row, _args, context, info) {
    const accountId = associated(row, PhoneNumberAssociationName.AccountId);
    const userId = associated(row, PhoneNumberAssociationName.UserId);
    return accountId === undefined || userId === undefined
      ? null
      : readUser({ accountId, userId }, context, info);
  },
};

export const PhoneNumberCapabilities: PhoneNumberCapabilitiesResolvers =
  plainFields<ChimePhoneNumberCapabilities>(PhoneNumberCapabilities$);

export const PhoneNumberAssociation: PhoneNumberAssociationResolvers =
  plainFields<ChimePhoneNumberAssociation>(PhoneNumberAssociation$);
