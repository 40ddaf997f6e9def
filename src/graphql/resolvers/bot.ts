import { Bot$, EventsConfiguration$, type GetBotResponse } from "@aws-sdk/client-chime";
import type { FieldNode, GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import { identified } from "../../chime/identity.js";
import type { ChimeBot, ChimeEventsConfiguration } from "../../chime/models.js";
import { defineEntity, defineList } from "../../chime/reads/definitions.js";
import type { Loaders } from "../../chime/reads/loaders.js";
import { createRequest } from "../../chime-api/requests.js";
import type {
  AccountResolvers,
  BotResolvers,
  CreateBotInput,
  DeleteEventsConfigurationInput,
  EventsConfigurationResolvers,
  MutationResolvers,
  PutEventsConfigurationInput,
  QueryResolvers,
} from "../../generated/schema.js";
import { readRooms } from "./room.js";
import { type PageArguments, readPage } from "./shared/connections.js";
import type { Context } from "./shared/context.js";
import { plainFields } from "./shared/derived.js";
import { referenceTo } from "./shared/entityKeys.js";
import { botGlobalId, type KeyOf } from "./shared/globalId.js";
import { type Prefetches, prefetch } from "./shared/lookahead.js";
import { accountNotFound, enterpriseOnly, type MutationRules, runMutation } from "./shared/mutation.js";
import { outcomeAndErrors, written } from "./shared/payloads.js";
import { unlessTeam } from "./shared/teamAccounts.js";
import {
  atLeastOneOf,
  atMostOneOf,
  botIds,
  botName,
  chimeId,
  domain,
  httpsUrl,
  lambdaArn,
  validate,
} from "./shared/validation.js";

type BotKey = KeyOf<"Bot">;

const bots = defineList("ListBots", {
  from: ({ Bots }) => Bots as ChimeBot[] | undefined,
  idOf: ({ BotId }) => BotId,
});
const object = { from: ({ Bot }: GetBotResponse) => Bot as ChimeBot | undefined };
const bot = defineEntity<"GetBot", ChimeBot, "ListBots", BotKey>("GetBot", object, { definition: bots });
/** Always GetBot, for what another response lacks. */
const completeBot = defineEntity<"GetBot", ChimeBot, never, BotKey>("GetBot", object);

/** The default of `Account.bots(first:)`: an account has at most ten bots. */
const botPageSize = 10;

const readBots = (accountId: string, args: PageArguments, loaders: Loaders) =>
  readPage(bots, { accountId }, args, loaders, botPageSize);

async function readEventsConfiguration(
  key: BotKey,
  loaders: Loaders,
): Promise<ChimeEventsConfiguration | undefined> {
  const output = await loaders.read("GetEventsConfiguration", createRequest("GetEventsConfiguration", key));
  return (
    output?.EventsConfiguration &&
    identified("GetEventsConfiguration", output.EventsConfiguration, { BotId: key.botId })
  );
}

const prefetches: Prefetches<BotKey> = {
  eventsConfiguration: (key, _args, { loaders }) => readEventsConfiguration(key, loaders),
  rooms: ({ accountId, botId }, args, { loaders }) =>
    readRooms(accountId, { ...args, memberId: botId }, loaders),
};

/** Loads a bot together with what needs only its ids. */
export async function readBot(
  { accountId, botId }: BotKey,
  context: Context,
  info: GraphQLResolveInfo,
  fields?: readonly FieldNode[],
) {
  const key = validate(botIds, { accountId, botId });
  prefetch("Bot", prefetches, key, context, info, fields);
  return context.loaders.one(bot, key);
}

export const botQueries = {
  bot: (_parent, key, context, info) => readBot(key, context, info),
} satisfies Partial<QueryResolvers>;

const newBot: MutationRules<CreateBotInput> = {
  rules: z.looseObject({ accountId: chimeId, displayName: botName, domain: domain.nullish() }),
  fieldErrors: {
    ...enterpriseOnly,
    NotFound: accountNotFound,
    // The name or the domain, even if no domain is given.
    BadRequest: {
      message:
        "Chime rejected the bot: a bot of the account may have the same address, or the account may not have claimed this domain, or any domain.",
    },
    ResourceLimitExceeded: {
      field: "accountId",
      message: `is the id of an account that has ${botPageSize} bots already`,
    },
  },
};
const ofBot = { rules: botIds, fieldErrors: enterpriseOnly } as const;

const destinations = ["outboundEventsHttpsEndpoint", "lambdaFunctionArn"] as const;
const unreachable = "is not a destination that responds to Chime as expected";
const newDestination: MutationRules<PutEventsConfigurationInput> = {
  rules: botIds
    .extend({ outboundEventsHttpsEndpoint: httpsUrl.nullish(), lambdaFunctionArn: lambdaArn.nullish() })
    .refine(...atLeastOneOf(...destinations))
    .refine(...atMostOneOf(...destinations)),
  fieldErrors: {
    ...enterpriseOnly,
    BadRequest: destinations.map((field) => ({ field, message: unreachable })),
  },
};
const noDestination: MutationRules<DeleteEventsConfigurationInput> = {
  rules: botIds,
  // The operation has no NotFound.
  fieldErrors: {
    ...enterpriseOnly,
    BadRequest: { field: "botId", message: "is not the id of a bot of the account" },
  },
};

export const botMutations = {
  createBot: (_parent, { input }, context) =>
    runMutation(context, newBot, input, (valid) =>
      context.writes.object(bot, "CreateBot", createRequest("CreateBot", valid), ({ Bot }) => ({
        accountId: valid.accountId,
        botId: Bot?.BotId,
      })),
    ),

  updateBot: (_parent, { input }, context) =>
    runMutation(context, ofBot, input, (valid) =>
      context.writes.object(bot, "UpdateBot", createRequest("UpdateBot", valid), () => valid),
    ),

  regenerateSecurityToken: (_parent, { input }, context) =>
    runMutation(context, ofBot, input, (valid) => {
      const request = createRequest("RegenerateSecurityToken", valid);
      return context.writes.object(bot, "RegenerateSecurityToken", request, () => valid);
    }),

  putEventsConfiguration: (_parent, { input }, context) =>
    runMutation(context, newDestination, input, async (valid) => {
      await context.writes.run("PutEventsConfiguration", createRequest("PutEventsConfiguration", valid));
      return valid;
    }),

  deleteEventsConfiguration: (_parent, { input }, context) =>
    runMutation(context, noDestination, input, async (valid) => {
      const request = createRequest("DeleteEventsConfiguration", valid);
      await context.writes.run("DeleteEventsConfiguration", request);
      return valid;
    }),
} satisfies Partial<MutationResolvers>;

export const accountBots = {
  bots: (account, args, { loaders }) => unlessTeam(account, () => readBots(account.AccountId, args, loaders)),
  bot: (account, { botId }, context, info) =>
    unlessTeam(account, () => readBot({ accountId: account.AccountId, botId }, context, info)),
} satisfies Partial<AccountResolvers>;

const keyOf = ({ AccountId: accountId, BotId: botId }: ChimeBot): BotKey => ({ accountId, botId });

export const Bot: BotResolvers = {
  ...plainFields<ChimeBot>(Bot$),
  accountId: ({ AccountId }) => AccountId,
  __resolveReference: referenceTo("Bot", readBot),
  id: (source) => botGlobalId(keyOf(source)),
  account: ({ AccountId }, _args, { loaders }) => loaders.accountById.load(AccountId),
  securityToken: async (source, _args, { loaders }) =>
    source.SecurityToken ?? (await loaders.one(completeBot, keyOf(source)))?.SecurityToken,
  eventsConfiguration: (source, _args, { loaders }) => readEventsConfiguration(keyOf(source), loaders),
  rooms: ({ AccountId, BotId }, args, { loaders }) =>
    readRooms(AccountId, { ...args, memberId: BotId }, loaders),
};

export const EventsConfiguration: EventsConfigurationResolvers =
  plainFields<ChimeEventsConfiguration>(EventsConfiguration$);

/** The payload of every mutation that returns a bot. */
export const botPayload = { ...outcomeAndErrors, bot: written(readBot) };
