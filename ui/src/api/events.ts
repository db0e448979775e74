import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { platform } from "../platform";
import { forgetProgress, noteProgress } from "./jobs";
import { keys } from "./keys";
import { noteLine } from "./line";
import type { Job, WorkspaceEvent } from "./types";

/** What each event makes stale. The engine sends it after the change is committed, whoever made the change. */
export const STALE: Record<WorkspaceEvent["event"], readonly (readonly string[])[]> = {
  schema_changed: [
    keys.schema,
    keys.overview,
    keys.layout,
    keys.linkCounts,
    keys.changelog,
    keys.undo,
    keys.plan,
    keys.impact,
    keys.records,
    keys.links,
  ],
  // Pages show linked records by name, so a change of one entity can show in the grid of another.
  records_changed: [keys.records, keys.links, keys.overview, keys.linkCounts, keys.impact],
  job_progress: [],
  job_ended: [keys.jobs, keys.overview, keys.schema, keys.undo, keys.changelog],
  connection_lost: [],
  // Anything may have changed meanwhile, and what was asked for has failed.
  connection_back: [[]],
};

/** Gathers events for a moment, so that an import of thousands of records refreshes a page ten times a second at most. */
export function staleCollector(client: QueryClient, wait = 100): (event: WorkspaceEvent) => void {
  const waiting = new Set<readonly string[]>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (event) => {
    for (const key of STALE[event.event]) waiting.add(key);
    if (waiting.size === 0 || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      for (const queryKey of waiting) void client.invalidateQueries({ queryKey });
      waiting.clear();
    }, wait);
  };
}

/** Mounted once, by the app. */
export function useWorkspaceEvents(): void {
  const client = useQueryClient();
  useEffect(() => {
    const note = staleCollector(client);
    const off = platform().listen<WorkspaceEvent>("workspace-event", (event) => {
      note(event);
      noteLine(event);
      if (event.event === "job_progress") {
        // The list has the log, which grows by a line with each phase.
        if (noteProgress(event)) void client.invalidateQueries({ queryKey: keys.jobs });
        const listed = jobOf(client, event.job);
        // A job that another window or the command line has started or resumed, or that has turned round.
        if (listed?.status !== "running" || (event.rolling_back && !listed.rolling_back))
          note({ event: "job_ended", job: event.job });
      } else if (event.event === "job_ended") {
        // The live figures stay until the list says how it ended, so that nothing jumps back in between; of a paused one they stay on.
        void client.invalidateQueries({ queryKey: keys.jobs }).then(() => {
          if (jobOf(client, event.job)?.status !== "paused") forgetProgress(event.job);
        });
      }
    });
    return () => void off.then((stop) => stop());
  }, [client]);
}

function jobOf(client: QueryClient, id: string): Job | undefined {
  return client.getQueryData<Job[]>(keys.jobs)?.find((j) => j.id === id);
}
