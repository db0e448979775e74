import { Button } from "@mantine/core";
import { type Job, type LiveJob, useCancelJob } from "../../api";
import { ErrorNotice, formatClock, formatNumber, ProgressBar } from "../../shared";
import css from "./materialize.module.css";
import { PhaseList } from "./PhaseList";
import type { Phase } from "./phases";
import { Sparkline } from "./Sparkline";
import { doing } from "./words";

/** A job that runs: phases, bar, count of total, rate, time left, cancel. */
export function JobProgressView(props: {
  job: Job;
  live: LiveJob | undefined;
  title: string;
  /** Off where the panel's own heading says the same. */
  heading?: boolean;
}) {
  const { job, live, title } = props;
  const cancel = useCancelJob();
  const step = live?.latest ?? { phase: job.phase, done: job.done, total: job.total, rate: 0, eta_s: null };
  const counted = step.total > 0;
  const notes: Partial<Record<Phase, string>> = counted
    ? { [step.phase]: `${formatNumber(step.done)} of ${formatNumber(step.total)}` }
    : {};
  return (
    <div className={css.progressView}>
      {props.heading !== false && <h3 className={css.cardHead}>{doing(job.kind, title)}</h3>}
      <PhaseList phase={step.phase} outcome="running" notes={notes} />
      <ProgressBar label={doing(job.kind, title)} done={step.done} total={counted ? step.total : null} />
      <Sparkline values={live?.rates ?? []} />
      <div className={css.figures}>
        <span className="sw-num">
          {step.rate > 0 ? `${formatNumber(step.rate)} records/s` : "Measuring the rate"}
        </span>
        {job.entities.length > 1 && <span className="sw-num">{entityPlace(job, live)}</span>}
        {step.eta_s !== null && <span className="sw-num">{formatClock(step.eta_s)} left</span>}
      </div>
      {!job.here && <p className={css.note}>Run by {inside(job.by)}. It can be cancelled from here too.</p>}
      {cancel.error && <ErrorNotice error={cancel.error} />}
      <div className={css.buttons}>
        <Button onClick={() => cancel.mutate([job.id])} disabled={cancel.isPending || cancel.isSuccess}>
          {cancel.isPending || cancel.isSuccess ? "Cancelling" : "Cancel"}
        </Button>
      </div>
      <p className="sw-visually-hidden" aria-live="polite">
        {doing(job.kind, title)}, {step.phase.replace("_", " ")}
      </p>
    </div>
  );
}

/** "Somebody (in a window)" in the middle of a sentence; a name keeps its capital. */
function inside(by: string): string {
  return by.replace(/^Somebody /, "somebody ");
}

/** "2 of 5 entities" while a job has several. */
function entityPlace(job: Job, live: LiveJob | undefined): string {
  const at = live ? job.entity_ids.indexOf(live.latest.entity_id) : 0;
  return `entity ${Math.max(0, at) + 1} of ${job.entities.length}`;
}
