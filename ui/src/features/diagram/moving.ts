import { useEffect } from "react";
import { type LiveJob, useLiveJobs } from "../../api";
import { type Moving, setDiagram, useDiagram } from "./state";

/** What running jobs move, by entity. Pure. */
export function movingOf(jobs: Record<string, LiveJob>): Map<string, Moving> {
  const moving = new Map<string, Moving>();
  for (const { latest } of Object.values(jobs)) {
    if (latest.status !== "running") continue;
    const before = latest.phase === "validate" || latest.phase === "create";
    const copied = latest.total > 0 ? latest.done / latest.total : 0;
    const share = before ? 0 : latest.phase === "copy" ? copied : 1;
    moving.set(latest.entity_id, { share, to: latest.kind === "dematerialize" ? "clay" : "stone" });
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
