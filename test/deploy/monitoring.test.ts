import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parser } from "@prometheus-io/lezer-promql";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { callerErrors, ErrorCode } from "../../src/chime/errors.js";
import { enumName } from "../../src/chime-api/names.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { isServerError, serverErrors } from "../../src/telemetry/errorCodes.js";
import { useHarness } from "../support/fixture.js";
import { isInstalled } from "../support/installed.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0", CACHE_TTL_SECONDS: "60" });
const read = (file: string) => readFileSync(new URL(`../../deploy/${file}`, import.meta.url), "utf8");
const operations = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface Panel {
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const rules = (parse(read("alerts.yml")) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly allValue?: string }[] };
}

const { panels, templating } = JSON.parse(read("grafana.json")) as Dashboard;
const expressions: [string, string][] = [
  ...rules.map(({ alert, expr }): [string, string] => [`the alert ${alert}`, expr]),
  ...panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [`the panel ${title}`, expr]),
  ),
];

/** A metric as it is named in an expression, with the label names that it is asked by there. */
const metric = /\b((?:chime_gateway|nodejs|process)_\w+)(?:\{([^}]*)\})?/g;
const labelName = /(\w+)\s*(?:=~|!~|!=|=)/g;

/** Labels of each metric in /metrics; Prometheus adds job and instance. */
async function readMetrics(): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  const text = await (await fetch(`${harness.url}/metrics`)).text();
  // Without Redis, its state has no value.
  for (const [, name = ""] of text.matchAll(/^# TYPE (\w+) /gm))
    found.set(name, new Set(["job", "instance"]));
  for (const [, name = "", labels = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? [^ ]+$/gm)) {
    const names = found.get(name) ?? new Set(["job", "instance"]);
    for (const [, label = ""] of labels.matchAll(labelName)) names.add(label);
    found.set(name, names);
  }
  return found;
}

test.for(expressions)("%s names metrics and labels that a gateway has", async ([, expression]) => {
  await harness.ask(`query Name { account(accountId: "${SEED.teamAccountId}") { name } }`);
  const known = await readMetrics();
  const named = [...expression.matchAll(metric)];

  expect(named).not.toEqual([]);
  for (const [, name = "", labels = ""] of named) {
    expect([...known.keys()]).toContain(name);
    for (const [, label = ""] of labels.matchAll(labelName)) expect(known.get(name)).toContain(label);
  }
  const grouped = [...expression.matchAll(/\bby \(([\w, ]+)\)/g)].flatMap(([, by = ""]) => by.split(", "));
  for (const label of grouped) expect(named.some(([, name = ""]) => known.get(name)?.has(label))).toBe(true);
});

test("the help of the cache's metrics, its panel and the documentation name each kind of entry", async () => {
  await harness.ask(
    `query Kinds($id: ID!, $userIds: [ID!]!) {
      account(accountId: $id) { name userSummary { total } }
      users(accountId: $id, userIds: $userIds) { displayName }
    }`,
    { id: SEED.teamAccountId, userIds: [SEED.userId] },
  );
  const metrics = await (await fetch(`${harness.url}/metrics`)).text();
  const samples = metrics.matchAll(/^chime_gateway_cache_(?:hits|misses)_total\{.*\bkind="(\w+)"/gm);
  const kinds = [...new Set(Array.from(samples, ([, kind = ""]) => kind))].toSorted();
  expect(kinds).toEqual(["account", "summary", "user"]);
  const texts = [
    ...Array.from(metrics.matchAll(/^# HELP chime_gateway_cache_\w+ (.*)$/gm), ([, help]) => help),
    /^`chime_gateway_cache_hits_total` .*(?:\n.+)*/m.exec(operations)?.[0],
    panels.find(({ title }) => title === "Cache hits")?.description,
  ];
  expect(texts).toHaveLength(4);
  for (const text of texts) {
    expect(text).toMatch(/\baccounts, users and summaries\b/i);
    expect(text).not.toContain("persisted queries");
  }
});

test("docs/operations.md has a table of all metrics of a gateway", async () => {
  const metrics = await (await fetch(`${harness.url}/metrics`)).text();
  const rows = Array.from(
    metrics.matchAll(/^# HELP (chime_gateway_\w+) (.*)$/gm),
    ([, name, help]) => `| \`${name}\` | ${help} |`,
  );
  const table = ["| metric | meaning |", "| --- | --- |", ...rows.toSorted()].join("\n");
  expect(/^\| metric \|.*(?:\n\|.*)*/m.exec(operations)?.[0]).toBe(table);
});

test("each metric of a failure is in an alert", async () => {
  const metrics = await (await fetch(`${harness.url}/metrics`)).text();
  const names = metrics.match(
    /(?<=^# HELP )chime_gateway_\w*(?:errors|rejections|dropped|unavailable)_total/gm,
  );
  expect(names).toHaveLength(5);
  for (const name of names ?? [])
    expect(
      rules.some(({ expr }) => expr.includes(name)),
      name,
    ).toBe(true);
});

test("docs/operations.md names existing alerts, and the one that a metric has", () => {
  const known = rules.map(({ alert }) => alert);
  const named = operations.match(/(?<=`)Chime(?:[A-Z][a-z]+)+(?=`)/g) ?? [];
  expect(named).not.toEqual([]);
  for (const alert of named) expect(known).toContain(alert);
  const pairs = [...operations.matchAll(/`(chime_gateway_\w+)`, the alert `(\w+)`/g)];
  expect(pairs).not.toEqual([]);
  for (const [, name, alert] of pairs)
    expect(rules.find((rule) => rule.alert === alert)?.expr).toContain(name);
});

test.for(expressions)("%s is PromQL", ([, expression]) => {
  const tree = parser.parse(expression.replaceAll("$__rate_interval", "5m"));
  const wrong: string[] = [];
  tree.iterate({
    enter({ type, from, to }) {
      if (type.isError) wrong.push(`${from}-${to}`);
    },
  });
  expect(wrong).toEqual([]);
});

test("every alert has a severity, a summary and a description", () => {
  for (const { labels, annotations } of rules) {
    expect(labels.severity).toBeOneOf(["warning", "critical"]);
    expect(annotations).toEqual({ summary: expect.any(String), description: expect.any(String) });
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test("every alert that aggregates does so for each job", () => {
  const aggregations = rules.flatMap(({ expr }) => expr.match(/\b(sum|min|max|count)\b.{0,8}/g) ?? []);
  expect(aggregations).not.toEqual([]);
  for (const aggregation of aggregations) expect(aggregation).toMatch(/^\w+ by \(job/);
});

test("the alerts of failing requests, writes and exports count only the codes that a caller cannot fix", () => {
  const payloadCodes = Object.values(ErrorCode).map(enumName);
  const callers = [
    "BAD_USER_INPUT",
    "UNAUTHENTICATED",
    "LIMIT_EXCEEDED",
    "CANCELED",
    "OVERLOADED",
    "RATE_LIMITED",
    "OK",
  ];
  const upstream = ["UPSTREAM_DENIED", "UPSTREAM_TIMEOUT", "UPSTREAM_UNAVAILABLE", "THROTTLED"];
  const codes = [
    ...payloadCodes,
    ...callers,
    ...upstream,
    "INTERNAL_SERVER_ERROR",
    "AUTH_UNAVAILABLE",
    "AUDIT_UNAVAILABLE",
  ];
  for (const name of ["ChimeGatewayErrors", "ChimeGatewayWritesFail", "ChimeGatewayExportsFail"]) {
    const { expr = "" } = rules.find(({ alert }) => alert === name) ?? {};
    const counted = new RegExp(`^(?:${/(?:code|outcome)=~"([^"]+)"/.exec(expr)?.[1]})$`);

    expect(codes.filter((code) => counted.test(code))).toEqual(codes.filter(isServerError));
  }
  expect(payloadCodes.filter((code) => !isServerError(code)).toSorted()).toEqual(
    [...callerErrors].map(enumName).toSorted(),
  );
});

test("the first failed export of each code is noticed: its series begins at 0", async () => {
  const metrics = await (await fetch(`${harness.url}/metrics`)).text();
  for (const code of serverErrors)
    expect(metrics).toContain(`chime_gateway_exports_total{outcome="${code}"} 0\n`);
});

test("each alert fires in a case of the tests below", () => {
  const cases = readFileSync(new URL("alerts.test.yml", import.meta.url), "utf8");

  for (const { alert } of rules) expect(cases).toMatch(new RegExp(`\\b${alert}\\b`));
});

/** Prometheus' own tool, in its packages. */
const promtool = (...args: string[]) => spawnSync("promtool", args, { encoding: "utf8" });
const hasPromtool = isInstalled("promtool", "--version");

test.skipIf(!hasPromtool)(
  "the alerts fire for gateways in the described states only (skipped without promtool)",
  () => {
    const { status, stdout, stderr } = promtool(
      "test",
      "rules",
      fileURLToPath(new URL("alerts.test.yml", import.meta.url)),
    );
    expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: expect.any(String) });
  },
);

test("the dashboard's All means the values that it found, not everything that Prometheus scrapes", () => {
  expect(templating.list.map(({ name }) => name)).toContain("job");
  for (const variable of templating.list) expect(variable).not.toHaveProperty("allValue");
});
