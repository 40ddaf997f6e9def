import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";
import { write } from "../../support/writes.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
const {
  largeAccountId: accountId,
  teamAccountId,
  roomId,
  messageId,
  conversationId,
  conversationMessageId,
} = SEED;

describe.each([
  [
    "redactRoomMessage",
    { accountId, roomId, messageId },
    "room { name }",
    { room: { name: "Dispatch" } },
    "GetRoom",
  ],
  [
    "redactConversationMessage",
    { accountId, conversationId, messageId: conversationMessageId },
    "account { name }",
    { account: { name: "Meridian Logistics" } },
    "GetAccount",
  ],
])("%s", (mutation, ids, selection, selected, read) => {
  const operation = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}`;
  const redact = (input: object, fields = "") => write(harness, mutation, { ...ids, ...input }, fields);

  test("deletes the message, and reads nothing that is not selected", async () => {
    expect(await redact({})).toEqual({ outcome: "DONE", errors: [] });
    expect(await harness.calls()).toEqual({ [operation]: 1 });
  });

  test("can be repeated, and reads what is selected", async () => {
    await redact({});

    expect(await redact({}, selection)).toEqual({ outcome: "DONE", ...selected, errors: [] });
    expect(await harness.calls()).toEqual({ [operation]: 2, [read]: 1 });
  });

  test.each([
    ["an unknown message", { messageId: "nothing" }, "NOT_FOUND", null],
    ["a malformed id", { messageId: "a/b" }, "BAD_REQUEST", ["messageId"]],
    ["a Team account", { accountId: teamAccountId }, "FORBIDDEN", ["accountId"]],
  ])("reports %s", async (_what, input, code, path) => {
    const payload = await redact(input, selection);

    expect(payload).toMatchObject({ outcome: "NOT_DONE", errors: [{ code, path }] });
    expect(Object.keys(selected).map((field) => payload[field])).toEqual([null]);
  });

  test("is UNKNOWN if the response is lost, and is not repeated", async () => {
    await harness.fault({ operation, kind: "reset-after" });

    expect(await redact({})).toMatchObject({ outcome: "UNKNOWN", errors: [{ code: "OUTCOME_UNKNOWN" }] });
    expect(await harness.calls()).toEqual({ [operation]: 1 });
  });
});
