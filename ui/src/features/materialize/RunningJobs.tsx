import { type Job, useJobs, useLiveJob, useSchema } from "../../api";
import css from "./materialize.module.css";
import { shareOfJob } from "./share";
import { openJob } from "./state";
import { doing, jobTitle, nameList, titles } from "./words";

/** For the status bar: each job under way or in need of a word, one press from its panel. */
export function RunningJobs() {
  const { data } = useJobs();
  const shown = data?.filter((j) => ["running", "paused", "interrupted"].includes(j.status)) ?? [];
  return shown.map((job) => <RunningJob key={job.id} job={job} />);
}

function RunningJob({ job }: { job: Job }) {
  const live = useLiveJob(job.id);
  const { data: schema } = useSchema();
  const names = titles(schema, job.entity_ids);
  const name = nameList(names.length > 0 ? names : job.entities);
  if (job.status === "interrupted") {
    return (
      <button type="button" className={css.statusJob} data-stuck onClick={() => openJob(job.id)}>
        {doing(job.kind, name)}: interrupted
      </button>
    );
  }
  const part = shareOfJob(job, live?.latest ?? job, live?.totals);
  return (
    <button
      type="button"
      className={css.statusJob}
      data-paused={job.status === "paused" || undefined}
      onClick={() => openJob(job.id)}
    >
      <span className={css.statusName}>{jobTitle(job, name)}</span>
      <span className={css.statusBar} aria-hidden>
        <span style={{ width: `${part * 100}%` }} />
      </span>
      <span className="sw-num">{Math.floor(part * 100)}%</span>
    </button>
  );
}
