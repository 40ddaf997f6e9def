import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { type GraphQLObjectType, Kind, parse, type StringValueNode } from "graphql";
import { describe, expect, test } from "vitest";
import { readConfig } from "../src/config.js";
import { missingScopes } from "../src/graphql/authorization.js";
import { fixedLimits } from "../src/graphql/limits/limits.js";
import { createSchema } from "../src/graphql/schema.js";
import { bombs } from "./support/bombs.js";
import { anchors, block, blocks, codeIn, pages, readPage, root, tableRows } from "./support/docs.js";
import { useHarness } from "./support/fixture.js";

const harness = useHarness();
const paths = [...pages.keys()];
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** The text of all files in some folders. */
const textOf = (...folders: string[]): string =>
  folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => /\.(ts|graphql|yml|yaml)$/.test(name))
        .map((name) => readFileSync(join(root, folder, name), "utf8")),
    )
    .join("\n");
const source = textOf("src", "schema");
const settingsPage = readPage("docs/configuration.md");

describe.each(paths)("%s", (path) => {
  const text = readPage(path);

  test("links to files and headings that exist", () => {
    const targets = Array.from(text.matchAll(/\]\((?!https?:)([^)]+)\)/g), ([, target = ""]) => target);
    for (const target of targets) {
      const [file = "", anchor] = target.split("#");
      const linked = file ? normalize(join(dirname(path), file)) : path;
      expect(existsSync(join(root, linked)), target).toBe(true);
      if (anchor !== undefined) expect(anchors(linked), target).toContain(anchor);
    }
  });

  test("names npm scripts that exist", () => {
    const scripts = Array.from(text.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g), ([, script]) => script);
    for (const script of scripts) expect(manifest.scripts).toHaveProperty([String(script)]);
  });

  test.skipIf(path === "CHANGELOG.md" || path === "docs/frontend.md")("names files that exist", () => {
    const files = Array.from(
      text.matchAll(/(?:`|vitest run )((?:src|schema|test|bench|deploy|scripts|docs)\/[\w./-]*)(?=[`\s])/g),
      ([, file = ""]) => file,
    );
    for (const file of files) expect(existsSync(join(root, file)), file).toBe(true);
  });

  test.skipIf(path === "CHANGELOG.md")("names settings, error codes and metrics that exist", () => {
    const names = text.matchAll(/(?:`|^|\s)((?:[A-Z]+_)+[A-Z]+)(?=[`=\s])/gm);
    // Those of AWS, Node, OpenTelemetry's SDK and the tests are not ours.
    const others = /^(AWS_|NODE_OPTIONS|OTEL_|CHROMIUM_PATH)/;
    for (const [, name = ""] of names)
      if (!others.test(name)) expect(settingsPage + source).toMatch(new RegExp(`["\`\\s]${name}["\`=\\s]`));
    for (const [, name] of text.matchAll(/\bchime_gateway_(\w+)/g))
      expect(source).toMatch(new RegExp(`"(chime_gateway_)?${name}"`));
  });

  test("installs packages in the versions that the gateway uses", () => {
    const installed = Array.from(text.matchAll(/([@\w/-]+)@(\^[\d.]+)/g), ([, name, range]) => [name, range]);
    const { dependencies, devDependencies } = manifest;
    for (const [name, range] of installed)
      expect([name, { ...dependencies, ...devDependencies }[String(name)]]).toEqual([name, range]);
  });

  test("shows GraphQL that the gateway accepts", async () => {
    // A block that begins with a comment is for another server, or rejected on purpose.
    for (const operation of blocks(path, "graphql").filter((text) => !text.startsWith("#"))) {
      const { errors } = await harness.ask(operation, { accountId: "any" });
      expect(errors).toBeUndefined();
    }
  });

  test("shows curl commands that work", async () => {
    const commands = blocks(path, "console")
      .flatMap((text) => text.replaceAll("\\\n", " ").split("\n"))
      .filter((line) => line.startsWith("curl "));
    for (const command of commands) {
      const response = await runCurl(command);
      expect(response.status, command).toBe(200);
      expect(await response.json(), command).not.toHaveProperty("errors");
    }
  });
});

/** Sends what a curl command sends, to this file's servers. */
function runCurl(command: string): Promise<Response> {
  const words = Array.from(command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g), ([, single, double, bare]) =>
    String(single ?? double ?? bare),
  );
  const after = (option: string) => words.flatMap((word, n) => (words[n - 1] === option ? [word] : []));
  const url = words.find((word) => word.startsWith("http")) ?? "";
  const [body] = after("-d");
  return fetch(
    url.replace("http://127.0.0.1:4000", harness.url).replace("http://127.0.0.1:4001", harness.chimeUrl),
    {
      method: after("-X")[0] ?? (body === undefined ? "GET" : "POST"),
      headers: after("-H").map((header) => header.split(": ", 2) as [string, string]),
      ...(body !== undefined && { body }),
    },
  );
}

