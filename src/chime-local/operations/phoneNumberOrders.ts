import {
  OrderedPhoneNumberStatus,
  type PhoneNumberCountry,
  type PhoneNumberOrder,
  PhoneNumberOrderStatus,
  type PhoneNumberProductType,
  PhoneNumberType,
} from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import { badRequest, notFound } from "../errors.js";
import { createInventory, processingMs } from "../inventory.js";
import { isInPool, requireProductType, searchPool, toE164 } from "../numberPool.js";
import type { Store } from "../store/store.js";
import { cutPage, type Listing, readPageToken, shortPageSize, takeRows } from "./paging.js";

/** An order is decided when it is made; its result becomes visible when its time has passed. */
export interface StoredOrder {
  readonly PhoneNumberOrderId: string;
  readonly ProductType: PhoneNumberProductType;
  readonly numbers: readonly { readonly number: string; readonly isAcquired: boolean }[];
  readonly CreatedTimestamp: Date;
}

/** As in AWS's example. */
const searchPageSize = 10;

const { Local, TollFree } = PhoneNumberType;
const both = [Local, TollFree];
/** AWS documents which uses are for the US only. Assumption: Great Britain stands for all other countries. */
const countries: Readonly<Record<PhoneNumberProductType, PhoneNumberCountry[]>> = {
  BusinessCalling: [{ CountryCode: "US", SupportedPhoneNumberTypes: [Local] }],
  VoiceConnector: [{ CountryCode: "US", SupportedPhoneNumberTypes: both }],
  SipMediaApplicationDialIn: ["US", "GB"].map((CountryCode) => ({
    CountryCode,
    SupportedPhoneNumberTypes: both,
  })),
};

export function phoneNumberOrderOperations(store: Store) {
  const inventory = createInventory(store);
  const orders = store.collection<StoredOrder>("phoneNumberOrder");
  const isOffered = (number: string): boolean => isInPool(number) && !inventory.find(number);

  function describe({ numbers, CreatedTimestamp, ...order }: StoredOrder): PhoneNumberOrder {
    const doneAt = new Date(CreatedTimestamp.getTime() + processingMs);
    const isDone = doneAt <= store.now();
    return {
      ...order,
      Status: isDone ? resultOf(numbers) : PhoneNumberOrderStatus.Processing,
      OrderedPhoneNumbers: numbers.map(({ number, isAcquired }) => ({
        E164PhoneNumber: number,
        Status: isDone ? numberResult(isAcquired) : OrderedPhoneNumberStatus.Processing,
      })),
      CreatedTimestamp,
      UpdatedTimestamp: isDone ? doneAt : CreatedTimestamp,
    };
  }

  return {
    /** Assumption: a number that the search doesn't offer fails; one that is given twice is ordered once. */
    CreatePhoneNumberOrder({ ProductType, E164PhoneNumbers }) {
      const numbers = [...new Set(E164PhoneNumbers.map(toE164))];
      for (const number of numbers) requireProductType(number, ProductType);
      const order: StoredOrder = {
        PhoneNumberOrderId: store.nextId("order"),
        ProductType,
        numbers: numbers.map((number) => ({
          number,
          isAcquired: isOffered(number),
        })),
        CreatedTimestamp: store.now(),
      };
      for (const { number, isAcquired } of order.numbers) if (isAcquired) inventory.add(number, ProductType);
      orders.save("", order.PhoneNumberOrderId, order);
      return { PhoneNumberOrder: describe(order) };
    },

    GetPhoneNumberOrder({ PhoneNumberOrderId }) {
      const order = orders.find("", PhoneNumberOrderId);
      if (!order) throw notFound("There is no order with this PhoneNumberOrderId.");
      return { PhoneNumberOrder: describe(order) };
    },

    /** Assumption: in the order of creation, 50 by default. */
    ListPhoneNumberOrders({ MaxResults = shortPageSize, NextToken }) {
      const listing: Listing = ["ListPhoneNumberOrders"];
      const [afterSeq] = readPageToken(listing, NextToken, [0] as const);
      const rows = orders.list("", afterSeq, MaxResults + 1);
      const { page, NextToken: next } = cutPage(listing, rows, MaxResults, ({ seq }) => [seq]);
      return { PhoneNumberOrders: page.map(({ body }) => describe(body)), NextToken: next };
    },

    SearchAvailablePhoneNumbers({ MaxResults = searchPageSize, NextToken, ...filter }) {
      const { Country = "US", AreaCode, City, State, TollFreePrefix, PhoneNumberType: type } = filter;
      const usFilters = [AreaCode, City, State, TollFreePrefix];
      const hasUsFilter = usFilters.some((value) => value !== undefined);
      if (Country === "US") {
        if (!hasUsFilter) throw badRequest("AreaCode, City, State or TollFreePrefix is required in the US.");
        if (City !== undefined && State === undefined) throw badRequest("State is required with City.");
      } else {
        if (type === undefined) throw badRequest("PhoneNumberType is required outside the US.");
        if (hasUsFilter) throw badRequest("PhoneNumberType is the only filter outside the US.");
      }
      const listing: Listing = ["SearchAvailablePhoneNumbers", Country, type, ...usFilters];
      const [position] = readPageToken(listing, NextToken, [0] as const);
      const rows = takeRows(searchPool({ ...filter, Country }, position), MaxResults + 1, ({ number }) =>
        isOffered(number),
      );
      const { page, NextToken: next } = cutPage(listing, rows, MaxResults, (row) => [row.position + 1]);
      return { E164PhoneNumbers: page.map(({ number }) => number), NextToken: next };
    },

    ListSupportedPhoneNumberCountries: ({ ProductType }) => ({
      PhoneNumberCountries: countries[ProductType],
    }),
  } satisfies Partial<Operations>;
}

function resultOf(numbers: StoredOrder["numbers"]): PhoneNumberOrderStatus {
  const acquired = numbers.filter(({ isAcquired }) => isAcquired).length;
  if (acquired === numbers.length) return PhoneNumberOrderStatus.Successful;
  return acquired === 0 ? PhoneNumberOrderStatus.Failed : PhoneNumberOrderStatus.Partial;
}

function numberResult(isAcquired: boolean): OrderedPhoneNumberStatus {
  return isAcquired ? OrderedPhoneNumberStatus.Acquired : OrderedPhoneNumberStatus.Failed;
}
