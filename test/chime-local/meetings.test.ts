import { CreateMeetingDialOutCommand } from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, output, useChime } from "./fixture.js";

const chime = useChime(3);

const dialOut = (FromPhoneNumber: string, JoinToken = "bWVldGluZw", MeetingId: string = SEED.orderId) =>
  output(
    chime.client.send(
      new CreateMeetingDialOutCommand({
        MeetingId,
        FromPhoneNumber,
        ToPhoneNumber: "+12125550100",
        JoinToken,
      }),
    ),
  );

test("each dial-out has a transaction of its own", async () => {
  const { TransactionId } = await dialOut(SEED.assignedNumber);
  expect(TransactionId).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  expect((await dialOut(SEED.freeNumber)).TransactionId).not.toBe(TransactionId);
});

test.each([
  ["of another customer", "+19175550100"],
  ["in the deletion queue", SEED.deletedNumber],
  ["that cannot call", "+18005550100"],
])("a number %s is a ForbiddenException", async (_number, from) => {
  expect(await failure(dialOut(from))).toMatchObject({
    name: "ForbiddenException",
    status: 403,
    Code: "Forbidden",
  });
});

test("the meeting's id must be a GUID, and the join token must have its form", async () => {
  const badRequest = { name: "BadRequestException", Code: "BadRequest" };
  expect(await failure(dialOut(SEED.freeNumber, "bWVldGluZw", "meeting-1"))).toMatchObject(badRequest);
  expect(await failure(dialOut(SEED.freeNumber, "not a token"))).toMatchObject(badRequest);
});
