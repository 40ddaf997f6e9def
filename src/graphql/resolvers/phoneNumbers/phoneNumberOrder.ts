import {
  type PhoneNumberCountry as ChimePhoneNumberCountry,
  OrderedPhoneNumber$,
  PhoneNumberCountry$,
  PhoneNumberOrder$,
  PhoneNumberOrderStatus,
  PhoneNumberStatus,
  PhoneNumberType,
} from "@aws-sdk/client-chime";
import { z } from "zod";
import { malformedResponse } from "../../../chime/errors.js";
import {
  type ChimeOrderedPhoneNumber,
  type ChimePhoneNumberOrder,
  numberOf,
  rejectsProductType,
} from "../../../chime/phoneNumbers.js";
import { defineEntity, defineList } from "../../../chime/reads/definitions.js";
import type { Loaders } from "../../../chime/reads/loaders.js";
import { createRequest } from "../../../chime-api/requests.js";
import type {
  AvailablePhoneNumberResolvers,
  CreatePhoneNumberOrderInput,
  CreatePhoneNumberOrderPayloadResolvers,
  MutationResolvers,
  OrderedPhoneNumberResolvers,
  PhoneNumberCountryResolvers,
  PhoneNumberOrderResolvers,
  QueryAvailablePhoneNumbersArgs,
  QueryResolvers,
} from "../../../generated/schema.js";
import { readPage } from "../shared/connections.js";
import { plainFields } from "../shared/derived.js";
import { completeKey } from "../shared/entityKeys.js";
import { idIn, phoneNumberOrderGlobalId } from "../shared/globalId.js";
import { knownValues } from "../shared/knownValues.js";
import { type MutationRules, runMutation } from "../shared/mutation.js";
import { outcomeAndErrors, written } from "../shared/payloads.js";
import {
  atLeastOneOf,
  chimeText,
  globalIdOfPhoneNumberOrder,
  pageArguments,
  parse,
  phoneNumberId,
  phoneNumberOrderId,
  searchText,
  validate,
} from "../shared/validation.js";
import { readListedNumber } from "./phoneNumber.js";

const byId = z.object({ id: globalIdOfPhoneNumberOrder });
const byOrderId = z.object({ phoneNumberOrderId });

const filtersOfUs = ["areaCode", "city", "state", "tollFreePrefix"] as const;
const [hasFilterOfUs, missingFilter] = atLeastOneOf(...filtersOfUs);
type Search = Partial<QueryAvailablePhoneNumbersArgs>;
const isInUs = ({ country }: Search): boolean => country == null || country === "US";

const search = z
  .looseObject({
    ...pageArguments,
    country: chimeText("Country", undefined, true).nullish(),
    state: searchText.nullish(),
    city: searchText.nullish(),
    areaCode: searchText.nullish(),
    tollFreePrefix: chimeText("TollFreePrefix").nullish(),
  })
  .refine((args) => !isInUs(args) || hasFilterOfUs(args), missingFilter)
  .refine(({ city, state }: Search) => city == null || state != null, {
    path: ["state"],
    message: "is required with city",
  })
  .refine((args: Search) => isInUs(args) || args.phoneNumberType != null, {
    path: ["phoneNumberType"],
    message: "is required unless country is US",
  })
  .check(({ value, issues }) => {
    for (const filter of isInUs(value) ? [] : filtersOfUs)
      if (value[filter] != null)
        issues.push({
          code: "custom",
          input: value,
          path: [filter],
          message: "is not allowed unless country is US",
        });
  });

interface OrderKey {
  readonly phoneNumberOrderId: string;
}

const order = defineEntity("GetPhoneNumberOrder", {
  from: ({ PhoneNumberOrder }) => PhoneNumberOrder,
  requestOf: ({ phoneNumberOrderId: PhoneNumberOrderId }: OrderKey) => ({ PhoneNumberOrderId }),
});

const orders = defineList("ListPhoneNumberOrders", {
  from: ({ PhoneNumberOrders }) => PhoneNumberOrders as ChimePhoneNumberOrder[] | undefined,
  idOf: ({ PhoneNumberOrderId }) => PhoneNumberOrderId,
});

const available = defineList("SearchAvailablePhoneNumbers", {
  from: ({ E164PhoneNumbers }) => E164PhoneNumbers?.map((E164PhoneNumber) => ({ E164PhoneNumber })),
  idOf: ({ E164PhoneNumber }) => E164PhoneNumber,
});

const readOrder = ({ phoneNumberOrderId: id }: OrderKey, loaders: Loaders) =>
  loaders.one(order, { phoneNumberOrderId: id });

