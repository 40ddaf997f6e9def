import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { readConfig } from "../../../src/config.js";
import { fixedLimits, type Limits } from "../../../src/graphql/limits/limits.js";
import { ask, useClosedGateway, useHarness } from "../../support/fixture.js";
import { createShapes } from "../../support/shapes.js";

const harness = useHarness();
const { teamAccountId, largeAccountId, userEmail } = SEED;
const limits = { ...fixedLimits, ...readConfig({}).limits };

describe("a request with nested lists is rejected before any call to Chime, or served:", () => {
  const closed = useClosedGateway(harness);
  const shapes = createShapes({
    accountId: largeAccountId,
    userIds: Array.from({ length: 100 }, (_, i) => `u${i}`),
    emails: [userEmail],
    namePrefix: "Harbor",
    groupsAccountId: teamAccountId,
  });

  test.each(shapes)("$name", async ({ query, variables, limit, failing, isForbidden }) => {
    if (failing) await harness.fault({ operation: failing, kind: "500" });
    const token = isForbidden && `Bearer ${await closed.issuer.sign({ scope: "chime:read" })}`;
    const {
      data,
      errors = [],
      extensions = {},
    } = await ask(
      isForbidden ? closed.url : harness.url,
      { query, variables },
      token ? { authorization: token } : {},
    );
    const [found] = errors.flatMap((error) => error.extensions["limit"] ?? []);

    if (limit) {
      expect(found).toMatchObject({ name: limit, most: limits[limit as keyof Limits] });
      expect({ data, calls: await harness.calls() }).toEqual({ data: undefined, calls: {} });
    } else {
      expect(found).toBeUndefined();
      expect(data).toBeDefined();
      expect(errors.length).toBeLessThanOrEqual(100);
      expect(failing || isForbidden ? extensions.omittedErrors : 1).toBeGreaterThan(0);
    }
  });
});
