import { GetGlobalSettingsCommand } from "@aws-sdk/client-chime";
import { describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed.js";
import { startIssuer } from "../../support/issuer.js";
import { allScopes } from "../../support/operations.js";
import { ask, startOn, useWorld } from "../../support/world.js";

const world = useWorld({ CHIME_LOCAL_USERS: "3" });
const seededBucket = `call-records-${SEED.awsAccountId}`;
const settings = "id businessCalling { cdrBucket } voiceConnector { cdrBucket }";
const update = (input: object, selection = "") =>
  world.ask(
    `mutation ($input: UpdateGlobalSettingsInput!) {
      payload: updateGlobalSettings(input: $input) { outcome ${selection} errors { code path message } } }`,
    { input },
  );

async function bucketsInChime() {
  const { BusinessCalling, VoiceConnector } = await world.chime.send(new GetGlobalSettingsCommand({}));
  return [BusinessCalling?.CdrBucket, VoiceConnector?.CdrBucket];
}

describe("globalSettings", () => {
  test("have the buckets for call detail records, by one call", async () => {
    const { data } = await world.ask(`{ globalSettings { ${settings} } again: globalSettings { id } }`);

    expect(data.globalSettings).toEqual({
      id: expect.any(String),
      businessCalling: { cdrBucket: seededBucket },
      voiceConnector: { cdrBucket: null },
    });
    expect(data.again.id).toBe(data.globalSettings.id);
    expect(await world.calls()).toEqual({ GetGlobalSettings: 1 });
  });

  test("have an id for client caches that `node` does not take", async () => {
    const { data } = await world.ask("{ globalSettings { id } }");
    const { errors } = await world.ask("query ($id: ID!) { node(id: $id) { id } }", data.globalSettings);

    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });
});

describe("updateGlobalSettings", () => {
  test("changes the part that is given, leaves the other, and reads nothing back", async () => {
    const { data } = await update({ voiceConnector: { cdrBucket: " trunk-records " } });

    expect(data.payload).toEqual({ outcome: "DONE", errors: [] });
    expect(await world.calls()).toEqual({ UpdateGlobalSettings: 1 });
    expect(await bucketsInChime()).toEqual([seededBucket, "trunk-records"]);
  });

  test.each([{}, { cdrBucket: null }])(
    "stops storing records for a part without a bucket: %j",
    async (part) => {
      const { data } = await update(
        { businessCalling: part, voiceConnector: null },
        `globalSettings { ${settings} }`,
      );

      expect(data.payload.globalSettings).toMatchObject({
        businessCalling: { cdrBucket: null },
        voiceConnector: { cdrBucket: null },
      });
      expect(await world.calls()).toEqual({ UpdateGlobalSettings: 1, GetGlobalSettings: 1 });
    },
  );

  test("requires a part", async () => {
    const { data } = await update({ businessCalling: null });

    expect(data.payload).toEqual({
      outcome: "NOT_DONE",
      errors: [
        {
          code: "BAD_REQUEST",
          path: ["businessCalling"],
          message: "is required unless voiceConnector is given",
        },
      ],
    });
    expect(await world.calls()).toEqual({});
  });

  test("rejects a blank bucket, which would not stop the storing", async () => {
    const { data } = await update({ voiceConnector: { cdrBucket: " " } });

    expect(data.payload.errors).toEqual([
      { code: "BAD_REQUEST", path: ["voiceConnector", "cdrBucket"], message: "must not be blank" },
    ]);
    expect(await world.calls()).toEqual({});
  });

  test("is UNKNOWN if the response is lost, and is not repeated", async () => {
    await world.fault({ operation: "UpdateGlobalSettings", kind: "reset-after" });
    const { data } = await update({ voiceConnector: {} });

    expect(data.payload).toMatchObject({ outcome: "UNKNOWN", errors: [{ code: "OUTCOME_UNKNOWN" }] });
    expect(await world.calls()).toEqual({ UpdateGlobalSettings: 1 });
  });

  test("returns null with an error if the settings cannot be read back", async () => {
    await world.fault({ operation: "GetGlobalSettings", kind: "500" });
    const { data, errors } = await update({ voiceConnector: {} }, "globalSettings { id }");

    expect(data.payload).toEqual({ outcome: "DONE", globalSettings: null, errors: [] });
    expect(errors).toMatchObject([{ path: ["payload", "globalSettings"] }]);
  });
});

test("a caller whose token names accounts may neither read nor change the settings of all", async () => {
  const issuer = await startIssuer();
  onTestFinished(() => issuer.close());
  const gateway = await startOn(world.chimeUrl, issuer.env);
  onTestFinished(() => gateway.close());
  const token = await issuer.sign({ scope: allScopes.join(" "), chime_accounts: [SEED.teamAccountId] });
  const send = (query: string) => ask(gateway.url, { query }, { authorization: `Bearer ${token}` });
  const message = "Callers limited to certain accounts may not do this.";

  const { data, errors } = await send("{ globalSettings { id } }");
  expect(data).toEqual({ globalSettings: null });
  expect(errors).toMatchObject([{ message, path: ["globalSettings"], extensions: { code: "FORBIDDEN" } }]);
  expect(
    await send(`mutation { updateGlobalSettings(input: { voiceConnector: {} }) {
      outcome globalSettings { id } errors { code path message } } }`),
  ).toEqual({
    data: {
      updateGlobalSettings: {
        outcome: "NOT_DONE",
        globalSettings: null,
        errors: [{ code: "FORBIDDEN", path: null, message }],
      },
    },
  });
  expect(await world.calls()).toEqual({});
});
