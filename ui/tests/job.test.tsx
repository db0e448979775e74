// What is said of a job, and what can be done about it, by where it stands.
import { screen } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Job, LiveJob } from "../src/api";
import { JobProgressView } from "../src/features/materialize/JobProgressView";
import { ReportView } from "../src/features/materialize/ReportView";
import { installFake } from "./fake/engine";
import { roastery } from "./fake/roastery";
import { draw } from "./render";

beforeEach(() => {
  installFake(roastery());
});

function job(status: Job["status"], phase: Job["phase"], more: Partial<Job> = {}): Job {
  const at = "2026-01-01T00:00:00Z";
  const figures = { done: 10, total: 100, captured: 0, waiting: 0, reports: [], log: [] };
  const of = { entities: ["order"], entity_ids: ["order"], by: "Somebody (in a window)", here: true };
  const stands = { status, phase, error: null, started_at: at, updated_at: at };
  return { id: "job", kind: "materialize", ...figures, ...of, ...stands, ...more };
}

function at(phase: Job["phase"]): LiveJob {
  const step = {
    job: "job",
    kind: "materialize",
    status: "running",
    entity: "order",
    entity_id: "order",
  } as const;
  const figures = { done: 1, total: 100, rate: 0, eta_s: null, captured: 0, waiting: 0 };
  return { latest: { ...step, ...figures, phase }, rates: [], totals: {} };
}

const buttons = () => screen.getAllByRole("button").map((b) => b.textContent);

describe("a running job", () => {
  const drawn = (phase: Job["phase"], live?: LiveJob) =>
    draw(<JobProgressView job={job("running", phase)} live={live} title="Order" />);

  it("can be paused and cancelled until it has switched over", () => {
    drawn("cut_over");
    expect(buttons()).toEqual(["Pause", "Cancel"]);
  });

  it("is not to be cancelled while it cleans up, when nobody would listen", () => {
    drawn("clean_up");
    expect(buttons()).toEqual(["Pause"]);
    expect(screen.getByText(/The records are in their new place/)).toBeVisible();
  });

  it("goes by what it tells before the list of jobs does", () => {
    drawn("copy", at("clean_up"));
    expect(buttons()).toEqual(["Pause"]);
  });
});

describe("a job of several entities", () => {
  const several = () => job("running", "copy", { entities: ["order", "tag"], entity_ids: ["order", "tag"] });
  const bars = () =>
    screen.getAllByRole("progressbar").map((b) => [b.ariaLabel, b.getAttribute("aria-valuenow")]);

  it("has one bar while it is known of all of them only how far they are", () => {
    draw(<JobProgressView job={several()} live={undefined} title="Order and Tag" />);
    expect(bars()).toEqual([["Materializing order and tag", "88"]]);
  });

  it("has one for each once it tells which it is at", () => {
    draw(<JobProgressView job={several()} live={at("copy")} title="Order and Tag" />);
    expect(bars()).toEqual([
      ["Materializing order", "36"],
      ["Materializing tag", "30"],
    ]);
  });
});

describe("an interrupted job", () => {
  const error = { code: "disk_full" as const, message: "The disk is full.", details: {} };
  const drawn = (phase: Job["phase"], more: Partial<Job> = {}) =>
    draw(<ReportView job={job("interrupted", phase, more)} />);

  it("was cut short by closing when it tells of no error, and can go either way", () => {
    drawn("copy");
    expect(
      screen.getByText(/^Stoneware was closed while this ran\. .* put everything back\.$/),
    ).toBeVisible();
    expect(buttons()).toEqual(["Resume", "Roll back"]);
  });

  it("says that it stopped at the error it tells of", () => {
    drawn("copy", { error });
    expect(screen.getByText("The disk is full.")).toBeVisible();
    expect(screen.getByText(/^It stopped at this error\. .* put everything back\.$/)).toBeVisible();
    expect(screen.queryByText(/was closed/)).toBeNull();
  });

  it("goes only forward once it has switched over", () => {
    drawn("clean_up", { error });
    expect(screen.getByText(/^It stopped at this error\. .* Resume to finish cleaning up\.$/)).toBeVisible();
    expect(screen.queryByText(/back/)).toBeNull();
    expect(buttons()).toEqual(["Resume"]);
  });

  it("can go back when it was about to switch over", () => {
    drawn("cut_over");
    expect(buttons()).toEqual(["Resume", "Roll back"]);
  });
});
