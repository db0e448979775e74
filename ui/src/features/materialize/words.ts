import { type Job, type Schema, titleOf } from "../../api";

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

/** Only these stop at a safe point and go on from it; none does on its way back. */
export function canPause(job: Pick<Job, "kind" | "status" | "rolling_back">): boolean {
  return (job.kind === "materialize" || job.kind === "dematerialize") && !goesBack(job);
}

/** It undoes what it made, and nothing can be asked of it until that is done. */
export function goesBack(job: Pick<Job, "status" | "rolling_back">): boolean {
  return job.status === "running" && job.rolling_back === true;
}

export function doing(kind: Job["kind"], name: string): string {
  return `${DOING[kind]} ${name}`;
}

/** The heading of a job as it stands: "Materializing Album", "Materializing Album, paused", "Could not materialize Album". */
export function jobTitle(job: Pick<Job, "kind" | "status" | "rolling_back">, name: string): string {
  if (goesBack(job)) return "Putting everything back …";
  switch (job.status) {
    case "running":
      return doing(job.kind, name);
    case "paused":
      return `${doing(job.kind, name)}, paused`;
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
