import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { createUpstream } from "../../src/chime/upstream.js";
import { settingNames } from "../../src/config/settings.js";
import { readConfig } from "../../src/config.js";
import { described, scopesOf, upstreamOperations, writes } from "../support/upstream.js";

const deploy = new URL("../../deploy/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, deploy), "utf8");

// biome-ignore lint/suspicious/noExplicitAny: the type of Kubernetes documents is not known
type Document = any;
const documents = parseAllDocuments(read("kubernetes.yaml")).map((document): Document => {
  expect(document.errors).toEqual([]);
  return document.toJS();
});
const find = (kind: string): Document => documents.find((document) => document.kind === kind);
const pod = find("Deployment").spec.template;
const [container] = pod.spec.containers;
const env: Record<string, string> = { ...find("ConfigMap").data, ...find("Secret").stringData };
/** What the image sets. */
const imageEnv = { NODE_ENV: "production", HOST: "0.0.0.0" };
const config = readConfig({ ...imageEnv, ...env, ROUTER_SECRET: "0123456789abcdef" });

describe("the Kubernetes manifest", () => {
  test("sets existing settings only, and the gateway starts with them and requires tokens", () => {
    for (const name of Object.keys(env)) expect(settingNames).toContain(name);
    expect(config).toMatchObject({
      auth: { isOpen: false, tokens: {} },
      http: { explorer: false },
      chime: { mode: "remote", endpoint: undefined },
    });
    for (const secret of ["ROUTER_SECRET", "LOG_KEY"])
      expect(find("ConfigMap").data).not.toHaveProperty(secret);
  });

  test("gets no environment variables of Services that happen to have a setting's name", () => {
    expect(pod.spec.enableServiceLinks).toBe(false);
  });

  test("does not start with a secret that everybody can read here", () => {
    expect(() => readConfig({ ...imageEnv, ...env })).toThrow(/^ROUTER_SECRET [^\n]*$/);
  });

  test("refers only to objects that exist", () => {
    const { name, labels } = { name: find("Deployment").metadata.name, labels: pod.metadata.labels };
    expect(find("Deployment").spec.selector.matchLabels).toEqual(labels);
    expect(find("Service").spec.selector).toEqual(labels);
    expect(find("PodDisruptionBudget").spec.selector.matchLabels).toEqual(labels);
    expect(find("HorizontalPodAutoscaler").spec.scaleTargetRef).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      name,
    });
    expect(pod.spec.serviceAccountName).toBe(find("ServiceAccount").metadata.name);
    expect(container.envFrom).toEqual([
      { configMapRef: { name: find("ConfigMap").metadata.name } },
      { secretRef: { name: find("Secret").metadata.name } },
    ]);
    const { version } = JSON.parse(readFileSync(new URL("../package.json", deploy), "utf8"));
    expect(container.image).toMatch(new RegExp(`:${version}$`));
  });

  test("routes callers to the gateway's port and Prometheus to the metrics port, and probes the health endpoints", () => {
    expect(container.ports).toEqual([
      { name: "http", containerPort: config.http.port },
      { name: "metrics", containerPort: config.monitoring.metricsPort },
    ]);
    expect(find("Service").spec.ports).toEqual([{ name: "http", port: 80, targetPort: "http" }]);
    expect(pod.metadata.annotations).toEqual({
      "prometheus.io/scrape": "true",
      "prometheus.io/port": String(config.monitoring.metricsPort),
      "prometheus.io/path": "/metrics",
    });
    const probed = [container.livenessProbe, container.readinessProbe, container.startupProbe];
    expect(probed.map(({ httpGet }) => httpGet)).toEqual([
      { path: "/health/live", port: "http" },
      { path: "/health/ready", port: "http" },
      { path: "/health/live", port: "http" },
    ]);
    // Chime has 3 seconds to answer.
    expect(container.readinessProbe.timeoutSeconds).toBeGreaterThan(3);
  });

  test("allows everyone to reach the gateway, and only monitoring to reach the metrics", () => {
    const { podSelector, policyTypes, ingress } = find("NetworkPolicy").spec;
    expect(podSelector.matchLabels).toEqual(pod.metadata.labels);
    expect(policyTypes).toEqual(["Ingress"]);
    expect(ingress).toEqual([
      { ports: [{ port: "http" }] },
      {
        ports: [{ port: "metrics" }],
        from: [expect.objectContaining({ namespaceSelector: expect.anything() })],
      },
    ]);
  });

  test("grants the longest request its time before a pod is killed", () => {
    const { maxRequestMs, close } = createUpstream({
      ...config.chime,
      target: { mode: "local", endpoint: "http://127.0.0.1:1" },
    });
    close();
    const [, preStop = ""] = /(\d+_?\d*)\)$/.exec(container.lifecycle.preStop.exec.command.at(-1)) ?? [];
    const needed = (Number(preStop.replace("_", "")) + maxRequestMs) / 1000;
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(needed + 5);
  });

  test("grants a pod only what it needs", () => {
    expect(pod.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container.resources.limits.memory).toBeDefined();
  });

  test("keeps more than one pod, adds pods before they are overloaded, and removes one at a time", () => {
    const { minReplicas, metrics } = find("HorizontalPodAutoscaler").spec;
    expect(minReplicas).toBeGreaterThan(find("PodDisruptionBudget").spec.maxUnavailable);
    const [{ pods }] = metrics;
    expect(pods.metric.name).toBe("chime_gateway_requests_in_progress");
    // A busy pod may have no more than 64 in progress; and those to come have to wait for a new pod.
    expect(Number(pods.target.averageValue)).toBeLessThanOrEqual(
      0.75 * Math.min(64, config.http.maxRequests),
    );
    expect(find("Deployment").spec).not.toHaveProperty("replicas");
  });
});

describe("the IAM policy", () => {
  interface Statement {
    readonly Sid: string;
    readonly Action: readonly string[];
  }
  const policy = JSON.parse(read("iam-policy.json"));
  const statements: readonly Statement[] = policy.Statement;

  test("allows each operation that the schema leads to once, and no others", () => {
    const actions = statements.flatMap(({ Action }) => Action);

    expect(described).toEqual(expect.arrayContaining([...writes]));
    expect(actions.toSorted()).toEqual(upstreamOperations.map((name) => `chime:${name}`).toSorted());
    expect(actions).toHaveLength(62);
  });

  test("has a statement for each group of operations", () => {
    expect(policy.Version).toBe("2012-10-17");
    for (const { Sid, Action, ...rest } of statements) {
      expect(Sid).toMatch(/^Chime\w+$/);
      expect(Action).toEqual(Action.toSorted());
      // The accounts of Chime's administration are not resources to IAM.
      expect(rest).toEqual({ Effect: "Allow", Resource: "*" });
    }
    expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
  });

  test.each([
    ["cannot be taken back", "ChimeIrreversible", ["chime:delete-account", "chime:redact"]],
    ["cost money", "ChimeSpending", ["chime:spend"]],
  ])("has the writes that %s in a statement that an operator can leave out", (_what, sid, scopes) => {
    const dangerous = writes.filter((name) => scopesOf(name).some((scope) => scopes.includes(scope)));

    expect(statements.find(({ Sid }) => Sid === sid)?.Action).toEqual(
      dangerous.map((name) => `chime:${name}`).toSorted(),
    );
  });
});
