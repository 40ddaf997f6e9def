import {
  CreateBotCommand,
  DeleteAccountCommand,
  DeleteEventsConfigurationCommand,
  GetBotCommand,
  GetEventsConfigurationCommand,
  ListBotsCommand,
  type ListBotsRequest,
  PutEventsConfigurationCommand,
  type PutEventsConfigurationRequest,
  RegenerateSecurityTokenCommand,
  UpdateBotCommand,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, failures, output, useChime } from "./fixture.js";

const chime = useChime(3);

const { teamAccountId, largeAccountId, twoHundredAccountId, smallAccountId, botId, stoppedBotId } = SEED;
const badRequest = { name: "BadRequestException", status: 400, Code: "BadRequest" };
const forbidden = { name: "ForbiddenException", status: 403, Code: "Forbidden" };
const notFound = { name: "NotFoundException", status: 404, Code: "NotFound" };
const limit = { name: "ResourceLimitExceededException", status: 400, Code: "ResourceLimitExceeded" };
const endpoint = "https://bots.example.com/tracker";
const lambda = "arn:aws:lambda:us-east-1:111122223333:function:weather";

async function create(AccountId: string, DisplayName: string, Domain?: string) {
  return (await chime.client.send(new CreateBotCommand({ AccountId, DisplayName, Domain }))).Bot;
}
async function get(AccountId: string, BotId: string | undefined) {
  return (await chime.client.send(new GetBotCommand({ AccountId, BotId }))).Bot;
}
async function update(AccountId: string, BotId: string, Disabled?: boolean) {
  return (await chime.client.send(new UpdateBotCommand({ AccountId, BotId, Disabled }))).Bot;
}
async function regenerate(AccountId: string, BotId: string) {
  return (await chime.client.send(new RegenerateSecurityTokenCommand({ AccountId, BotId }))).Bot;
}
const list = (input: ListBotsRequest) => output(chime.client.send(new ListBotsCommand(input)));

type Destination = Pick<PutEventsConfigurationRequest, "OutboundEventsHTTPSEndpoint" | "LambdaFunctionArn">;
const putEvents = (AccountId: string, BotId: string, destination: Destination) =>
  output(chime.client.send(new PutEventsConfigurationCommand({ AccountId, BotId, ...destination })));
const getEvents = (AccountId: string, BotId: string) =>
  output(chime.client.send(new GetEventsConfigurationCommand({ AccountId, BotId })));
const deleteEvents = (AccountId: string, BotId: string) =>
  output(chime.client.send(new DeleteEventsConfigurationCommand({ AccountId, BotId })));

test("a new bot has a name with a suffix, an address and a security token, and is enabled", async () => {
  const bot = await create(smallAccountId, "Front desk");
  expect(bot).toEqual({
    BotId: expect.any(String),
    UserId: bot?.BotId,
    DisplayName: "Front desk (Bot)",
    BotType: "ChatBot",
    Disabled: false,
    CreatedTimestamp: expect.any(Date),
    UpdatedTimestamp: bot?.CreatedTimestamp,
    BotEmail: "Front-desk-chimebot@meadow.example.org",
    SecurityToken: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
  });
  expect(await get(smallAccountId, bot?.BotId)).toEqual(bot);
  expect((await list({ AccountId: smallAccountId })).Bots).toEqual([bot]);
});

test("a bot's name has at most 55 characters and is not blank", async () => {
  expect((await create(smallAccountId, "🤖".repeat(55)))?.DisplayName).toBe(`${"🤖".repeat(55)} (Bot)`);
  expect(await failures([create(smallAccountId, "b".repeat(56)), create(smallAccountId, " ")])).toMatchObject(
    [badRequest, badRequest],
  );
});

test("a bot's domain is one that the account has claimed, and its address is unique", async () => {
  const bot = await create(smallAccountId, "Reception", "Meadow.example.org");
  expect(bot?.BotEmail).toBe("Reception-chimebot@meadow.example.org");
  expect(await failure(create(smallAccountId, "Other", "elsewhere.example.org"))).toMatchObject(badRequest);
  expect(await failure(create(smallAccountId, "reception"))).toMatchObject(badRequest);
  await chime.http("POST", "/_local/domains", { body: { accountId: smallAccountId, release: true } });
  expect(await failure(create(smallAccountId, "Other"))).toMatchObject(badRequest);
});

test("an account has at most ten bots, which are one page by default", async () => {
  for (let n = 2; n < 10; n++) await create(largeAccountId, `Bot ${n}`);
  expect(await failure(create(largeAccountId, "Bot 10"))).toMatchObject(limit);
  const { Bots = [], NextToken } = await list({ AccountId: largeAccountId });
  expect(Bots.map(({ DisplayName }) => DisplayName)).toEqual([
    "Tracker (Bot)",
    "Weather (Bot)",
    ...Array.from({ length: 8 }, (_, n) => `Bot ${n + 2} (Bot)`),
  ]);
  expect(NextToken).toBeUndefined();
  const first = await list({ AccountId: largeAccountId, MaxResults: 7 });
  const second = await list({ AccountId: largeAccountId, MaxResults: 7, NextToken: first.NextToken });
  expect([...(first.Bots ?? []), ...(second.Bots ?? [])]).toEqual(Bots);
  expect(second.NextToken).toBeUndefined();
  expect(
    await failures([
      list({ AccountId: twoHundredAccountId, NextToken: first.NextToken }),
      list({ AccountId: largeAccountId, MaxResults: 100 }),
    ]),
  ).toMatchObject([badRequest, badRequest]);
});

