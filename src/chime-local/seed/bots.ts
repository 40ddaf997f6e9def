import { BotType, type EventsConfiguration } from "@aws-sdk/client-chime";
import type { StoredBot } from "../operations/bots.js";
import { idOf, securityTokenOf } from "../store/ids.js";
import { awsAccountId, type Store } from "../store/store.js";
import { largeAccount, seededAccountId, twoHundredAccount } from "./ids.js";

interface BotSeed {
  readonly account: number;
  readonly name: string;
  readonly domain: string;
  readonly isDisabled?: true;
  readonly events?: Omit<EventsConfiguration, "BotId">;
}

/** The nth has the id `seededBotId(n)`. */
const botSeeds: readonly BotSeed[] = [
  {
    account: largeAccount,
    name: "Tracker",
    domain: "meridian.example.com",
    events: { OutboundEventsHTTPSEndpoint: "https://bots.example.com/tracker" },
  },
  {
    account: largeAccount,
    name: "Weather",
    domain: "meridian.example.com",
    isDisabled: true,
    events: { LambdaFunctionArn: `arn:aws:lambda:us-east-1:${awsAccountId}:function:weather` },
  },
  { account: twoHundredAccount, name: "Library", domain: "alder.example.org" },
];

export const seededBotId = (n: number): string => idOf("seeded-bot", n);

const created = new Date(Date.UTC(2020, 2, 2, 9));

export function seedBots(store: Store): void {
  const bots = store.collection<StoredBot>("bot");
  const configurations = store.collection<EventsConfiguration>("events");
  for (const [n, { account, name, domain, isDisabled = false, events }] of botSeeds.entries()) {
    const [accountId, BotId] = [seededAccountId(account), seededBotId(n)];
    bots.save(accountId, BotId, {
      BotId,
      UserId: BotId,
      DisplayName: `${name} (Bot)`,
      BotType: BotType.ChatBot,
      Disabled: isDisabled,
      CreatedTimestamp: created,
      UpdatedTimestamp: created,
      BotEmail: `${name}-chimebot@${domain}`,
      SecurityToken: securityTokenOf("seeded-bot", n),
    });
    if (events) configurations.save(accountId, BotId, { BotId, ...events });
  }
}
