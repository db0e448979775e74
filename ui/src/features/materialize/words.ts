import { type Job, type JobProgress, type Schema, titleOf } from "../../api";

/** Titles of entities, in the given order; those that are gone are left out. */
export function titles(schema: Schema | undefined, ids: string[]): string[] {
  return ids.flatMap((id) => {
    const entity = schema?.entities.find((e) => e.id === id);
    return entity ? [titleOf(entity)] : [];
  });
}

/** "Album", "Album and Artist", "Album and 3 more". */
export function nameList(names: string[]): string {
  if (names.length <= 2) return names.join(" and ");
  return `${names[0]} and ${names.length - 1} more`;
}

const DOING = {
  materialize: "Materializing",
  dematerialize: "Bringing back",
  import: "Importing",
  copy: "Copying",
};
const DONE = {
  materialize: "Materialized",
  dematerialize: "Brought back",
  import: "Imported",
  copy: "Copied",
};
const DO = { materialize: "Materialize", dematerialize: "Bring back", import: "Import", copy: "Copy" };

export function doing(kind: Job["kind"], name: string): string {
  return `${DOING[kind]} ${name}`;
}

/** The heading of a job as it stands: "Materializing Album", "Materialized Album", "Could not materialize Album". */
export function jobTitle(job: Pick<Job, "kind" | "status">, name: string): string {
  switch (job.status) {
    case "running":
    case "paused":
      return doing(job.kind, name);
    case "done":
      return `${DONE[job.kind]} ${name}`;
    case "failed":
      return `Could not ${DO[job.kind].toLowerCase()} ${name}`;
    case "interrupted":
      return `${DOING[job.kind]} ${name} was interrupted`;
    case "cancelled":
    case "rolled_back":
      return `${DOING[job.kind]} ${name} was cancelled`;
  }
}

type Step = Pick<JobProgress, "phase" | "done" | "total"> & { entity_id?: string };

/** Share of a job that is done, 0 to 1: its entities come one after another, each counting the same. */
export function shareOfJob(job: Pick<Job, "entity_ids">, step: Step): number {
  const before = Math.max(0, job.entity_ids.indexOf(step.entity_id ?? ""));
  return (before + share(step)) / Math.max(1, job.entity_ids.length);
}

/** Of the work of one entity: copying is most of it, the phases around it are short. */
function share(step: Step): number {
  const within = step.total > 0 ? Math.min(1, step.done / step.total) : 0;
  const [from, to] = {
    validate: [0, 0.1],
    create: [0.1, 0.12],
    copy: [0.12, 0.85],
    verify: [0.85, 0.93],
    cut_over: [0.93, 0.97],
    clean_up: [0.97, 1],
  }[step.phase];
  return (from ?? 0) + ((to ?? 1) - (from ?? 0)) * within;
}