test("a bot can be stopped and started, and stays the same otherwise", async () => {
  const before = await get(largeAccountId, botId);
  expect(await update(largeAccountId, botId)).toEqual(before);
  const stopped = await update(largeAccountId, botId, true);
  expect(stopped).toEqual({ ...before, Disabled: true, UpdatedTimestamp: expect.any(Date) });
  expect(await get(largeAccountId, botId)).toEqual(stopped);
  expect(await update(largeAccountId, stoppedBotId, false)).toMatchObject({ Disabled: false });
});

test("a regenerated security token differs from all before it", async () => {
  const before = await get(largeAccountId, botId);
  const first = await regenerate(largeAccountId, botId);
  const second = await regenerate(largeAccountId, botId);
  const tokens = [before, first, second].map((bot) => bot?.SecurityToken);
  expect(new Set(tokens).size).toBe(3);
  expect(await get(largeAccountId, botId)).toEqual({
    ...before,
    SecurityToken: tokens[2],
    UpdatedTimestamp: second?.UpdatedTimestamp,
  });
});

test("an events configuration has an HTTPS endpoint or a Lambda function, and replaces the one before", async () => {
  expect(await getEvents(largeAccountId, botId)).toEqual({
    EventsConfiguration: { BotId: botId, OutboundEventsHTTPSEndpoint: endpoint },
  });
  const replaced = { EventsConfiguration: { BotId: botId, LambdaFunctionArn: lambda } };
  expect(await putEvents(largeAccountId, botId, { LambdaFunctionArn: lambda })).toEqual(replaced);
  expect(await getEvents(largeAccountId, botId)).toEqual(replaced);
  const url = "https://example.com:8000";
  expect(await putEvents(largeAccountId, botId, { OutboundEventsHTTPSEndpoint: url })).toEqual({
    EventsConfiguration: { BotId: botId, OutboundEventsHTTPSEndpoint: url },
  });
});

test.each([
  [{}],
  [{ OutboundEventsHTTPSEndpoint: endpoint, LambdaFunctionArn: lambda }],
  [{ OutboundEventsHTTPSEndpoint: "" }],
  [{ OutboundEventsHTTPSEndpoint: "http://bots.example.com" }],
  [{ OutboundEventsHTTPSEndpoint: "https://" }],
  // The host fails Chime's challenge.
  [{ OutboundEventsHTTPSEndpoint: "https://bots.invalid/" }],
  [{ OutboundEventsHTTPSEndpoint: "https://bots.invalid./" }],
  [{ LambdaFunctionArn: "arn:aws:s3:::bucket" }],
])("the events configuration %j is refused", async (destination) => {
  expect(await failure(putEvents(largeAccountId, botId, destination))).toMatchObject(badRequest);
  expect((await getEvents(largeAccountId, botId)).EventsConfiguration?.OutboundEventsHTTPSEndpoint).toBe(
    endpoint,
  );
});

test("an events configuration can be deleted, also if there is none", async () => {
  expect(await deleteEvents(largeAccountId, botId)).toEqual({});
  expect(await failure(getEvents(largeAccountId, botId))).toMatchObject(notFound);
  expect(await deleteEvents(largeAccountId, botId)).toEqual({});
  const { Bots = [] } = await list({ AccountId: twoHundredAccountId });
  expect(Bots).toHaveLength(1);
  expect(await failure(getEvents(twoHundredAccountId, Bots[0]?.BotId ?? ""))).toMatchObject(notFound);
});

test("Team accounts have no bots, and unknown accounts and bots are not found", async () => {
  const requests = (AccountId: string, BotId: string) => [
    update(AccountId, BotId, true),
    regenerate(AccountId, BotId),
    putEvents(AccountId, BotId, { LambdaFunctionArn: lambda }),
    getEvents(AccountId, BotId),
  ];
  const refused = await failures([
    ...requests(teamAccountId, botId),
    create(teamAccountId, "Bot"),
    list({ AccountId: teamAccountId }),
  ]);
  for (const error of refused) expect(error).toMatchObject(forbidden);
  const unknown = await failures([
    ...requests("unknown", botId),
    ...requests(smallAccountId, botId),
    ...requests(largeAccountId, "unknown"),
    create("unknown", "Bot"),
    list({ AccountId: "unknown" }),
    get(teamAccountId, botId),
    get("unknown", botId),
    get(smallAccountId, botId),
  ]);
  for (const error of unknown) expect(error).toMatchObject(notFound);
  // The operation has no NotFoundException.
  const undeleted = await failures([
    deleteEvents("unknown", botId),
    deleteEvents(smallAccountId, botId),
    deleteEvents(teamAccountId, botId),
  ]);
  for (const error of undeleted) expect(error).toMatchObject(badRequest);
});

test("with an account its bots and their events configurations are deleted", async () => {
  await chime.http("POST", "/_local/domains", { body: { accountId: largeAccountId, release: true } });
  await chime.client.send(new DeleteAccountCommand({ AccountId: largeAccountId }));
  const errors = await failures([get(largeAccountId, botId), getEvents(largeAccountId, botId)]);
  expect(errors).toMatchObject([notFound, notFound]);
});
