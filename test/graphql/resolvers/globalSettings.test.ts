import { GetGlobalSettingsCommand } from "@aws-sdk/client-chime";
import { describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { ask, startOn, useHarness } from "../../support/fixture.js";
import { startIssuer } from "../../support/issuer.js";
import { allScopes } from "../../support/operations.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "3" });
const seededBucket = `call-records-${SEED.awsAccountId}`;
const settings = "id businessCalling { cdrBucket } voiceConnector { cdrBucket }";
const update = (input: object, selection = "") =>
  harness.ask(
    `mutation ($input: UpdateGlobalSettingsInput!) {
      payload: updateGlobalSettings(input: $input) { outcome ${selection} errors { code path message } } }`,
    { input },
  );

async function bucketsInChime() {
  const { BusinessCalling, VoiceConnector } = await harness.chime.send(new GetGlobalSettingsCommand({}));
  return [BusinessCalling?.CdrBucket, VoiceConnector?.CdrBucket];
}

describe("globalSettings", () => {
  test("have the buckets for call detail records, by one call", async () => {
    const { data } = await harness.ask(`{ globalSettings { ${settings} } again: globalSettings { id } }`);

    expect(data.globalSettings).toEqual({
      id: expect.any(String),
      businessCalling: { cdrBucket: seededBucket },
      voiceConnector: { cdrBucket: null },
    });
    expect(data.again.id).toBe(data.globalSettings.id);
    expect(await harness.calls()).toEqual({ GetGlobalSettings: 1 });
  });

  test("have an id for client caches that `node` does not take", async () => {
    const { data } = await harness.ask("{ globalSettings { id } }");
    const { errors } = await harness.ask("query ($id: ID!) { node(id: $id) { id } }", data.globalSettings);

    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });
});

describe("updateGlobalSettings", () => {
  test("changes the part that is given, leaves the other, and reads nothing back", async () => {
    const { data } = await update({ voiceConnector: { cdrBucket: "trunk-records" } });

    expect(data.payload).toEqual({ outcome: "DONE", errors: [] });
    expect(await harness.calls()).toEqual({ UpdateGlobalSettings: 1 });
    expect(await bucketsInChime()).toEqual([seededBucket, "trunk-records"]);
  });

  test("stops storing records for a part with null in place of a bucket", async () => {
    const { data } = await update(
      { businessCalling: { cdrBucket: null }, voiceConnector: null },
      `globalSettings { ${settings} }`,
    );

    expect(data.payload.globalSettings).toMatchObject({
      businessCalling: { cdrBucket: null },
      voiceConnector: { cdrBucket: null },
    });
    expect(await harness.calls()).toEqual({ UpdateGlobalSettings: 1, GetGlobalSettings: 1 });
  });

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
    expect(await harness.calls()).toEqual({});
  });

  test("requires the bucket of a part that is given, though it may be null", async () => {
    const { data } = await update({ businessCalling: {} });

    expect(data.payload.errors).toEqual([
      { code: "BAD_REQUEST", path: ["businessCalling", "cdrBucket"], message: "is required" },
    ]);
    expect(await harness.calls()).toEqual({});
  });

  test.each(["", "ab", " records", "Records", "-records", "records.", "r_s", "r".repeat(64)])(
    "rejects what is not a name of an S3 bucket: '%s'",
    async (cdrBucket) => {
      const { data } = await update({ voiceConnector: { cdrBucket } });

      expect(data.payload.errors).toEqual([
        {
          code: "BAD_REQUEST",
          path: ["voiceConnector", "cdrBucket"],
          message: "must be 3 to 63 of a-z, 0-9, '.' and '-', starting and ending with a letter or digit",
        },
      ]);
      expect(await harness.calls()).toEqual({});
    },
  );

  test.each(["abc", "r".repeat(63), "a.b-c.9"])("takes '%s' as it is", async (cdrBucket) => {
    await update({ voiceConnector: { cdrBucket } });

    expect(await bucketsInChime()).toEqual([seededBucket, cdrBucket]);
  });

  test("is UNKNOWN if the response is lost, and is not repeated", async () => {
    await harness.fault({ operation: "UpdateGlobalSettings", kind: "reset-after" });
    const { data } = await update({ voiceConnector: { cdrBucket: null } });

    expect(data.payload).toMatchObject({ outcome: "UNKNOWN", errors: [{ code: "OUTCOME_UNKNOWN" }] });
    expect(await harness.calls()).toEqual({ UpdateGlobalSettings: 1 });
  });

  test("returns null with an error if the settings cannot be read back", async () => {
    await harness.fault({ operation: "GetGlobalSettings", kind: "500" });
    const { data, errors } = await update({ voiceConnector: { cdrBucket: null } }, "globalSettings { id }");

    expect(data.payload).toEqual({ outcome: "DONE", globalSettings: null, errors: [] });
    expect(errors).toMatchObject([{ path: ["payload", "globalSettings"] }]);
  });
});

test("a caller whose token names accounts may neither read nor change the settings of all", async () => {
  const issuer = await startIssuer();
  onTestFinished(() => issuer.close());
  const gateway = await startOn(harness.chimeUrl, issuer.env);
  onTestFinished(() => gateway.close());
  const token = await issuer.sign({ scope: allScopes.join(" "), chime_accounts: [SEED.teamAccountId] });
  const send = (query: string) => ask(gateway.url, { query }, { authorization: `Bearer ${token}` });
  const message = "A token limited to certain accounts cannot use this operation.";

  const { data, errors } = await send("{ globalSettings { id } }");
  expect(data).toEqual({ globalSettings: null });
  expect(errors).toMatchObject([{ message, path: ["globalSettings"], extensions: { code: "FORBIDDEN" } }]);
  expect(
    await send(`mutation { updateGlobalSettings(input: { voiceConnector: { cdrBucket: null } }) {
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
  expect(await harness.calls()).toEqual({});
});
