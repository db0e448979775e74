import { useEffect } from "react";
import { type LiveJob, useLiveJobs } from "../../api";
import { type Moving, setDiagram, useDiagram } from "./state";

/** What running jobs move, by entity. Pure. */
export function movingOf(jobs: Record<string, LiveJob>): Map<string, Moving> {
  const moving = new Map<string, Moving>();
  for (const { latest, totals } of Object.values(jobs)) {
    if (latest.status !== "running") continue;
    const to = latest.kind === "dematerialize" ? "clay" : "stone";
    const before = latest.phase === "validate" || latest.phase === "create";
    const copied = latest.total > 0 ? latest.done / latest.total : 0;
    // In the order they were told of, which is the one they are copied in: those before this one have been.
    const ids = Object.keys(totals);
    const at = ids.indexOf(latest.entity_id);
    ids.forEach((id, i) => {
      moving.set(id, { share: before || (i > at && latest.phase === "copy") ? 0 : 1, to });
    });
    moving.set(latest.entity_id, { share: before ? 0 : latest.phase === "copy" ? copied : 1, to });
  }
  return moving;
}

/** Keeps `moving` of the diagram's state; a card hears only of itself. */
export function useMoving(): void {
  const jobs = useLiveJobs();
  useEffect(() => {
    const before = useDiagram.getState().moving;
    const moving = movingOf(jobs);
    if (moving.size === 0 && before.size === 0) return;
    for (const [id, now] of moving) {
      const old = before.get(id);
      if (old && old.share === now.share && old.to === now.to) moving.set(id, old);
    }
    setDiagram({ moving });
  }, [jobs]);
}
