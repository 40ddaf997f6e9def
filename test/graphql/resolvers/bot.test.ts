import { GetBotCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { botGlobalId } from "../../../src/graphql/resolvers/shared/globalId.js";
import { ask, startOnResponses, useClosedGateway, useHarness } from "../../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
const closed = useClosedGateway(harness);
const { largeAccountId, teamAccountId, twoHundredAccountId, botId, stoppedBotId } = SEED;
const ids = { accountId: largeAccountId, botId };
const tracker = `accountId: "${largeAccountId}", botId: "${botId}"`;
const events = "eventsConfiguration { botId outboundEventsHttpsEndpoint lambdaFunctionArn }";
const trackerEvents = {
  botId,
  outboundEventsHttpsEndpoint: "https://bots.example.com/tracker",
  lambdaFunctionArn: null,
};

const tokenOf = async () =>
  (await harness.chime.send(new GetBotCommand({ AccountId: largeAccountId, BotId: botId }))).Bot
    ?.SecurityToken;

describe("a bot", () => {
  test("has its account and its events configuration", async () => {
    const { data } = await harness.ask(`{ bot(${tracker}) {
      id botId accountId userId displayName botType disabled createdTimestamp updatedTimestamp botEmail securityToken
      account { name } ${events} } }`);

    expect(await harness.calls()).toEqual({ GetBot: 1, GetAccount: 1, GetEventsConfiguration: 1 });
    expect(data.bot).toEqual({
      id: botGlobalId(ids),
      ...ids,
      userId: botId,
      displayName: "Tracker (Bot)",
      botType: "CHAT_BOT",
      disabled: false,
      createdTimestamp: "2020-03-02T09:00:00.000Z",
      updatedTimestamp: "2020-03-02T09:00:00.000Z",
      botEmail: "Tracker-chimebot@meridian.example.com",
      securityToken: await tokenOf(),
      account: { name: "Meridian Logistics" },
      eventsConfiguration: trackerEvents,
    });
  });

  test("and its events configuration are read together: one round trip", async () => {
    await harness.fault({ kind: "latency", ms: 100 });
    await harness.ask(
      `{ account(accountId: "${largeAccountId}") { name bot(botId: "${botId}") { displayName ${events} } } }`,
    );
    const arrivals = await harness.arrivals();

    expect(await harness.calls()).toEqual({ GetAccount: 1, GetBot: 1, GetEventsConfiguration: 1 });
    const firstEnd = Math.min(...arrivals.map(({ finishedAt }) => Number(finishedAt)));
    for (const { startedAt } of arrivals) expect(startedAt).toBeLessThan(firstEnd);
  });

  test.each([
    ["of another account", twoHundredAccountId, botId],
    ["of a Team account", teamAccountId, botId],
    ["with an unknown id", largeAccountId, "nothing"],
  ])("%s is null, without an error", async (_what, accountId, id) => {
    const answer = await harness.ask(
      `{ bot(accountId: "${accountId}", botId: "${id}") { botId ${events} } }`,
    );

    expect(answer).toEqual({ data: { bot: null } });
  });

  test("with a malformed id is an error that names the field, without a call", async () => {
    const { errors } = await harness.ask(`{ bot(accountId: "a", botId: "..") { botId } }`);

    expect(errors).toMatchObject([{ extensions: { problems: [{ path: ["botId"] }] } }]);
    expect(await harness.calls()).toEqual({});
  });

  test("is an entity with two keys", async () => {
    const representations = [
      { __typename: "Bot", ...ids },
      { __typename: "Bot", id: botGlobalId({ ...ids, botId: stoppedBotId }) },
      { __typename: "Bot", ...ids, botId: "nothing" },
      { __typename: "Bot", id: "nothing" },
    ];
    const { data, errors } = await harness.ask(
      `query ($representations: [_Any!]!) {
        _entities(representations: $representations) { __typename ... on Bot { botId } } }`,
      { representations },
    );

    expect(data._entities).toEqual([
      { __typename: "Bot", botId },
      { __typename: "Bot", botId: stoppedBotId },
      null,
      null,
    ]);
    expect(errors).toMatchObject([{ message: "id is not the global id of a bot" }]);
    // One page has all of an account's bots.
    expect(await harness.calls()).toEqual({ ListBots: 1 });
  });
});

describe("the bots of an account", () => {
  test("cost one call, and one more for each events configuration", async () => {
    const { data } = await harness.ask(
      `{ account(accountId: "${largeAccountId}") { bots { nodes { displayName disabled ${events} } pageInfo { hasNextPage } } } }`,
    );

    expect(data.account.bots.pageInfo).toEqual({ hasNextPage: false });
    expect(data.account.bots.nodes).toMatchObject([
      { displayName: "Tracker (Bot)", disabled: false, eventsConfiguration: trackerEvents },
      {
        displayName: "Weather (Bot)",
        disabled: true,
        eventsConfiguration: { outboundEventsHttpsEndpoint: null },
      },
    ]);
    expect(await harness.calls()).toEqual({ GetAccount: 1, ListBots: 1, GetEventsConfiguration: 2 });
  });

  test("are null for a Team account, without a call", async () => {
    const { data } = await harness.ask(
      `{ accounts(first: 1) { nodes { accountType bots { nodes { botId } } bot(botId: "${botId}") { botId } } } }`,
    );

    expect(data.accounts.nodes).toEqual([{ accountType: "TEAM", bots: null, bot: null }]);
    expect(await harness.calls()).toEqual({ ListAccounts: 1 });
  });

  test("have no events configuration if none is set, without an error", async () => {
    const { data, errors } = await harness.ask(
      `{ account(accountId: "${twoHundredAccountId}") { bots { nodes { displayName ${events} } } } }`,
    );

    expect(errors).toBeUndefined();
    expect(data.account.bots.nodes).toEqual([{ displayName: "Library (Bot)", eventsConfiguration: null }]);
  });
});

describe("the secrets of a bot", () => {
  const scopes = ["chime:read", "chime:write", "chime:bots", "chime:rooms", "chime:redact"];
  const secrets = `securityToken ${events}`;
  const askWith = async (granted: readonly string[], query: string) =>
    ask(closed.url, { query }, await closed.headersFor({ scope: granted.join(" ") }));

  test.each([
    ["its own field", `bot(${tracker}) { botId ${secrets} }`],
    ["an account's list", `account(accountId: "${largeAccountId}") { bots { nodes { botId ${secrets} } } }`],
    [
      "a room",
      `room(accountId: "${largeAccountId}", roomId: "${SEED.roomId}") { memberships(first: 150) { nodes { member { bot { botId ${secrets} } } } } }`,
    ],
    [
      "an entity",
      `_entities(representations: [{ __typename: "Bot", ${tracker} }]) { ... on Bot { botId ${secrets} } }`,
    ],
  ])("need chime:bot-secrets in %s, even while another caller reads the same", async (_where, field) => {
    await harness.fault({ kind: "latency", ms: 100 });
    const [open, limited] = await Promise.all([
      askWith([...scopes, "chime:bot-secrets"], `{ ${field} }`),
      askWith(scopes, `{ ${field} }`),
    ]);
    const token = String(await tokenOf());

    expect(JSON.stringify(open.data)).toContain(token);
    expect(JSON.stringify(open.data)).toContain(trackerEvents.outboundEventsHttpsEndpoint);
    expect(JSON.stringify(limited.data)).toContain(botId);
    expect(JSON.stringify(limited)).not.toContain(token);
    expect(JSON.stringify(limited)).not.toContain("bots.example.com");
    expect(limited.errors?.[0]).toMatchObject({
      extensions: { code: "FORBIDDEN", missingScopes: ["chime:bot-secrets"] },
    });
  });

  test("are not in the payload of a change without chime:bot-secrets", async () => {
    const { data, errors } = await askWith(
      scopes,
      `mutation { updateBot(input: { ${tracker}, disabled: true }) { outcome bot { disabled securityToken } } }`,
    );

    expect(data.updateBot).toEqual({ outcome: "DONE", bot: { disabled: true, securityToken: null } });
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });

  test("are read with one GetBot for each bot whose token Chime leaves out of its list", async () => {
    const calls: string[] = [];
    const url = await startOnResponses(({ pathname }) => {
      calls.push(pathname);
      const id = /\/bots\/(.+)$/.exec(pathname)?.[1];
      if (id === "c") return { Bot: { BotId: "c" } };
      if (id) return { Bot: { BotId: id, SecurityToken: `token of ${id}` } };
      if (pathname.endsWith("/bots"))
        return { Bots: [{ BotId: "a", SecurityToken: "token of a" }, { BotId: "b" }, { BotId: "c" }] };
      return { Account: { AccountId: "1", AwsAccountId: "1", Name: "Dispatch" } };
    });
    const { data, errors } = await ask(url, {
      query: `{ account(accountId: "1") { bots { nodes { securityToken again: securityToken } } } }`,
    });

    expect(errors).toBeUndefined();
    expect(data.account.bots.nodes).toEqual(
      ["token of a", "token of b", null].map((token) => ({ securityToken: token, again: token })),
    );
    expect(calls.filter((path) => /\/bots\/./.test(path))).toEqual([
      "/accounts/1/bots/b",
      "/accounts/1/bots/c",
    ]);
  });
});
