import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { STALE, staleCollector } from "../src/api/events";
import { keys } from "../src/api/keys";
import { loadView, useView } from "../src/shared";

describe("what an event makes stale", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("gathers a storm of events into one refresh", () => {
    const client = new QueryClient();
    const invalidate = vi.spyOn(client, "invalidateQueries");
    const note = staleCollector(client, 100);
    for (let i = 0; i < 1000; i++) note({ event: "records_changed", entities: ["a"] });
    expect(invalidate).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(invalidate.mock.calls.map(([f]) => f?.queryKey)).toEqual([...STALE.records_changed]);
  });

  it("leaves everything alone while a job only moves on", () => {
    const client = new QueryClient();
    const invalidate = vi.spyOn(client, "invalidateQueries");
    staleCollector(client)({
      event: "job_progress",
      job: "j",
      kind: "materialize",
      status: "running",
      entity: "a",
      entity_id: "a",
      phase: "copy",
      done: 1,
      total: 2,
      rate: 1,
      eta_s: 1,
      captured: 0,
      waiting: 0,
    });
    vi.advanceTimersByTime(1000);
    expect(invalidate).not.toHaveBeenCalled();
  });

  it("refreshes the records after a schema edit, since a rename changes their keys", () =>
    expect(STALE.schema_changed).toContain(keys.records));
});

describe("the view of a workspace", () => {
  it("is kept apart for each and comes back", async () => {
    localStorage.clear();
    await loadView("/a.db");
    useView.getState().openRecords("order");
    await loadView("/b.db");
    expect(useView.getState()).toMatchObject({ tab: "diagram", selection: null, recordsEntity: null });
    await loadView("/a.db");
    expect(useView.getState()).toMatchObject({ tab: "records", recordsEntity: "order" });
  });
});
