import type { Job, JobProgress } from "../../api";

/** Where a job stands. Without an entity, `done` and `total` are of all of them: that is what the list of jobs says. */
export type Step = Pick<JobProgress, "phase" | "done" | "total"> & { entity_id?: string };

/** What each phase is of the whole: copying is most of it. */
const SPAN: Record<JobProgress["phase"], readonly [number, number]> = {
  validate: [0, 0.02],
  create: [0.02, 0.03],
  copy: [0.03, 0.61],
  verify: [0.61, 0.85],
  cut_over: [0.85, 0.88],
  clean_up: [0.88, 1],
};

/** Share of one entity's part that is done, 0 to 1. In each phase the entities come one after another. */
export function shareOfEntity(job: Pick<Job, "entity_ids">, step: Step, entity: string): number {
  const at = job.entity_ids.indexOf(step.entity_id ?? "");
  const place = job.entity_ids.indexOf(entity);
  const within = step.total > 0 ? Math.min(1, step.done / step.total) : 0;
  const [from, to] = SPAN[step.phase];
  return from + (to - from) * (at < 0 || place === at ? within : place < at ? 1 : 0);
}

/** Share of a job that is done, 0 to 1: each entity counts by its records, or all the same while those are not known. */
export function shareOfJob(
  job: Pick<Job, "entity_ids">,
  step: Step,
  totals: Record<string, number> = {},
): number {
  const known = job.entity_ids.every((id) => totals[id] !== undefined);
  let sum = 0;
  let whole = 0;
  for (const id of job.entity_ids) {
    const weight = known ? Math.max(1, totals[id] ?? 1) : 1;
    sum += weight * shareOfEntity(job, step, id);
    whole += weight;
  }
  return whole > 0 ? sum / whole : 0;
}
