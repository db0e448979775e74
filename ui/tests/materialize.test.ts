import { describe, expect, it } from "vitest";
import { phaseRows, toPhase } from "../src/features/materialize/phases";
import { sparkline } from "../src/features/materialize/sparkPoints";
import { shareOfJob } from "../src/features/materialize/words";

describe("phases", () => {
  it("knows a phase however it is written", () => {
    expect(["cutover", "Cut over", "cut_over", "CLEAN-UP"].map(toPhase)).toEqual([
      "cut_over",
      "cut_over",
      "cut_over",
      "clean_up",
    ]);
    expect(toPhase("done")).toBeNull();
  });

  it("shows what is done, what runs and what waits", () => {
    expect(phaseRows("copy", "running").map((r) => r.state)).toEqual([
      "done",
      "done",
      "now",
      "waiting",
      "waiting",
      "waiting",
    ]);
    expect(phaseRows("verify", "failed")[3]?.state).toBe("failed");
    expect(phaseRows("clean_up", "finished").every((r) => r.state === "done")).toBe(true);
  });
});

describe("the share of a job", () => {
  const job = { entity_ids: ["a", "b", "c", "d"] };
  it("counts every entity the same, and never goes back", () => {
    const at = (entity_id: string, phase: "validate" | "copy" | "clean_up", done: number) =>
      shareOfJob(job, { entity_id, phase, done, total: 10 });
    expect(at("a", "validate", 0)).toBe(0);
    expect(at("c", "copy", 5)).toBeGreaterThan(0.5);
    expect(at("c", "copy", 5)).toBeLessThan(0.75);
    expect(at("b", "clean_up", 10)).toBe(at("c", "validate", 0));
    expect(at("d", "clean_up", 10)).toBe(1);
  });
});

describe("sparkline", () => {
  it("needs two values to be a line", () => expect(sparkline([5], 100, 20)).toBe(""));
  it("spans the width, the largest value at the top", () =>
    expect(sparkline([0, 10, 5], 100, 22)).toBe("0,21 50,1 100,11"));
  it("draws a line for nothing but zeros", () => expect(sparkline([0, 0], 10, 10)).toBe("0,9 10,9"));
});
