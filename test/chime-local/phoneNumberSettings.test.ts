import { GetPhoneNumberSettingsCommand, UpdatePhoneNumberSettingsCommand } from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { failure, output, useChime } from "./fixture.js";

const chime = useChime(3);

const week = 7 * 24 * 60 * 60 * 1000;
const getSettings = () => output(chime.client.send(new GetPhoneNumberSettingsCommand({})));
const setName = (CallingName: string) =>
  output(chime.client.send(new UpdatePhoneNumberSettingsCommand({ CallingName })));

test("the default calling name can be changed once in seven days", async () => {
  expect((await getSettings()).CallingName).toBe("Harbor Street");
  expect(await setName("Front Desk")).toEqual({});
  const settings = await getSettings();
  expect(settings).toEqual({ CallingName: "Front Desk", CallingNameUpdatedTimestamp: expect.any(Date) });
  expect(await failure(setName("Back Office"))).toMatchObject({
    name: "BadRequestException",
    message: expect.stringContaining("seven days"),
  });
  expect(await setName("Front Desk"), "The same name is not a change.").toEqual({});
  expect(await getSettings()).toEqual(settings);
  await chime.advanceClock(week);
  await setName("Back Office");
  expect((await getSettings()).CallingName).toBe("Back Office");
});

test("an empty name removes the default calling name", async () => {
  await setName("");
  expect(await getSettings()).toEqual({ CallingNameUpdatedTimestamp: expect.any(Date) });
});

test.each(["x", "Front-Desk", "Sixteen letters x"])("%s is not a calling name", async (name) => {
  expect(await failure(setName(name))).toMatchObject({
    message: "CallingName must be empty, or 2 to 15 letters, digits or spaces.",
  });
});
