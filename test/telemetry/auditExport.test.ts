import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { type AuditLine, linesIn, startAudited } from "../support/auditedGateway.js";
import { blocks } from "../support/docs.js";
import { useHarness } from "../support/fixture.js";
import { sendHttp } from "../support/http.js";
import { type Issuer, startIssuer } from "../support/issuer.js";

const harness = useHarness();
const { teamAccountId, largeAccountId } = SEED;
let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer?.close());

const id = expect.stringMatching(/^[\w-]{36}$/);
const path = (accountId: string, query: Record<string, string> = {}) =>
  `/export/accounts/${accountId}/users.csv?${new URLSearchParams(query)}`;
const headers = async () => ({
  authorization: `Bearer ${await issuer.sign({ sub: "auth0|123", scope: "chime:read" })}`,
  "x-request-id": "r-1",
  "apollographql-client-name": "admin-console",
});
/** The lines, once there are this many. */
async function untilLines(file: string, count: number): Promise<AuditLine[]> {
  await expect.poll(() => linesIn(file).length).toBe(count);
  return linesIn(file);
}

describe("the audit log has two lines for an export:", () => {
  test("one with the caller and the client before the first row, and one with the outcome and AWS's ids", async () => {
    const { url, file } = await startAudited(harness, issuer.env);
    const query = { columns: "userId,displayName", filter: '{"licenseTypes":["PRO"]}' };
    const { body } = await sendHttp("GET", url + path(largeAccountId, query), { headers: await headers() });
    const common = {
      log: "audit",
      requestId: "r-1",
      subject: "auth0|123",
      issuer: issuer.url,
      client: "admin-console",
      field: "export",
      accountId: largeAccountId,
      format: "csv",
      columns: ["userId", "displayName"],
      isFiltered: true,
    };
    expect(await untilLines(file, 2)).toEqual([
      { ...common, event: "read" },
      {
        ...common,
        event: "outcome",
        rows: body.split("\r\n").length - 2,
        outcome: "OK",
        calls: { ListUsers: 3 },
        awsRequestIds: [id, id, id],
      },
    ]);
  });

  test("the first is there while the client reads, and the second says how it ended", async () => {
    const { url, file } = await startAudited(harness);
    await harness.fault({ operation: "ListUsers", kind: "latency", ms: 500, path: "next-token" });
    const [response] = (await once(get(url + path(largeAccountId)), "response")) as [IncomingMessage];
    expect(linesIn(file)).toMatchObject([{ event: "read", field: "export", isFiltered: false }]);
    response.destroy();
    expect((await untilLines(file, 2))[1]).toMatchObject({ event: "outcome", outcome: "CANCELED" });

    await harness.setFaults({ operation: "ListUsers", kind: "500", path: "next-token" });
    await expect(sendHttp("GET", url + path(largeAccountId))).rejects.toThrow();
    expect((await untilLines(file, 4))[3]).toMatchObject({
      event: "outcome",
      rows: 200,
      outcome: "UPSTREAM_UNAVAILABLE",
    });
  });

  test("and none if it is refused before the first row", async () => {
    const { url, file } = await startAudited(harness);
    expect((await sendHttp("GET", url + path("missing"))).status).toBe(404);
    expect((await sendHttp("GET", url + path(teamAccountId, { columns: "x" }))).status).toBe(400);
    expect(linesIn(file)).toEqual([]);
  });
});

test("docs/operations.md shows the lines of an export with the fields that they have", async () => {
  const { url, file } = await startAudited(harness, issuer.env);
  await sendHttp("GET", url + path(teamAccountId), { headers: await headers() });
  const fieldsOf = (line: AuditLine) => Object.keys(line).filter((name) => name !== "time");
  const documented = blocks("docs/operations.md", "text")
    .find((text) => text.includes('"field":"export"'))
    ?.split(/\n(?=\{)/)
    .map((text) => fieldsOf(JSON.parse(text) as AuditLine));
  expect((await untilLines(file, 2)).map(fieldsOf)).toEqual(documented);
});
