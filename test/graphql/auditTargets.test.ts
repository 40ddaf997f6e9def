import { type GraphQLInputField, getNamedType, isInputObjectType, isListType, isNonNullType } from "graphql";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { targetsOf } from "../../src/graphql/auditTargets.js";
import { createSchema } from "../../src/graphql/schema.js";
import { hashed, startAudited } from "../support/auditedGateway.js";
import { useHarness } from "../support/fixture.js";

const mutations = Object.values(createSchema().getMutationType()?.getFields() ?? {});
const inputs = mutations.flatMap(({ name, args }) => args.map(({ type }) => [name, type] as const));

/** Fields whose texts are an address or a phone number. */
const isPersonal = ({ name, type }: GraphQLInputField): boolean =>
  getNamedType(type).name === "EmailAddress" || /(email|phoneNumber(Id)?)(s|List)?$/i.test(name);

const isId = ({ type }: GraphQLInputField): boolean => getNamedType(type).name === "ID";

/** An input with a text in each of its fields for ids, addresses and phone numbers, and the texts by the fields' names. */
function example(type: GraphQLInputField["type"], texts: Map<string, string>, path = ""): unknown {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return undefined;
  return Object.fromEntries(
    Object.values(named.getFields()).map((field) => {
      const name = `${path}${field.name}`;
      const isText = isPersonal(field) || isId(field);
      const text = isPersonal(field) ? `+1206555${1000 + texts.size}` : `id-${texts.size}`;
      if (isText) texts.set(name, text);
      const value = isText ? text : example(field.type, texts, `${name}.`);
      const listed = isNonNullType(field.type) ? field.type.ofType : field.type;
      return [field.name, isListType(listed) ? [value] : value];
    }),
  );
}

test("the mutations have addresses and phone numbers in their inputs", () => {
  const personal = inputs.flatMap(([, type]) => {
    const texts = new Map<string, string>();
    example(type, texts);
    return [...texts].flatMap(([name, text]) => (text.startsWith("+") ? [name] : []));
  });
  expect(personal).toEqual(
    expect.arrayContaining(["email", "userEmailList", "e164PhoneNumber", "fromPhoneNumber", "toPhoneNumber"]),
  );
});

test.each(inputs)("the audit log has each id, address and phone number in the input of %s", (_name, type) => {
  const texts = new Map<string, string>();
  const input = example(type, texts) as object;
  const { accountId, targets } = targetsOf(input, (text) => `of ${text}`);
  const written = new Set([accountId, ...targets.flatMap((target) => Object.values(target))]);
  const missing = [...texts].filter(([, text]) =>
    text.startsWith("+") ? !written.has(`hmac:of ${text}`) : !written.has(text),
  );
  expect(missing).toEqual([]);
});

describe("the audit log has one hash for", () => {
  const hashIn = (input: object) => targetsOf(input, (text) => text).targets;

  test.each([" Ada@example.com ", "ada@EXAMPLE.com", "\u200bada@example.com\n", "ada@example.com"])(
    "an address, written as %j",
    (email) => expect(hashIn({ email })).toEqual([{ email: "hmac:ada@example.com" }]),
  );

  test.each(["12065550100", "+12065550100", "%2B12065550100", "%2b12065550100", " +12065550100 "])(
    "a phone number, written as %j",
    (number) => {
      const hash = "hmac:+12065550100";
      expect(hashIn({ toPhoneNumber: number, fromPhoneNumber: number, phoneNumberId: number })).toEqual([
        { toPhoneNumber: hash, fromPhoneNumber: hash, phoneNumberId: hash },
      ]);
      expect(hashIn({ phoneNumberIds: [number] })).toEqual([{ phoneNumberId: hash }]);
      expect(hashIn({ e164PhoneNumbers: [number] })).toEqual([{ e164PhoneNumber: hash }]);
    },
  );
});

const harness = useHarness();

test("the line of a call has its meeting, its id, and hashes of both numbers as they were sent", async () => {
  const meetingId = "0ca2d5d1-5b9a-4f3e-9c1d-2f0d6f6b7a11";
  const { audit } = await startAudited(harness);
  const { answer, lines } = await audit(
    "mutation Call($input: CreateMeetingDialOutInput!) { createMeetingDialOut(input: $input) { transactionId } }",
    {
      input: {
        meetingId,
        fromPhoneNumber: SEED.freeNumber.replace("+", "%2B"),
        toPhoneNumber: "12065550199",
        joinToken: "token",
      },
    },
  );
  const { transactionId } = answer.data.createMeetingDialOut;
  const target = {
    meetingId,
    fromPhoneNumber: hashed(SEED.freeNumber),
    toPhoneNumber: hashed("+12065550199"),
    transactionId,
  };
  expect(lines).toMatchObject([{ mutation: "createMeetingDialOut", targets: [target], outcome: "DONE" }]);
  expect(transactionId).toEqual(expect.any(String));
});
