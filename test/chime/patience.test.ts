import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Patience } from "../../src/chime/patience.js";

/** Tells when it has ended, as it was then. */
function watch(patience: Patience) {
  const ends: unknown[] = [];
  patience.onEnd(() => ends.push(patience.end));
  return ends;
}

describe("patience", () => {
  test("lasts until its deadline, and says that it is late, to who listens and who does not", async () => {
    const patience = new Patience(performance.now() + 30);
    const unwatched = new Patience(performance.now() + 30);
    const ends = watch(patience);
    expect(patience.end).toBeUndefined();
    await sleep(60);
    expect(ends).toEqual(["late"]);
    expect(unwatched.end).toBe("late");
  });

  test("ends once, as it is told first", async () => {
    const patience = new Patience(performance.now() + 30);
    const ends = watch(patience);
    patience.finish();
    patience.finish("late");
    await sleep(60);
    expect(ends).toEqual(["left"]);
    expect(patience.end).toBe("left");
  });

  test("ends with a wider one, for the same reason", async () => {
    const wide = new Patience(performance.now() + 30);
    const [watched, unwatched] = [new Patience(undefined, wide), new Patience(undefined, wide)];
    const ends = watch(watched);
    await sleep(60);
    expect(ends).toEqual(["late"]);
    expect(unwatched.end).toBe("late");

    const left = new Patience();
    const within = watch(new Patience(performance.now() + 60_000, left));
    left.finish();
    expect(within).toEqual(["left"]);
  });

  test("tells nobody who listens no longer", async () => {
    const wide = new Patience();
    const patience = new Patience(performance.now() + 30, wide);
    const told: string[] = [];
    const [first, second] = [() => told.push("first"), () => told.push("second")];
    patience.onEnd(first);
    patience.onEnd(second);
    patience.offEnd(first);
    await sleep(60);
    expect(told).toEqual(["second"]);

    const again = new Patience(undefined, wide);
    again.onEnd(first);
    again.offEnd(first);
    wide.finish();
    expect(told).toEqual(["second"]);
  });
});
