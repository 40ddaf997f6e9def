import { type Bot, BotType, type EventsConfiguration } from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import { badRequest, notFound, resourceLimit } from "../errors.js";
import { foldCase, type Store } from "../store/store.js";
import { type Domain, findAccount, findEnterpriseAccount } from "./accounts.js";
import { type Listing, readPage } from "./paging.js";

export type StoredBot = Required<{ [Member in keyof Bot]: Exclude<Bot[Member], undefined> }>;

/** Source: Administration Guide, "Using chatbots": ten bots, which cannot be deleted. */
const maxBots = 10;
/** Source: Administration Guide, "Integrate a chatbot". */
const maxNameLength = 55;
/** AWS documents this default of MaxResults for bots only. */
const pageSize = 10;
const lambdaArn = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9$_-]+)?$/;

export function botOperations(store: Store) {
  const bots = store.collection<StoredBot>("bot");
  const events = store.collection<EventsConfiguration>("events");
  const noBot = () => notFound("There is no bot with this BotId in the account.");

  /** @throws NotFoundException, ForbiddenException for a Team account */
  function findBot(accountId: string, botId: string): StoredBot {
    const bot = bots.find(accountId, botId);
    if (bot) return bot;
    findEnterpriseAccount(store, accountId);
    throw noBot();
  }

  function updateBot(accountId: string, botId: string, changes: Partial<StoredBot>) {
    const updated = { ...findBot(accountId, botId), ...changes, UpdatedTimestamp: store.now() };
    bots.save(accountId, botId, updated);
    return { Bot: updated };
  }

  /** The account's own domain, or its first. Assumption: the error for another one. */
  function findDomain(accountId: string, domain: string | undefined): string {
    const claimed = store.collection<Domain>("domain").list(accountId);
    const names = claimed.filter(({ body }) => !body.isReleased).map(({ id }) => id);
    const found = domain === undefined ? names[0] : names.find((name) => name === foldCase(domain));
    if (!found) throw badRequest("Domain must be a domain that the account has claimed.");
    return found;
  }

  return {
    /**
     * The suffix of the name, the form of the address and the UserId are those of AWS's CLI example. Assumption: white
     * space in a name becomes hyphens in the address, and two bots cannot have the same address.
     */
    CreateBot({ AccountId, DisplayName, Domain }) {
      findEnterpriseAccount(store, AccountId);
      const length = [...DisplayName].length;
      if (!DisplayName.trim() || length > maxNameLength)
        throw badRequest(`DisplayName must have 1 to ${maxNameLength} characters, and not be blank.`);
      const name = DisplayName.trim();
      const BotEmail = `${name.replaceAll(/\s+/g, "-")}-chimebot@${findDomain(AccountId, Domain)}`;
      const others = bots.list(AccountId);
      if (others.some(({ body }) => foldCase(body.BotEmail) === foldCase(BotEmail)))
        throw badRequest("A bot of the account already has this DisplayName and Domain.");
      if (others.length >= maxBots) throw resourceLimit(`The account has ${maxBots} bots.`);
      const BotId = store.nextId("bot");
      const now = store.now();
      const created: StoredBot = {
        BotId,
        UserId: BotId,
        DisplayName: `${name} (Bot)`,
        BotType: BotType.ChatBot,
        Disabled: false,
        CreatedTimestamp: now,
        UpdatedTimestamp: now,
        BotEmail,
        SecurityToken: store.nextSecurityToken(),
      };
      bots.save(AccountId, BotId, created);
      return { Bot: created };
    },

    /** Assumption: a Team account has no bots to find, so the error is not ForbiddenException. */
    GetBot({ AccountId, BotId }) {
      const Bot = bots.find(AccountId, BotId);
      if (Bot) return { Bot };
      findAccount(store, AccountId);
      throw noBot();
    },

    ListBots({ AccountId, MaxResults = pageSize, NextToken }) {
      findEnterpriseAccount(store, AccountId);
      const listing: Listing = ["ListBots", AccountId];
      const { page, NextToken: next } = readPage(listing, { MaxResults, NextToken }, (afterSeq, limit) =>
        bots.list(AccountId, afterSeq, limit),
      );
      return { Bots: page.map(({ body }) => body), NextToken: next };
    },

    /** Assumption: without Disabled nothing changes. */
    UpdateBot({ AccountId, BotId, Disabled }) {
      return Disabled === undefined
        ? { Bot: findBot(AccountId, BotId) }
        : updateBot(AccountId, BotId, { Disabled });
    },

    /** Assumption: it changes the UpdatedTimestamp. */
    RegenerateSecurityToken: ({ AccountId, BotId }) =>
      updateBot(AccountId, BotId, { SecurityToken: store.nextSecurityToken() }),

    /** Replaces an earlier configuration. */
    PutEventsConfiguration({ AccountId, BotId, OutboundEventsHTTPSEndpoint: endpoint, LambdaFunctionArn }) {
      findBot(AccountId, BotId);
      if ((endpoint === undefined) === (LambdaFunctionArn === undefined))
        throw badRequest(
          "Either OutboundEventsHTTPSEndpoint or LambdaFunctionArn is required, and not both.",
        );
      if (endpoint !== undefined) requireEndpoint(endpoint);
      if (LambdaFunctionArn !== undefined && !lambdaArn.test(LambdaFunctionArn))
        throw badRequest("LambdaFunctionArn must be the ARN of a Lambda function.");
      const EventsConfiguration = { BotId, OutboundEventsHTTPSEndpoint: endpoint, LambdaFunctionArn };
      events.save(AccountId, BotId, EventsConfiguration);
      return { EventsConfiguration };
    },

    GetEventsConfiguration({ AccountId, BotId }) {
      findBot(AccountId, BotId);
      const EventsConfiguration = events.find(AccountId, BotId);
      if (!EventsConfiguration) throw notFound("The bot has no events configuration.");
      return { EventsConfiguration };
    },

    /**
     * The operation has no NotFoundException. Assumption: it is BadRequestException for an unknown bot, and a bot without
     * a configuration is not an error.
     */
    DeleteEventsConfiguration({ AccountId, BotId }) {
      if (!bots.find(AccountId, BotId)) throw badRequest("There is no bot with this BotId in the account.");
      events.remove(AccountId, BotId);
      return {};
    },
  } satisfies Partial<Operations>;
}

/**
 * Chime sends a challenge to the endpoint, and fails with status 4xx if the response is wrong (Administration Guide,
 * "Configure the outbound endpoint"). The embedded Chime sends nothing: hosts under `.invalid` fail instead.
 */
function requireEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== "https:") throw badRequest("OutboundEventsHTTPSEndpoint must be an https: URL.");
  if (/(^|\.)invalid\.?$/.test(url.hostname))
    throw badRequest("The host of OutboundEventsHTTPSEndpoint did not answer the challenge.");
}
