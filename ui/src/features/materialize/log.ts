import type { Job } from "../../api";
import { formatDuration, formatMilliseconds, formatNumber, plural } from "../../shared";
import { PHASE_WORDS, type Phase } from "./phases";
import { speed } from "./speed";
import { jobTitle, nameList } from "./words";

/** A rate worked out from fewer records says nothing. */
export const TELLING = 1000;

type Logged = Pick<
  Job,
  "kind" | "status" | "phase" | "entities" | "log" | "reports" | "started_at" | "updated_at" | "error"
>;

/** A job as lines of text, to be put into a message or a file: each stretch of a phase with its beginning, length and figures. */
export function logLines(job: Logged): string[] {
  const lines = [`${jobTitle(job, nameList(job.entities))}, ${job.started_at.slice(0, 10)}, times in UTC`];
  job.log.forEach((stretch, i) => {
    // How long that is so far was written down a while ago.
    const open = job.status === "running" && i === job.log.length - 1 && stretch.phase === job.phase;
    const figures = open ? ["under way"] : [formatDuration(stretch.seconds)];
    if (stretch.records > 0 && !open) figures.push(plural(stretch.records, "record"));
    if (stretch.records >= TELLING && stretch.seconds > 0 && !open) {
      figures.push(`${formatNumber(Math.round(stretch.records / stretch.seconds))}/s`);
    }
    if (stretch.captured > 0) figures.push(`${meanwhile(stretch.captured)} carried over`);
    if (stretch.waited_for) {
      figures.push(
        `${formatDuration(stretch.waited_s ?? 0)} waiting for a lock held by ${stretch.waited_for}`,
      );
    }
    lines.push(line(stretch.began_at, PHASE_WORDS[stretch.phase], figures.join(", ")));
  });
  if (job.status === "running") return lines;
  lines.push(line(job.updated_at, END[job.status], job.error?.message ?? ""));
  for (const r of job.reports) {
    const figures = [plural(r.records, "record"), formatDuration(r.seconds)];
    if (r.links > 0) figures.push(plural(r.links, "link"));
    if (r.captured) figures.push(`${meanwhile(r.captured)} carried over`);
    if (r.kept_aside > 0) figures.push(`${plural(r.kept_aside, "value")} kept aside`);
    if (r.nulled > 0) figures.push(`${plural(r.nulled, "value")} replaced by null`);
    lines.push(`${r.entity} in ${r.table}: ${figures.join(", ")}`);
    for (const t of r.timings ?? []) {
      const times = `${formatMilliseconds(t.before_ms)} before, ${formatMilliseconds(t.after_ms)} now`;
      lines.push(`${r.entity}, ${t.query}: ${times}, ${speed(t).words}`);
    }
  }
  return lines;
}

/** "3 writes made meanwhile". */
export function meanwhile(writes: number): string {
  return `${plural(writes, "write")} made meanwhile`;
}

/** "3 writes made meanwhile carried over, 12 waiting". */
export function carrying(over: number, waiting: number): string {
  if (waiting === 0) return `${meanwhile(over)} carried over`;
  if (over === 0) return `${meanwhile(waiting)}, to be carried over`;
  return `${meanwhile(over)} carried over, ${formatNumber(waiting)} waiting`;
}

/** How long a job has been in each phase it has left, for the list of phases. */
export function phaseTimes(job: Pick<Job, "log">, current: Phase | null): Partial<Record<Phase, string>> {
  const seconds: Partial<Record<Phase, number>> = {};
  for (const s of job.log) {
    if (s.phase !== current) seconds[s.phase] = (seconds[s.phase] ?? 0) + s.seconds;
  }
  return Object.fromEntries(Object.entries(seconds).map(([phase, s]) => [phase, formatDuration(s)]));
}

const END: Record<Exclude<Job["status"], "running">, string> = {
  paused: "Paused",
  interrupted: "Interrupted",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
  rolled_back: "Undone",
};

function line(at: string, word: string, rest: string): string {
  return `${at.slice(11, 19)}  ${word.padEnd(8)}  ${rest}`.trimEnd();
}