describe("docs/limits.md", () => {
  const path = "docs/limits.md";

  test("shows the error that its example gets", async () => {
    const { errors } = await harness.ask(block(path, "graphql", "200 accounts with 1,000 users each"));
    expect(errors?.map(({ extensions }) => extensions)).toEqual([JSON.parse(blocks(path, "json")[0] ?? "")]);
  });

  test("has the number of attack documents", () => {
    expect(readPage(path)).toContain(`send ${bombs.length} [attack documents]`);
  });

  test("has every limit with its value", () => {
    const documented = tableRows(path)
      .filter(([limit]) => codeIn(limit))
      .map(([limit, , most = ""]) => [codeIn(limit), Number(most.replaceAll(",", ""))]);
    expect(Object.fromEntries(documented)).toEqual({ ...fixedLimits, ...readConfig({}).limits });
  });
});

describe("docs/federation.md", () => {
  test("has every entity with its keys", () => {
    const documented = tableRows("docs/federation.md")
      .filter(([entity = "", keys]) => /^`[A-Z]\w+`$/.test(entity) && keys)
      .map(([entity, keys = ""]) => [
        codeIn(entity),
        Array.from(keys.matchAll(/`([^`]+)`/g), ([, key]) => key),
      ]);
    const types = parse(textOf("schema")).definitions.flatMap((type) => {
      if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) return [];
      const keys = type.directives?.filter(({ name }) => name.value === "key") ?? [];
      const fields = keys.map((key) => key.arguments?.[0]?.value as StringValueNode);
      return fields.length > 0 ? [[type.name.value, fields.map(({ value }) => value)]] : [];
    });
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(types));
  });
});

describe("docs/performance.md", () => {
  const [, section = ""] = readPage("docs/performance.md").split(
    /^## (?:Goals that are not met|How many replicas\?)$/m,
  );
  const missed = readFileSync(join(root, "bench/RESULTS.md"), "utf8").matchAll(
    /^\| ([^|]+) \| [^|]+ \| NO \|$/gm,
  );

  test.each(Array.from(missed, ([, goal = ""]) => goal))("explains the goal that is not met: %s", (goal) => {
    const subject = /^(?:Throttled )?([QM]\d+|[\d/]+)(?=:)/.exec(goal)?.[1];
    expect(section).toContain(subject ?? goal.split(" ").slice(0, 5).join(" "));
  });
});

describe("docs/authentication.md", () => {
  test("has every scope", () => {
    const scopes = new Set(Array.from(source.matchAll(/"(chime:[\w-]+)"/g), ([, scope]) => scope));
    const documented = tableRows("docs/authentication.md").map(([scope]) => codeIn(scope));
    expect(new Set(documented.filter((scope) => scope.startsWith("chime:")))).toEqual(scopes);
  });
});

describe("docs/api.md", () => {
  const rows = tableRows("docs/api.md").filter(([operation]) => codeIn(operation));
  const types = createSchema().getTypeMap();
  const scopesOf = (type: string, name: string): string[] => {
    const field = (types[type] as GraphQLObjectType).getFields()[name];
    if (!field) throw new Error(`The schema has no field ${type}.${name}.`);
    const isEntity = ["Account", "User", "Room", "Bot"].includes(type);
    const path = isEntity ? scopesOf("Query", type.toLowerCase()) : [];
    return [...path, ...missingScopes(field, { scopes: new Set() })];
  };

  test("has every operation that the gateway's AWS credentials allow", () => {
    const policy = readFileSync(join(root, "deploy/iam-policy.json"), "utf8");
    const allowed = Array.from(policy.matchAll(/"chime:(\w+)"/g), ([, operation]) => operation);
    expect(rows.map(([operation]) => codeIn(operation)).toSorted()).toEqual(allowed.toSorted());
    expect(readPage("README.md")).toContain(`[${rows.length} operations](docs/api.md)`);
  });

  test.each(rows.map((cells) => [codeIn(cells[0]), codeIn(cells[1]), cells[2] ?? ""]))(
    "%s is carried out by %s, with its scopes",
    (operation, place, scopes) => {
      const [type = "", name = ""] = place.split(".");
      const documented = Array.from(scopes.matchAll(/`([^`]+)`/g), ([, scope]) => scope);
      expect(new Set(documented)).toEqual(new Set(scopesOf(type, name)));
      const { description } = (types[type] as GraphQLObjectType).getFields()[name] ?? {};
      if (type === "Query" || type === "Mutation")
        expect(description).toMatch(new RegExp(`\\bUpstream: [^]*\\b${operation}\\b`));
    },
  );
});

describe("docs/operations.md", () => {
  const path = "docs/operations.md";

  test("shows a log line whose fields exist", () => {
    const { level, time, msg, calls, failed, ...line } = JSON.parse(blocks(path, "text")[0] ?? "");
    expect([level, msg]).toEqual([30, "request"]);
    const telemetry = textOf("src/telemetry");
    for (const name of [...Object.keys(line), ...Object.keys(line.slowest)])
      expect(telemetry).toMatch(new RegExp(`\\b${name}\\b`));
  });

  test("names alerts that exist", () => {
    const alerts = readFileSync(join(root, "deploy/alerts.yml"), "utf8");
    for (const [, name] of readPage(path).matchAll(/`(Chime[A-Z]\w+)`/g))
      expect(alerts).toContain(`alert: ${name}\n`);
  });
});
