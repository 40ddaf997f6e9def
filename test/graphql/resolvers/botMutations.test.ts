import { GetBotCommand, GetEventsConfigurationCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";
import { sendHttp } from "../../support/http.js";
import { write } from "../../support/writes.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
const { largeAccountId, teamAccountId, botId } = SEED;
const ids = { accountId: largeAccountId, botId };
const events = "eventsConfiguration { botId outboundEventsHttpsEndpoint lambdaFunctionArn }";

const tokenOf = async (id = botId) =>
  (await harness.chime.send(new GetBotCommand({ AccountId: largeAccountId, BotId: id }))).Bot?.SecurityToken;

describe("createBot", () => {
  const create = (input: object) =>
    write(
      harness,
      "createBot",
      { accountId: largeAccountId, ...input },
      "bot { botId displayName botEmail disabled securityToken }",
    );

  test("creates a bot, and returns it without a further call", async () => {
    const { outcome, bot } = await create({ displayName: " Concierge ", domain: "meridian.example.com" });

    expect(outcome).toBe("DONE");
    expect(bot).toMatchObject({
      displayName: "Concierge (Bot)",
      botEmail: "Concierge-chimebot@meridian.example.com",
      disabled: false,
    });
    expect(await harness.calls()).toEqual({ CreateBot: 1 });
    expect(await tokenOf(bot.botId)).toBe(bot.securityToken);
  });

  test("reports the eleventh bot of an account", async () => {
    for (let n = 2; n < 10; n++)
      expect(await create({ displayName: `Bot ${n}` })).toMatchObject({ outcome: "DONE" });

    expect(await create({ displayName: "One more" })).toMatchObject({
      outcome: "NOT_DONE",
      errors: [{ code: "RESOURCE_LIMIT_EXCEEDED", path: ["accountId"] }],
    });
  });

  test.each([
    ["a blank name", { displayName: " " }, "BAD_REQUEST", ["displayName"]],
    ["a long name", { displayName: "x".repeat(56) }, "BAD_REQUEST", ["displayName"]],
    // The name may be the cause, or the domain.
    ["a name in use", { displayName: "Tracker" }, "BAD_REQUEST", null],
    ["a foreign domain", { domain: "other.example.com" }, "BAD_REQUEST", null],
    ["a Team account", { accountId: teamAccountId }, "FORBIDDEN", ["accountId"]],
    ["an unknown account", { accountId: "nothing" }, "NOT_FOUND", ["accountId"]],
  ])("reports %s", async (_what, input, code, path) => {
    expect(await create({ displayName: "Concierge", ...input })).toMatchObject({
      outcome: "NOT_DONE",
      bot: null,
      errors: [{ code, path }],
    });
  });

  test("names the domain among the causes if the account has claimed none", async () => {
    await sendHttp("POST", `${harness.chimeUrl}/_local/domains`, {
      body: { accountId: largeAccountId, release: true },
    });

    expect(await create({ displayName: "Concierge" })).toMatchObject({
      outcome: "NOT_DONE",
      errors: [{ code: "BAD_REQUEST", message: expect.stringContaining("any domain"), path: null }],
    });
  });

  test("is UNKNOWN if the response is lost, and is not repeated", async () => {
    await harness.fault({ operation: "CreateBot", kind: "reset-after" });

    expect(await create({ displayName: "Lost" })).toMatchObject({ outcome: "UNKNOWN", bot: null });
    expect(await harness.calls()).toEqual({ CreateBot: 1 });
  });
});

describe("a change of a bot", () => {
  test("disables and enables it", async () => {
    const update = (disabled: boolean) =>
      write(harness, "updateBot", { ...ids, disabled }, "bot { botId disabled }");

    expect(await update(true)).toEqual({ outcome: "DONE", bot: { botId, disabled: true }, errors: [] });
    expect((await update(false)).bot).toEqual({ botId, disabled: false });
    expect(await harness.calls()).toEqual({ UpdateBot: 2 });
  });

  test("replaces its token, and returns the new one", async () => {
    const before = await tokenOf();
    const { outcome, bot } = await write(harness, "regenerateSecurityToken", ids, "bot { securityToken }");

    expect([outcome, bot.securityToken]).toEqual(["DONE", await tokenOf()]);
    expect(bot.securityToken).not.toBe(before);
  });

  test.each([
    ["updateBot", { disabled: true }],
    ["regenerateSecurityToken", {}],
    ["putEventsConfiguration", { outboundEventsHttpsEndpoint: "https://bots.example.com/" }],
    ["deleteEventsConfiguration", {}],
  ])("is refused for an unknown bot, a malformed id and a Team account: %s", async (mutation, input) => {
    const change = (given: object) =>
      write(harness, mutation, { ...ids, ...input, ...given }, "bot { botId }");
    // DeleteEventsConfiguration has no NOT_FOUND.
    const unknown =
      mutation === "deleteEventsConfiguration"
        ? { code: "BAD_REQUEST", path: ["botId"] }
        : { code: "NOT_FOUND", path: null };
    const team =
      mutation === "deleteEventsConfiguration" ? unknown : { code: "FORBIDDEN", path: ["accountId"] };

    expect(await change({ botId: "nothing" })).toMatchObject({
      outcome: "NOT_DONE",
      bot: null,
      errors: [unknown],
    });
    expect(await change({ botId: "a/b" })).toMatchObject({
      errors: [{ code: "BAD_REQUEST", path: ["botId"] }],
    });
    expect(await change({ accountId: teamAccountId })).toMatchObject({ errors: [team] });
  });
});

describe("putEventsConfiguration", () => {
  const put = (input: object, selection = "") =>
    write(harness, "putEventsConfiguration", { ...ids, ...input }, selection);
  const lambdaFunctionArn = "arn:aws:lambda:us-east-1:111122223333:function:dispatch";

  test("replaces the destination, and reads the bot only if it is selected", async () => {
    expect(await put({ lambdaFunctionArn })).toEqual({ outcome: "DONE", errors: [] });
    expect(await harness.calls()).toEqual({ PutEventsConfiguration: 1 });
    const { bot } = await put({ lambdaFunctionArn }, `bot { ${events} }`);
    expect(bot.eventsConfiguration).toEqual({ botId, outboundEventsHttpsEndpoint: null, lambdaFunctionArn });
    expect(await harness.calls()).toEqual({
      PutEventsConfiguration: 2,
      GetBot: 1,
      GetEventsConfiguration: 1,
    });
  });

  test.each([
    ["no destination", {}, "outboundEventsHttpsEndpoint", {}],
    [
      "two destinations",
      { outboundEventsHttpsEndpoint: "https://bots.example.com/", lambdaFunctionArn },
      "lambdaFunctionArn",
      {},
    ],
    [
      "an http URL",
      { outboundEventsHttpsEndpoint: "http://bots.example.com/" },
      "outboundEventsHttpsEndpoint",
      {},
    ],
    ["another ARN", { lambdaFunctionArn: "arn:aws:s3:::bucket" }, "lambdaFunctionArn", {}],
    [
      "an endpoint that does not respond",
      { outboundEventsHttpsEndpoint: "https://bots.invalid/" },
      "outboundEventsHttpsEndpoint",
      { PutEventsConfiguration: 1 },
    ],
  ])("reports %s at its field", async (_what, input, field, calls) => {
    const { outcome, errors } = await put(input);

    expect([outcome, errors]).toMatchObject(["NOT_DONE", [{ code: "BAD_REQUEST", path: [field] }]]);
    expect(JSON.stringify(errors)).not.toMatch(/bots\.|dispatch|bucket/);
    expect(await harness.calls()).toEqual(calls);
  });
});

test("deleteEventsConfiguration removes the destination, and can be repeated", async () => {
  const remove = () => write(harness, "deleteEventsConfiguration", ids, `bot { displayName ${events} }`);
  const removed = {
    outcome: "DONE",
    bot: { displayName: "Tracker (Bot)", eventsConfiguration: null },
    errors: [],
  };

  expect(await remove()).toEqual(removed);
  expect(await remove()).toEqual(removed);
  const request = new GetEventsConfigurationCommand({ AccountId: largeAccountId, BotId: botId });
  await expect(harness.chime.send(request)).rejects.toThrow("no events configuration");
});
