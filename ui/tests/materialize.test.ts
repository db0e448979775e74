import { describe, expect, it } from "vitest";
import { carrying, logLines, phaseTimes } from "../src/features/materialize/log";
import { phaseRows, toPhase } from "../src/features/materialize/phases";
import { shareOfEntity, shareOfJob } from "../src/features/materialize/share";
import { sparkline } from "../src/features/materialize/sparkPoints";
import { speed } from "../src/features/materialize/speed";
import { justEnded } from "../src/features/materialize/useJobEndToast";

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
    expect(phaseRows("copy", "paused")[2]?.state).toBe("paused");
    expect(phaseRows("clean_up", "finished").every((r) => r.state === "done")).toBe(true);
  });
});

describe("the share of a job", () => {
  const job = { entity_ids: ["a", "b", "c", "d"] };
  const at = (entity_id: string, phase: "validate" | "copy" | "verify" | "clean_up", done: number) => ({
    entity_id,
    phase,
    done,
    total: 10,
  });
  it("never goes back, though each phase begins anew with the first entity", () => {
    const steps = (["validate", "copy", "verify", "clean_up"] as const).flatMap((phase) =>
      job.entity_ids.flatMap((id) => [0, 5, 10].map((done) => shareOfJob(job, at(id, phase, done)))),
    );
    expect(steps).toEqual([...steps].sort((x, y) => x - y));
    expect(steps[0]).toBe(0);
    expect(steps.at(-1)).toBeCloseTo(1);
  });
  it("counts an entity by its records", () => {
    const share = (totals: Record<string, number>) =>
      shareOfJob({ entity_ids: ["a", "b"] }, at("a", "copy", 10), totals);
    expect(share({ a: 900, b: 100 })).toBeGreaterThan(share({ a: 100, b: 900 }));
  });
  it("tells the entities apart", () => {
    const step = at("b", "copy", 5);
    const shares = job.entity_ids.map((id) => shareOfEntity(job, step, id));
    expect(shares).toEqual([...shares].sort((x, y) => y - x));
    expect(new Set(shares).size).toBe(3);
  });
});

describe("the log", () => {
  const at = (second: number) => `2026-11-21T10:00:0${second}.123456Z`;
  const stretch = { seconds: 0.01, records: 0, captured: 0 };
  const job = {
    kind: "materialize",
    phase: "copy",
    entities: ["Contact"],
    reports: [],
    error: null,
    started_at: at(0),
    updated_at: at(5),
    log: [
      { ...stretch, phase: "validate", began_at: at(0) },
      { ...stretch, phase: "copy", began_at: at(1), seconds: 2, records: 8000 },
      { ...stretch, phase: "copy", began_at: at(4), seconds: 1, records: 500, captured: 1 },
    ],
  } as unknown as Parameters<typeof logLines>[0];
  it("has a line for each stretch, with its figures", () => {
    expect(logLines({ ...job, status: "paused" })).toEqual([
      "Materializing Contact, paused, 2026-11-21, times in UTC",
      "10:00:00  Validate  under 0.1 s",
      "10:00:01  Copy      2.0 s, 8,000 records, 4,000/s",
      "10:00:04  Copy      1.0 s, 500 records, 1 write made meanwhile carried over",
      "10:00:05  Paused",
    ]);
  });
  it("says of what is under way that it is", () => {
    expect(logLines({ ...job, status: "running" }).at(-1)).toBe(
      "10:00:04  Copy      under way, 1 write made meanwhile carried over",
    );
  });
  it("says whom it has waited for", () => {
    const log = [
      { ...stretch, phase: "cut_over", began_at: at(1), seconds: 2, waited_s: 1.9, waited_for: "ada, psql" },
    ];
    const lines = logLines({ ...job, status: "paused", log } as unknown as Parameters<typeof logLines>[0]);
    expect(lines[1]).toMatch(/^10:00:01 .* 2\.0 s, 1\.9 s waiting for a lock held by ada, psql$/);
  });
  it("adds up the stretches of a phase", () => {
    expect(phaseTimes(job, null).copy).toBe("3.0 s");
    expect(phaseTimes(job, "copy").copy).toBeUndefined();
  });
});

describe("what was written meanwhile", () => {
  it("is carried over, or still to be", () => {
    expect(carrying(3, 0)).toBe("3 writes made meanwhile carried over");
    expect(carrying(0, 1)).toBe("1 write made meanwhile, to be carried over");
    expect(carrying(3, 1200)).toBe("3 writes made meanwhile carried over, 1,200 waiting");
  });
});

describe("a query before and after", () => {
  const words = (before_ms: number, after_ms: number) => speed({ before_ms, after_ms }).words;
  it("says by how much it is faster", () => {
    expect(words(38.1, 2.9)).toBe("13× faster");
    expect(words(5, 2)).toBe("2.5× faster");
    expect(words(40, 0)).toBe("4,000× faster");
  });
  it("hides no loss", () => expect(words(2, 5)).toBe("2.5× slower"));
  it("makes nothing of a small difference", () => expect(words(2, 2.1)).toBe("as fast as before"));
  it("stands in the log that is copied", () => {
    const report = {
      entity: "Contact",
      table: "kdb_contact",
      records: 2,
      seconds: 1,
      links: 0,
      kept_aside: 0,
      nulled: 0,
      timings: [{ query: "records with age = 41, of 20,000", before_ms: 38.1, after_ms: 2.9 }],
    };
    const job = { kind: "materialize", status: "done", entities: ["Contact"], log: [], reports: [report] };
    const times = { started_at: "2026-11-21T10:00:00Z", updated_at: "2026-11-21T10:00:00Z" };
    expect(logLines({ ...job, ...times } as unknown as Parameters<typeof logLines>[0]).at(-1)).toBe(
      "Contact, records with age = 41, of 20,000: 38 ms before, 2.9 ms now, 13× faster",
    );
  });
});

describe("the word at a job's end", () => {
  const jobs = [{ id: "x", status: "paused" }] as Parameters<typeof justEnded>[1];
  it("is said once when a job is paused", () => {
    expect(justEnded(new Map([["x", "running"]]), jobs)).toHaveLength(1);
    expect(justEnded(new Map([["x", "paused"]]), jobs)).toHaveLength(0);
  });
  it("is not said when it goes on", () => {
    const going = [{ id: "x", status: "running" }] as typeof jobs;
    expect(justEnded(new Map([["x", "paused"]]), going)).toHaveLength(0);
  });
});

describe("sparkline", () => {
  it("needs two values to be a line", () => expect(sparkline([5], 100, 20)).toBe(""));
  it("spans the width, the largest value at the top", () =>
    expect(sparkline([0, 10, 5], 100, 22)).toBe("0,21 50,1 100,11"));
  it("draws a line for nothing but zeros", () => expect(sparkline([0, 0], 10, 10)).toBe("0,9 10,9"));
});