export const phoneNumberOrderQueries = {
  phoneNumberOrder: (_parent, args, { loaders }) => readOrder(validate(byOrderId, args), loaders),

  phoneNumberOrders: (_parent, args, { loaders }) => readPage(orders, {}, args, loaders),

  async availablePhoneNumbers(_parent, args, { loaders }) {
    return readPage(available, validate(search, args), args, loaders);
  },

  async supportedPhoneNumberCountries(_parent, args, { loaders }) {
    const request = createRequest("ListSupportedPhoneNumberCountries", args);
    const output = await loaders.read("ListSupportedPhoneNumberCountries", request);
    if (!output?.PhoneNumberCountries)
      throw malformedResponse("ListSupportedPhoneNumberCountries", "PhoneNumberCountries");
    return output.PhoneNumberCountries;
  },
} satisfies Partial<QueryResolvers>;

const newOrder: MutationRules<CreatePhoneNumberOrderInput> = {
  rules: z.looseObject({
    e164PhoneNumbers: z
      .array(phoneNumberId)
      .min(1, "must have at least one phone number")
      .max(50, "must have at most 50 phone numbers"),
  }),
  fieldErrors: {
    BadRequest: {
      field: "productType",
      message:
        "is not possible for all of the numbers: toll-free numbers must not be BUSINESS_CALLING, and numbers outside the US must be SIP_MEDIA_APPLICATION_DIAL_IN",
      appliesTo: ({ e164PhoneNumbers: numbers, productType }) =>
        numbers.some((number) => rejectsProductType(number, productType)),
    },
    ResourceLimitExceeded: {
      field: "e164PhoneNumbers",
      message: "has more phone numbers than the AWS account may still order",
    },
  },
};

export const phoneNumberOrderMutations = {
  createPhoneNumberOrder: (_parent, { input }, context) =>
    runMutation(context, newOrder, input, (valid) => {
      const e164PhoneNumbers = [...new Set(valid.e164PhoneNumbers)];
      const request = createRequest("CreatePhoneNumberOrder", { ...valid, e164PhoneNumbers });
      return context.writes.object(order, "CreatePhoneNumberOrder", request, ({ PhoneNumberOrder }) => ({
        phoneNumberOrderId: PhoneNumberOrder?.PhoneNumberOrderId,
      }));
    }),
} satisfies Partial<MutationResolvers>;

export const PhoneNumberOrder: PhoneNumberOrderResolvers = {
  ...plainFields<ChimePhoneNumberOrder>(PhoneNumberOrder$),
  // Async, so that an invalid representation fails alone.
  async __resolveReference(reference, { loaders }) {
    const [member] = completeKey(reference, [["id"], ["phoneNumberOrderId"]]);
    if (member !== "id") return readOrder(parse(byOrderId, reference), loaders);
    const id = idIn("PhoneNumberOrder", parse(byId, reference).id) ?? "";
    return readOrder({ phoneNumberOrderId: id }, loaders);
  },
  id: ({ PhoneNumberOrderId }) => phoneNumberOrderGlobalId(PhoneNumberOrderId),
  // Filtered, because new numbers come last in the whole list.
  orderedPhoneNumbers({ ProductType, Status: status, OrderedPhoneNumbers = [] }) {
    const { AcquireInProgress, Unassigned } = PhoneNumberStatus;
    const Status = status === PhoneNumberOrderStatus.Processing ? AcquireInProgress : Unassigned;
    return OrderedPhoneNumbers.map((number) => ({ ...number, filter: { ProductType, Status } }));
  },
};

export const OrderedPhoneNumber: OrderedPhoneNumberResolvers = {
  ...plainFields<ChimeOrderedPhoneNumber>(OrderedPhoneNumber$),
  phoneNumber: ({ E164PhoneNumber: number, filter }, _args, { loaders }) =>
    number ? readListedNumber({ phoneNumberId: numberOf(number), filter }, loaders) : null,
};

export const AvailablePhoneNumber: AvailablePhoneNumberResolvers = {
  e164PhoneNumber: ({ E164PhoneNumber }) => E164PhoneNumber,
};

export const PhoneNumberCountry: PhoneNumberCountryResolvers = {
  ...plainFields<ChimePhoneNumberCountry>(PhoneNumberCountry$),
  supportedPhoneNumberTypes: ({ SupportedPhoneNumberTypes = [] }, _args, context, info) =>
    knownValues(PhoneNumberType, SupportedPhoneNumberTypes, "Unknown type of phone number.", context, info),
};

export const CreatePhoneNumberOrderPayload: CreatePhoneNumberOrderPayloadResolvers = {
  ...outcomeAndErrors,
  phoneNumberOrder: written((key: OrderKey, { loaders }) => readOrder(key, loaders)),
};
