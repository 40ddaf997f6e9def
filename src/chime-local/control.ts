/**
 * Control endpoints, for tests and for trying out failures. JSON in and out; these requests are never logged, and faults
 * never apply to them.
 *
 * - `GET    /_local/health`   → `{"status":"ok"}`
 * - `POST   /_local/reset`    restores the seeded state; clears faults and log. → `{"status":"ok","users":450}`
 *                             Optional body `{"users":200000}`: the size of the large account from now on
 * - `GET    /_local/requests` → `{"total","counts":{"GetUser":3},"requests":[…]}`: see `CallRecord` in callLog.ts
 * - `DELETE /_local/requests` clears the log
 * - `GET    /_local/faults`   → `{"faults":[…]}`: the rules; `applied` is the number of requests that each was applied to
 * - `POST   /_local/faults`   adds a rule, or a list of rules: see `faultRule` in faults.ts.
 *                             `{"operation":"GetUser","kind":"503","next":2}`, `{"kind":"latency","ms":100}`
 * - `DELETE /_local/faults`   removes all rules
 * - `GET    /_local/clock`    → `{"now":"2026-01-01T00:00:00.000Z","advancedMs":0}`
 * - `POST   /_local/clock`    `{"advanceMs":604800000}` lets a week pass; a reset restores the system's time
 * - `POST   /_local/domains`  `{"accountId":"…","release":true}` releases an Enterprise account's domains and suspends its
 *                             users, as AWS's console does. → `{"domains":["meridian.example.com"]}`
 * - `GET    /_local/messages` → `{"messages":[{"messageId","accountId","roomId","isRedacted":false}]}`: all messages of rooms
 *                             and conversations
 * - `POST   /_local/messages` `{"accountId":"…","roomId":"…","count":3}` creates messages, which Chime's API cannot;
 *                             `conversationId` in place of `roomId` names a conversation, which may be new. → `{"ids":[…]}`
 *
 * The response to an invalid request is 400, 404 or 405 and `{"problems":["kind is required"]}`, with all its problems.
 */
import { AccountType } from "@aws-sdk/client-chime";
import { z } from "zod";
import { id } from "../chime-api/constraints.js";
import type { CallLog } from "./callLog.js";
import { type Faults, faultRule } from "./faults.js";
import { releaseDomains } from "./operations/accounts.js";
import { createMessages, listMessages, type Message } from "./operations/messages.js";
import { maxUsers } from "./seed/ids.js";
import type { ListedRecord } from "./store/records.js";
import type { Store } from "./store/store.js";
import type { Reply } from "./wire/response.js";

export const controlPrefix = "/_local/";

/** Replies to a request whose path starts with `/_local/`. */
export type Control = (method: string, path: string, body: string) => Reply;

interface ControlParts {
  readonly faults: Faults;
  readonly log: CallLog;
  readonly store: Store;
  /** Seeds again. @returns the number of users in the large account */
  reset(users: number | undefined): number;
}

const resetBody = z.strictObject({ users: z.int().min(0).max(maxUsers).optional() });
const hundredYearsMs = 100 * 365 * 24 * 60 * 60 * 1000;
const clockBody = z.strictObject({ advanceMs: z.int().min(0).max(hundredYearsMs) });
const domainsBody = z.strictObject({ accountId: z.string(), release: z.literal(true) });
const messagesBody = z
  .strictObject({
    accountId: z.string(),
    roomId: z.string().optional(),
    conversationId: z.string().regex(id.pattern, `must ${id.patternRule}`).optional(),
    count: z.int().min(1).max(1000),
  })
  .refine(({ roomId, conversationId }) => (roomId === undefined) !== (conversationId === undefined), {
    error: "must have either roomId or conversationId",
  });
const faultList = z.array(faultRule);
const singleFault = faultRule.transform((rule) => [rule]);

