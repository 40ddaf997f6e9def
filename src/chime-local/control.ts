/**
 * Control endpoints, for tests and for trying failures out. JSON in and out; none of these requests is logged or struck
 * by a fault.
 *
 * - `GET    /_local/health`   → `{"status":"ok"}`
 * - `POST   /_local/reset`    back to the seeded state; forgets the faults and the log. → `{"status":"ok","users":450}`
 *                             Optional body `{"users":200000}`: the size of the large account from now on
 * - `GET    /_local/requests` → `{"total","counts":{"GetUser":3},"requests":[…]}`: see `RequestLog` in request-log.ts
 * - `DELETE /_local/requests` forgets the log
 * - `GET    /_local/faults`   → `{"faults":[…]}`: the rules, and in `struck` how often each has struck
 * - `POST   /_local/faults`   adds a rule, or a list of rules: see `faultRule` in faults.ts.
 *                             `{"operation":"GetUser","kind":"503","next":2}`, `{"kind":"latency","ms":100}`
 * - `DELETE /_local/faults`   removes all rules
 *
 * A request that is wrong answers 400, 404 or 405 and `{"problems":["kind: …"]}`, all problems at once.
 */
import { z } from "zod";
import type { RequestLog } from "./callLog.js";
import { type Faults, faultRule } from "./faults.js";
import { maxUsers } from "./seed.js";

export const controlPrefix = "/_local/";

export interface ControlAnswer {
  readonly status: number;
  readonly body: object;
}

/** Answers a request whose path starts with `/_local/`. */
export type Control = (method: string, path: string, body: string) => ControlAnswer;

interface ControlParts {
  readonly faults: Faults;
  readonly log: RequestLog;
  /** Seeds anew, and says with how many users in the large account. */
  reset(users: number | undefined): number;
}

const resetBody = z.strictObject({ users: z.int().min(0).max(maxUsers).optional() });
const faultsBody = z
  .unknown()
  .transform((body) => (Array.isArray(body) ? body : [body]))
  .pipe(z.array(faultRule));

export function createControl({ faults, log, reset }: ControlParts): Control {
  const endpoints: Record<string, Record<string, (body: unknown) => ControlAnswer>> = {
    health: { GET: () => ok({ status: "ok" }) },
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
        return ok({ status: "ok" });
      },
    },
    faults: {
      GET: () => ok({ faults: faults.list() }),
      POST: (body) =>
        parse(faultsBody, body, (rules) => {
          faults.add(rules);
          return ok({ faults: faults.list() });
        }),
      DELETE: () => {
        faults.clear();
        return ok({ status: "ok" });
      },
    },
  };

  return (method, path, body) => {
    const name = path.slice(controlPrefix.length);
    const methods = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
    if (!methods) return refuse(404, `There is ${Object.keys(endpoints).join(", ")} under ${controlPrefix}.`);
    const endpoint = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!endpoint) return refuse(405, `${path} takes ${Object.keys(methods).join(", ")}.`);
    const json = readJson(body);
    return json.ok ? endpoint(json.value) : refuse(400, "The body is not JSON.");
  };
}

function readJson(body: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: body === "" ? {} : JSON.parse(body) };
  } catch {
    return { ok: false };
  }
}

function parse<T>(schema: z.ZodType<T>, body: unknown, then: (value: T) => ControlAnswer): ControlAnswer {
  const { success, data, error } = schema.safeParse(body);
  if (success) return then(data);
  return refuse(
    400,
    ...error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join(".")}: ${message}` : message)),
  );
}

const ok = (body: object): ControlAnswer => ({ status: 200, body });
const refuse = (status: number, ...problems: string[]): ControlAnswer => ({ status, body: { problems } });
