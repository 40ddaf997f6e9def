import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { createHarness, type Harness } from "../support/harness.js";
import { sendHttp } from "../support/http.js";
import { startIssuer } from "../support/issuer.js";
import { type Program, startChime, startGatewayOn } from "../support/processes.js";
import type { Row } from "../support/report.js";
import { createShapes, type Shape, type ShapeData } from "../support/shapes.js";
import type { HealthAnswer } from "./healthProbe.js";

const maxCpu = 500;
/** Milliseconds of CPU that a call to Chime takes, in the client that makes it. */
const cpuOfCall = 0.35;
const maxBytes = 10 * 1024 * 1024;
const maxHealth = 100;
/** The first includes compilation; of the others the best counts: other work of the machine can only add. */
const rounds = 4;

interface Impact {
  readonly cpu: number;
  readonly bytes: number;
  readonly health: number;
  readonly calls: number;
  readonly limit: string | undefined;
  readonly errors: number;
}

/** Requests that multiply rows, fields, aliases and calls are refused, or cost little. */
export async function shapes(): Promise<Row[]> {
  const issuer = await startIssuer();
  const chime = await startChime();
  const open = await startGatewayOn(chime.url);
  const closed = await startGatewayOn(chime.url, issuer.env);
  try {
    const authorization = `Bearer ${await issuer.sign({ scope: "chime:read" })}`;
    const harness = createHarness(open);
    const measured: (Impact & { readonly shape: Shape })[] = [];
    for (const shape of createShapes(await prepare(harness))) {
      const gateway = shape.isForbidden ? closed : open;
      await harness.setFaults(...(shape.failing ? [{ operation: shape.failing, kind: "500" }] : []));
      const impacts: Impact[] = [];
      for (let round = 0; round < rounds; round++)
        impacts.push(
          await measure(harness, gateway, shape, round, shape.isForbidden ? { authorization } : {}),
        );
      const best = (of: (impact: Impact) => number) => Math.min(...impacts.slice(1).map(of));
      const last = impacts.at(-1) as Impact;
      measured.push({ ...last, shape, cpu: best(({ cpu }) => cpu), health: best(({ health }) => health) });
    }
    return rowsOf(measured);
  } finally {
    await Promise.all([open.stop(), closed.stop(), chime.stop(), issuer.close()]);
  }
}

function rowsOf(measured: readonly (Impact & { readonly shape: Shape })[]): Row[] {
  const wrong = measured.filter(({ shape, limit }) => limit !== shape.limit);
  const maxOf = (of: (impact: Impact) => number) => measured.reduce((a, b) => (of(a) >= of(b) ? a : b));
  const cpu = maxOf(extraCpu);
  const bytes = maxOf((impact) => impact.bytes);
  const health = maxOf((impact) => impact.health);
  const errors = maxOf((impact) => impact.errors);
  return [
    {
      promise: `${measured.length} valid requests that multiply rows, fields or calls are refused before execution, or answered`,
      figure: `${measured.filter(({ limit }) => limit).length} refused${wrong.map(({ shape, limit }) => `; ${shape.name}: ${limit}`).join("")}`,
      ok: wrong.length === 0,
    },
    {
      promise: `and each takes at most ${maxCpu} ms of CPU beyond ${cpuOfCall} ms a call`,
      figure: `${extraCpu(cpu).toFixed(0)} ms (${cpu.shape.name})`,
      ok: extraCpu(cpu) <= maxCpu,
    },
    {
      promise: "and each response has at most 10 MiB and 100 errors",
      figure: `${(bytes.bytes / 1024 / 1024).toFixed(1)} MiB (${bytes.shape.name}), ${errors.errors} errors`,
      ok: bytes.bytes <= maxBytes && errors.errors <= 100,
    },
    {
      promise: `and meanwhile health is answered within ${maxHealth} ms`,
      figure: `${health.health.toFixed(0)} ms (${health.shape.name})`,
      ok: health.health <= maxHealth,
    },
  ];
}

const extraCpu = ({ cpu, calls }: Impact): number => cpu - calls * cpuOfCall;

async function measure(
  harness: Harness,
  { url, usage }: Program,
  { query, variables }: Shape,
  round: number,
  headers: Record<string, string>,
): Promise<Impact> {
  const probe = new Worker(new URL("./healthProbe.js", import.meta.url), {
    workerData: `${url}/health/live`,
  });
  // Its first request also opens the connection.
  await sleep(200);
  await harness.forgetCalls();
  const began = performance.timeOrigin + performance.now();
  const before = await usage();
  // A document that is known already costs less.
  const body = { query: " ".repeat(round) + query, variables };
  const answer = await sendHttp("POST", `${url}/graphql`, { body, headers });
  await sleep(50);
  const cpu = (await usage()).cpu - before.cpu;
  probe.postMessage("enough");
  const [answers] = (await once(probe, "message")) as [readonly HealthAnswer[]];
  const { errors = [] } = JSON.parse(answer.body) as {
    readonly errors?: readonly { readonly extensions: { readonly limit?: { readonly name: string } } }[];
  };
  return {
    cpu,
    bytes: Buffer.byteLength(answer.body),
    health: Math.max(0, ...answers.filter(({ at }) => at >= began).map(({ took }) => took)),
    calls: await harness.countCalls(),
    limit: answer.status === 400 ? errors[0]?.extensions.limit?.name : undefined,
    errors: errors.length,
  };
}

/** Fills Chime with the data that the shapes request. */
async function prepare({ chime }: Harness): Promise<ShapeData> {
  const { accountId, userIds } = await chime.createPeople(1_000);
  const emails = (await chime.users(accountId)).flatMap(({ PrimaryEmail }) => PrimaryEmail ?? []);
  const namePrefix = "Branch";
  for (let branch = 0; branch < 20; branch++) await chime.createPeople(500, `${namePrefix} ${branch}`);
  const groupsAccountId = await chime.createAccount("Groups");
  for (let group = 0; group < 500; group++) await chime.addGroup(groupsAccountId, `group-${group}`);
  for (let account = 0; account < 1_000; account++) await chime.createAccount(`Account ${account}`);
  return { accountId, userIds, emails, namePrefix, groupsAccountId };
}
