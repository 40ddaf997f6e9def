import {
  type OrderedPhoneNumber as ChimeOrderedPhoneNumber,
  type PhoneNumberCountry as ChimePhoneNumberCountry,
  OrderedPhoneNumber$,
  PhoneNumberCountry$,
  PhoneNumberOrder$,
  PhoneNumberType,
} from "@aws-sdk/client-chime";
import { z } from "zod";
import { type ChimePhoneNumberOrder, numberOf } from "../../../chime/phoneNumbers.js";
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
import { plainFields } from "../shared/derived.js";
import { completeKey } from "../shared/entityKeys.js";
import { idIn, phoneNumberOrderGlobalId } from "../shared/globalId.js";
import { knownValues } from "../shared/knownValues.js";
import { type MutationRules, readBack, runMutation } from "../shared/mutation.js";
import {
  atLeastOneOf,
  chimeText,
  defaultPageSize,
  globalIdOfPhoneNumberOrder,
  pageArguments,
  parse,
  phoneNumberId,
  phoneNumberOrderId,
  validate,
} from "../shared/validation.js";
import { readPhoneNumber } from "./phoneNumber.js";

const byId = z.object({ id: globalIdOfPhoneNumberOrder });
const byOrderId = z.object({ phoneNumberOrderId });
const orderList = z.looseObject(pageArguments);

const filtersOfUs = ["areaCode", "city", "state", "tollFreePrefix"] as const;
const [hasFilterOfUs, missingFilter] = atLeastOneOf(...filtersOfUs);
type Search = Partial<QueryAvailablePhoneNumbersArgs>;
const isInUs = ({ country }: Search): boolean => country == null || country === "US";

const search = z
  .looseObject({
    ...pageArguments,
    country: chimeText("Country").nullish(),
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

const order = defineEntity<"GetPhoneNumberOrder", ChimePhoneNumberOrder, never, OrderKey>(
  "GetPhoneNumberOrder",
  {
    from: ({ PhoneNumberOrder }) => PhoneNumberOrder as ChimePhoneNumberOrder | undefined,
  },
);

const orders = defineList("ListPhoneNumberOrders", {
  from: ({ PhoneNumberOrders }) => PhoneNumberOrders as ChimePhoneNumberOrder[] | undefined,
  idOf: ({ PhoneNumberOrderId }) => PhoneNumberOrderId,
});

const available = defineList("SearchAvailablePhoneNumbers", {
  from: ({ E164PhoneNumbers }) => E164PhoneNumbers?.map((E164PhoneNumber) => ({ E164PhoneNumber })),
  idOf: ({ E164PhoneNumber }) => E164PhoneNumber,
});

const readOrder = (id: string, loaders: Loaders) => loaders.one(order, { phoneNumberOrderId: id });

export const phoneNumberOrderQueries = {
  phoneNumberOrder: (_parent, args, { loaders }) =>
    readOrder(validate(byOrderId, args).phoneNumberOrderId, loaders),

  async phoneNumberOrders(_parent, args, { loaders }) {
    const { first, after } = validate(orderList, args);
    return loaders.page(orders, {}, { first: first ?? defaultPageSize, after });
  },

  async availablePhoneNumbers(_parent, args, { loaders }) {
    const { first, after, ...filter } = validate(search, args);
    return loaders.page(available, filter, { first: first ?? defaultPageSize, after });
  },

  async supportedPhoneNumberCountries(_parent, args, { loaders }) {
    const request = createRequest("ListSupportedPhoneNumberCountries", args);
    const output = await loaders.read("ListSupportedPhoneNumberCountries", request);
    return output?.PhoneNumberCountries ?? [];
  },
} satisfies Partial<QueryResolvers>;

const newOrder: MutationRules<CreatePhoneNumberOrderInput> = {
  rules: z.looseObject({
    e164PhoneNumbers: z
      .array(phoneNumberId)
      .min(1, "must have at least one phone number")
      .max(50, "must have at most 50 phone numbers"),
  }),
  fieldErrors: {},
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
    if (member === "id") return readOrder(idIn("PhoneNumberOrder", parse(byId, reference).id) ?? "", loaders);
    return readOrder(parse(byOrderId, reference).phoneNumberOrderId, loaders);
  },
  id: ({ PhoneNumberOrderId }) => phoneNumberOrderGlobalId(PhoneNumberOrderId),
  orderedPhoneNumbers: ({ OrderedPhoneNumbers = [] }) => OrderedPhoneNumbers,
};

export const OrderedPhoneNumber: OrderedPhoneNumberResolvers = {
  ...plainFields<ChimeOrderedPhoneNumber>(OrderedPhoneNumber$),
  phoneNumber: ({ E164PhoneNumber: number }, _args, { loaders }) =>
    number ? readPhoneNumber(numberOf(number), loaders) : null,
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
  outcome: ({ outcome }) => outcome,
  phoneNumberOrder: ({ value }, _args, { loaders }) =>
    readBack(value, ({ phoneNumberOrderId }) => readOrder(phoneNumberOrderId, loaders)),
  errors: ({ errors }) => errors,
};
