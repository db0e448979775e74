import type { Job, LiveJob } from "../../api";
import { formatClock, formatNumber } from "../../shared";
import { EntityBars } from "./EntityBars";
import { RunningButtons, StoppedButtons } from "./JobButtons";
import { JobLog } from "./JobLog";
import { carrying, phaseTimes } from "./log";
import css from "./materialize.module.css";
import { PhaseList } from "./PhaseList";
import { hasCutOver, type Phase } from "./phases";
import { Sparkline } from "./Sparkline";
import { goesBack, jobTitle } from "./words";

/** Phases that go record by record; the others are over before a count says anything. */
const COUNTED = new Set<Phase>(["copy", "verify", "clean_up"]);

/** A job that runs or is paused: phases, bars, counts, rate, time left, and what can be done about it. */
export function JobProgressView(props: {
  job: Job;
  live: LiveJob | undefined;
  title: string;
  /** Off where the panel's own heading says the same. */
  heading?: boolean;
}) {
  const { job, live, title } = props;
  const paused = job.status === "paused";
  const back = goesBack(job);
  const step = live?.latest ?? { phase: job.phase, done: job.done, total: job.total, rate: 0, eta_s: null };
  const notes = phaseTimes(job, step.phase);
  if (step.total > 0 && COUNTED.has(step.phase)) {
    notes[step.phase] = `${formatNumber(step.done)} of ${formatNumber(step.total)}`;
  }
  const captured = Math.max(live?.latest.captured ?? 0, job.captured);
  const waiting = paused ? job.waiting : (live?.latest.waiting ?? job.waiting);
  const holder = paused ? null : live ? live.latest.waiting_for : job.waiting_for;
  const switched = hasCutOver(step.phase);
  const heading = jobTitle(job, title);
  return (
    <div className={css.progressView}>
      {props.heading !== false && <h3 className={css.cardHead}>{heading}</h3>}
      <PhaseList phase={step.phase} outcome={paused ? "paused" : "running"} notes={notes} />
      <EntityBars job={job} step={step} live={live} />
      <Sparkline values={live?.rates ?? []} />
      {paused ? (
        !switched && (
          <p className={css.note}>
            Everybody can go on working with these records: what is written meanwhile is carried over too.
          </p>
        )
      ) : back ? (
        <p className={css.note}>What it made is taken away. Every record is where it was.</p>
      ) : (
        <div className={css.figures}>
          <span className="sw-num">
            {step.rate > 0 ? `${formatNumber(step.rate)} records/s` : "Measuring the rate"}
          </span>
          {step.eta_s !== null && <span className="sw-num">{formatClock(step.eta_s)} left</span>}
        </div>
      )}
      {holder && <p className={css.note}>Waiting for a lock held by {holder}. Others go on meanwhile.</p>}
      {captured + waiting > 0 && <p className={`${css.note} sw-num`}>{carrying(captured, waiting)}</p>}
      {!job.here && !paused && !back && (
        <p className={css.note}>
          Run by {inside(job.by)}. It can be paused{!switched && " and cancelled"} from here too.
        </p>
      )}
      {switched && (
        <p className={css.note}>
          The records are in their new place. What is left is cleaning up, which cannot be cancelled.
        </p>
      )}
      {paused ? (
        <StoppedButtons job={job} back="Undo" />
      ) : (
        !back && <RunningButtons job={job} phase={step.phase} />
      )}
      <JobLog job={job} />
      <p className="sw-visually-hidden" aria-live="polite">
        {heading}, {step.phase.replace("_", " ")}
      </p>
    </div>
  );
}

/** "Somebody (in a window)" in the middle of a sentence; a name keeps its capital. */
function inside(by: string): string {
  return by.replace(/^Somebody /, "somebody ");
}
