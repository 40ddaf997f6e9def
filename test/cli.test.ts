import { parse, visit } from "graphql";
import { describe, expect, test } from "vitest";
import { handleArguments } from "../src/cli.js";
import { useHarness } from "./support/fixture.js";
import { programs, runProcess } from "./support/processes.js";
import { fetchSdl } from "./support/supergraph.js";

const plain = useHarness();
const prefixed = useHarness({ SCHEMA_PREFIX: "Chime" });

describe("--print-schema", () => {
  const print = (args: string[], env: Record<string, string> = {}) =>
    runProcess(["node", programs.gateway, "--print-schema", ...args], { env });

  test("prints exactly the SDL that a router gets, and starts nothing", async () => {
    // An invalid setting would be reported at a start.
    expect(await print([], { PORT: "none" })).toEqual({
      code: 0,
      stdout: `${await fetchSdl(plain.url)}\n`,
      stderr: "",
    });
  });

  test("prints it with the prefix of --prefix, or of SCHEMA_PREFIX", async () => {
    const sdl = await fetchSdl(prefixed.url);

    expect(sdl).toContain("type ChimeUser implements ChimeNode");
    expect((await print(["--prefix", "Chime"])).stdout).toBe(`${sdl}\n`);
    expect(handleArguments(["--print-schema"], { SCHEMA_PREFIX: " Chime " })).toBe(sdl);
    expect(handleArguments(["--prefix=Chime", "--print-schema"], { SCHEMA_PREFIX: "Other" })).toBe(sdl);
  });

  test("with --no-scopes leaves out @requiresScopes and its import, and nothing else", async () => {
    const sdl = await fetchSdl(plain.url);
    const without = handleArguments(["--no-scopes", "--print-schema"], {}) ?? "";
    const isScopes = (text: string) => text.replace("@", "") === "requiresScopes";

    expect(sdl).toContain("@requiresScopes");
    expect(without).not.toContain("requiresScopes");
    expect(parse(without, { noLocation: true })).toEqual(
      visit(parse(sdl, { noLocation: true }), {
        Directive: ({ name }) => (isScopes(name.value) ? null : undefined),
        StringValue: ({ value }) => (isScopes(value) ? null : undefined),
      }),
    );
  });

  test.each(["chime", "9", "Chime_", "Chime User", "", "C".repeat(33)])(
    "refuses the prefix %j",
    async (prefix) => {
      expect(() => handleArguments(["--print-schema", "--prefix", prefix], {})).toThrow(
        /^--prefix must be 1 to 32 letters and digits, the first a capital letter, such as Chime$/,
      );
    },
  );

  test.each([
    [["--print-schema", "--prefix"], "--prefix must be 1 to 32 letters and digits"],
    [["--prefix", "Chime"], "--prefix requires --print-schema"],
    [["--no-scopes"], "--no-scopes requires --print-schema"],
    [["--print-schema=json"], "Unknown argument --print-schema"],
    [["--print-schema", "json"], "Unknown argument json"],
    [["--print-schema", "--"], "Unknown argument --"],
  ])("refuses the arguments %j", (args, message) => {
    expect(() => handleArguments(args, {})).toThrow(message);
  });

  test("refuses an invalid SCHEMA_PREFIX with exit code 1", async () => {
    expect(await print([], { SCHEMA_PREFIX: "chime" })).toEqual({
      code: 1,
      stdout: "",
      stderr: "SCHEMA_PREFIX must be 1 to 32 letters and digits, the first a capital letter, such as Chime\n",
    });
  });
});
