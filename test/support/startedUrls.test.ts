import { describe, expect, test } from "vitest";
import { hasStarted, urlsIn } from "./startedUrls.js";

describe("the URLs of a started program", () => {
  test("are read from a banner", () => {
    const banner = `GraphQL                     http://127.0.0.1:4000/graphql
Embedded Chime              http://127.0.0.1:4100
  Try: aws chime list-accounts --endpoint-url http://127.0.0.1:4200
Ctrl-C stops.
`;
    expect(urlsIn(banner)).toEqual(["http://127.0.0.1:4000", "http://127.0.0.1:4100"]);
    expect(hasStarted(banner)).toBe(true);
    expect(hasStarted(banner.slice(0, 80))).toBe(false);
  });

  test("are read from the started line of the log, its own first, in any order of fields", () => {
    const log = `{"level":"warn","msg":"anyone may call","url":"http://127.0.0.1:1"}
{"level":"info","chime":"http://127.0.0.1:4100","msg":"started","url":"http://127.0.0.1:4000"}
{"level":"info","msg":"request","url":"http://127.0.0.1:2"}
`;
    expect(urlsIn(log)).toEqual(["http://127.0.0.1:4000", "http://127.0.0.1:4100"]);
    expect(hasStarted(log)).toBe(true);
  });

  test("are not read from an incomplete line or from other log lines", () => {
    for (const output of [
      "",
      "http://127.0.0.1:40",
      '{"msg":"request","url":"http://127.0.0.1:1"}\n',
      "{\n",
    ]) {
      expect(urlsIn(output), output).toEqual([]);
      expect(hasStarted(output), output).toBe(false);
    }
    expect(urlsIn("http://127.0.0.1:4000\n")).toEqual(["http://127.0.0.1:4000"]);
  });
});
