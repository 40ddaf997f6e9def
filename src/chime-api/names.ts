/** Members whose acronyms are words in GraphQL. */
const acronyms = {
  PersonalPIN: "personalPin",
  SMS: "sms",
  InboundSMS: "inboundSms",
  OutboundSMS: "outboundSms",
  InboundMMS: "inboundMms",
  OutboundMMS: "outboundMms",
  OutboundEventsHTTPSEndpoint: "outboundEventsHttpsEndpoint",
} as const;

type Acronyms = typeof acronyms;

/** The GraphQL name of a member: `accountId` for AccountId. */
export type CamelName<Member extends string> = Member extends keyof Acronyms
  ? Acronyms[Member]
  : Uncapitalize<Member>;

/** A structure with its members in camelCase; null means absent. */
export type Camel<Value> = Value extends Date
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Camel<Item>[]
    : Value extends object
      ? { readonly [Member in keyof Value as CamelName<Member & string>]: Camel<Value[Member]> | null }
      : Value;

export function camelName<Member extends string>(member: Member): CamelName<Member> {
  const name = Object.hasOwn(acronyms, member)
    ? acronyms[member as string as keyof Acronyms]
    : member.charAt(0).toLowerCase() + member.slice(1);
  return name as CamelName<Member>;
}

/** The GraphQL name of an enum's value: `ENTERPRISE_LWA` for EnterpriseLWA. */
export function enumName(value: string): string {
  return value.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase();
}
