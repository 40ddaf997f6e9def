import type { ChimeTestClient } from "../support/chimeClient.js";
import {
  createCallingUser,
  findNumber,
  nextDeletedNumber,
  nextFreeNumber,
  ordersOf,
} from "../support/freeNumbers.js";
import type { Target, WriteCase } from "./writeCase.js";

const ofNumber = (number: string): Target => ({ accountId: "", userId: "", number });
const free = async (chime: ChimeTestClient): Promise<Target> => ofNumber(await nextFreeNumber(chime));

/** A calling name cannot contain a hyphen. */
const nameOf = (mark: string) => mark.replace("-", " ");
/** A number that nobody offers: its order fails, and is listed all the same. */
const orderedBy = (mark: string) => `+1555${mark.replace(/\D/g, "").padStart(7, "0")}`;

const isNamed: WriteCase["happened"] = async (chime, { number = "" }, mark) =>
  (await findNumber(chime, number))?.CallingName === nameOf(mark) ? 1 : 0;

const isDeleted: WriteCase["happened"] = async (chime, { number = "" }) =>
  (await findNumber(chime, number))?.DeletionTimestamp ? 1 : 0;

const pathOfNumber: WriteCase["path"] = ({ number = "" }) => `/phone-numbers/${encodeURIComponent(number)}`;

/** A mutation whose input is complete. */
const mutation = (operation: string) => {
  const field = operation.charAt(0).toLowerCase() + operation.slice(1);
  return `mutation ($input: ${operation}Input!) { write: ${field}(input: $input) { outcome } }`;
};

const writeOf = (operation: string) => ({ operation, title: operation, mutation: mutation(operation) });

/** Of writes whose paths do not name their number. */
const path = () => undefined;

export const phoneNumberCases: readonly WriteCase[] = [
  {
    ...writeOf("UpdatePhoneNumber"),
    target: free,
    path: pathOfNumber,
    input: ({ number }, mark) => ({ phoneNumberId: number, callingName: nameOf(mark) }),
    happened: isNamed,
  },
  {
    ...writeOf("BatchUpdatePhoneNumber"),
    target: free,
    path,
    input: ({ number }, mark) => ({
      updatePhoneNumberRequestItems: [{ phoneNumberId: number, callingName: nameOf(mark) }],
    }),
    happened: isNamed,
  },
  {
    ...writeOf("DeletePhoneNumber"),
    target: free,
    path: pathOfNumber,
    input: ({ number }) => ({ phoneNumberId: number }),
    happened: isDeleted,
  },
  {
    ...writeOf("BatchDeletePhoneNumber"),
    target: free,
    path,
    input: ({ number }) => ({ phoneNumberIds: [number] }),
    happened: isDeleted,
  },
  {
    ...writeOf("RestorePhoneNumber"),
    target: async (chime) => ofNumber(await nextDeletedNumber(chime)),
    path: pathOfNumber,
    input: ({ number }) => ({ phoneNumberId: number }),
    happened: async (...write) => 1 - (await isDeleted(...write)),
  },
  {
    ...writeOf("AssociatePhoneNumberWithUser"),
    target: (chime) => createCallingUser(chime, false),
    input: ({ accountId, userId, number }) => ({ accountId, userId, e164PhoneNumber: number }),
    happened: async (chime, { accountId, userId, number }) =>
      (await chime.user(accountId, userId)).PrimaryProvisionedNumber === number ? 1 : 0,
  },
  {
    ...writeOf("DisassociatePhoneNumberFromUser"),
    target: (chime) => createCallingUser(chime, true),
    input: ({ accountId, userId }) => ({ accountId, userId }),
    happened: async (chime, { accountId, userId }) =>
      (await chime.user(accountId, userId)).PrimaryProvisionedNumber === undefined ? 1 : 0,
  },
  {
    ...writeOf("CreatePhoneNumberOrder"),
    path,
    input: (_target, mark) => ({ productType: "BUSINESS_CALLING", e164PhoneNumbers: [orderedBy(mark)] }),
    happened: (chime, _target, mark) => ordersOf(chime, orderedBy(mark)),
  },
];
