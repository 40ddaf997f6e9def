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
import { associated, numberOf, phoneNumberIdOf } from "../../../chime/phoneNumbers.js";
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
import { plainFields } from "../shared/derived.js";
import { completeKey } from "../shared/entityKeys.js";
import { idIn, phoneNumberGlobalId } from "../shared/globalId.js";
import {
  chimeId,
  defaultPageSize,
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

interface PhoneNumberKey {
  /** The number: `+12065550100`. */
  readonly phoneNumberId: string;
  readonly accountId?: string;
}

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

/** The number of a user: several are read from the list of the user's account, if Chime returns them there. */
const numberOfUser = defineEntity("GetPhoneNumber", object, {
  definition: numbers,
  requestOf: ({ accountId }) => ({
    FilterName: PhoneNumberAssociationName.AccountId,
    FilterValue: accountId,
  }),
  idOf,
  isFiltered: true,
});

/** @param number `+12065550100` */
export const readPhoneNumber = (number: string, loaders: Loaders) =>
  loaders.one(phoneNumber, { phoneNumberId: number });

type Filter = Partial<AccountPhoneNumbersArgs> & {
  readonly association?:
    | { readonly name: PhoneNumberAssociationName; readonly value: string }
    | null
    | undefined;
};

/** Reads a page of the phone numbers of the AWS account. */
export async function readPhoneNumbers(args: Filter, loaders: Loaders) {
  const { first, after, association, ...filter } = validate(numberList, args);
  return loaders.page(
    numbers,
    { ...filter, filterName: association?.name ?? null, filterValue: association?.value ?? null },
    { first: first ?? defaultPageSize, after },
  );
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
  phoneNumber: (_parent, args, { loaders }) =>
    readPhoneNumber(validate(byPhoneNumberId, args).phoneNumberId, loaders),
  phoneNumbers: (_parent, args, { loaders }) => readPhoneNumbers(args, loaders),
} satisfies Partial<QueryResolvers>;

export const phoneNumbersOfAccount = {
  phoneNumbers: ({ AccountId }, args, { loaders }) => readPhoneNumbersOf(AccountId, args, loaders),
} satisfies Partial<AccountResolvers>;

export const phoneNumberOfUser = {
  phoneNumber: ({ AccountId: accountId, PrimaryProvisionedNumber: number }, _args, { loaders }) =>
    number ? loaders.one(numberOfUser, { phoneNumberId: numberOf(number), accountId }) : null,
} satisfies Partial<UserResolvers>;

export const PhoneNumber: PhoneNumberResolvers = {
  ...plainFields<ChimePhoneNumber>(PhoneNumber$),
  // Async, so that an invalid representation fails alone.
  async __resolveReference(reference, { loaders }) {
    const [member] = completeKey(reference, [["id"], ["e164PhoneNumber"]]);
    if (member === "id")
      return readPhoneNumber(numberOf(idIn("PhoneNumber", parse(byId, reference).id) ?? ""), loaders);
    return readPhoneNumber(parse(byNumber, reference).e164PhoneNumber, loaders);
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
