import { describe, expect, test } from "vitest";
import { capacityOf, loadOf, nameOf, outcomeOf, standardLoads } from "./loads.js";

const load = (name: string) => {
  const found = loadOf(name);
  if (!found) throw new Error(`${name} is not a load.`);
  return found;
};

describe("a throttling load", () => {
  test("is read from its name", () => {
    for (const standard of standardLoads) expect(loadOf(nameOf(standard))).toEqual(standard);
    for (const name of ["500/64/10", "500/64/10/x", "0/4/1/0", "10/4/0/0", "Q1", "500/64/10/20/1"])
      expect(loadOf(name), name).toBeUndefined();
  });

  test.each([
    ["10/4/1/0", 10],
    ["100/64/100/100", 100],
    // Four clients wait for their responses.
    ["500/4/10/100", 4 / 0.1 / 1.15],
    // The gateway has 50 calls in flight at most.
    ["500/64/50/100", 50 / 0.1 / 1.15],
  ])("%s has a capacity of %d lookups a second", (name, capacity) => {
    expect(capacityOf(load(name))).toBeCloseTo(capacity);
  });

  test("is summarized by the answered share, the worst second after the third, calls and errors", () => {
    // Nothing in the first two seconds; then 10 a second, but 7 in the sixth; 3 after the end.
    const answeredAt = [2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((second) =>
      Array.from({ length: { 5: 7, 10: 3 }[second] ?? 10 }, (_, n) => second * 1000 + 100 * n),
    );
    const outcome = outcomeOf(load("10/4/1/0"), { answeredAt, errors: 2, calls: 96 });
    expect(outcome).toEqual({ share: 0.77, worstSecond: 0.7, calls: 1.2, errors: 2 });
  });
});