export function createControl({ faults, log, store, reset }: ControlParts): Control {
  const done = ok({ status: "ok" });
  const clock = () => ok({ now: store.now().toISOString(), advancedMs: store.advancedMs() });
  const endpoints: Record<string, Record<string, (body: unknown) => Reply>> = {
    health: { GET: () => done },
    reset: {
      POST: (body) =>
        parse(resetBody, body, ({ users }) => {
          faults.clear();
          log.clear();
          return ok({ status: "ok", users: reset(users) });
        }),
    },
    requests: {
      GET: () => ok(log.read()),
      DELETE: () => {
        log.clear();
        return done;
      },
    },
    faults: {
      GET: () => ok({ faults: faults.list() }),
      POST: (body) =>
        parse(Array.isArray(body) ? faultList : singleFault, body, (rules) => {
          faults.add(rules);
          return ok({ faults: faults.list() });
        }),
      DELETE: () => {
        faults.clear();
        return done;
      },
    },
    clock: {
      GET: clock,
      POST: (body) =>
        parse(clockBody, body, ({ advanceMs }) => {
          store.transaction(() => store.advanceClock(advanceMs));
          return clock();
        }),
    },
    domains: {
      POST: (body) =>
        parse(domainsBody, body, ({ accountId }) => {
          const account = store.accounts.find(accountId);
          if (!account) return reject(404, "accountId is not the id of an account");
          if (account.AccountType === AccountType.Team)
            return reject(400, "accountId is the id of a Team account, which has no domains");
          return ok({ domains: releaseDomains(store, accountId) });
        }),
    },
    messages: {
      GET: () => ok({ messages: listMessages(store).map(describeMessage) }),
      POST: (body) =>
        parse(messagesBody, body, ({ accountId, roomId, conversationId, count }) => {
          const account = store.accounts.find(accountId);
          if (!account) return reject(404, "accountId is not the id of an account");
          if (account.AccountType === AccountType.Team)
            return reject(400, "accountId is the id of a Team account, which has no messages");
          if (roomId !== undefined && !store.collection("room").find(accountId, roomId))
            return reject(404, "roomId is not the id of a room of this account");
          const place = { AccountId: accountId, RoomId: roomId, ConversationId: conversationId };
          return ok({ ids: store.transaction(() => createMessages(store, place, count)) });
        }),
    },
  };

  return (method, path, body) => {
    const name = path.slice(controlPrefix.length);
    const methods = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
    if (!methods)
      return reject(404, `The endpoints under ${controlPrefix} are ${Object.keys(endpoints).join(", ")}.`);
    const endpoint = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!endpoint) return reject(405, `${path} allows ${Object.keys(methods).join(", ")}.`);
    let json: unknown;
    try {
      json = body === "" ? {} : JSON.parse(body);
    } catch {
      return reject(400, "The body is not JSON.");
    }
    return endpoint(json);
  };
}

function describeMessage({ id, body }: ListedRecord<Message>) {
  const { AccountId, RoomId, ConversationId, RedactedTimestamp } = body;
  return {
    messageId: id,
    accountId: AccountId,
    roomId: RoomId,
    conversationId: ConversationId,
    isRedacted: RedactedTimestamp !== undefined,
  };
}

function parse<T>(schema: z.ZodType<T>, body: unknown, then: (value: T) => Reply): Reply {
  const { success, data, error } = schema.safeParse(body, { reportInput: true });
  return success ? then(data) : reject(400, ...error.issues.flatMap(problemsOf));
}

const typeNames: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a string",
  object: "an object",
};

/** The problems, in sentences that start with the name of the field. */
function problemsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => `${[...issue.path, key].join(".")} is not a field of this request`);
  return [`${issue.path.join(".") || "The body"} ${reasonOf(issue)}`];
}

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined && issue.code !== "custom") return "is required";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.join(", ")}`;
    case "too_small":
      if (issue.origin === "string") return "must not be empty";
      return `must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const ok = (body: object): Reply => ({ status: 200, body: Buffer.from(JSON.stringify(body)) });
const reject = (status: number, ...problems: string[]): Reply => ({ ...ok({ problems }), status });
