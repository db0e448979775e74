import { useEffect, useRef } from "react";
import { type Job, useJobs, useSchema } from "../../api";
import { plural, toast } from "../../shared";
import { openJob, useMaterialize } from "./state";
import { jobTitle, nameList, titles } from "./words";

const GOING = new Set<Job["status"]>(["running", "paused"]);

/** Jobs that were under way when last looked at and are not any more, or have been paused since. */
export function justEnded(before: Map<string, Job["status"]>, jobs: Job[]): Job[] {
  return jobs.filter((j) => {
    const was = before.get(j.id);
    if (was === undefined || !GOING.has(was)) return false;
    return !GOING.has(j.status) || (was === "running" && j.status === "paused");
  });
}

/** A word when a job ends or is paused that nobody is watching. */
export function useJobEndToast(): void {
  const { data: jobs } = useJobs();
  const { data: schema } = useSchema();
  const before = useRef(new Map<string, Job["status"]>());
  useEffect(() => {
    if (!jobs) return;
    const watched = useMaterialize.getState().panel?.job;
    for (const job of justEnded(before.current, jobs)) {
      if (job.id === watched) continue;
      const names = titles(schema, job.entity_ids);
      const moved = job.reports.reduce((sum, r) => sum + r.records, 0);
      const figures = job.status === "done" ? `: ${plural(moved, "record")}` : "";
      toast(`${jobTitle(job, nameList(names.length > 0 ? names : job.entities))}${figures}`, {
        label: job.status === "paused" ? "Show" : "Report",
        run: () => openJob(job.id),
      });
    }
    before.current = new Map(jobs.map((j) => [j.id, j.status]));
  }, [jobs, schema]);
}
