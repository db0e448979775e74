import { Button } from "@mantine/core";
import { type Job, useSchema } from "../../api";
import { ErrorNotice, formatDuration, formatNumber, plural, SectionLabel } from "../../shared";
import { StoppedButtons } from "./JobButtons";
import { JobLog } from "./JobLog";
import { meanwhile, phaseTimes, TELLING } from "./log";
import css from "./materialize.module.css";
import { PhaseList } from "./PhaseList";
import { hasCutOver, type Outcome } from "./phases";
import { closeMaterialize } from "./state";
import { Timings } from "./Timings";
import { titles } from "./words";

const OUTCOME: Partial<Record<Job["status"], Outcome>> = { done: "finished", interrupted: "stopped" };

/** Why a job stopped on its way, and which ways there are from there. */
function interruption(job: Job): string {
  const why = job.error ? "It stopped at this error" : "Stoneware was closed while this ran";
  return hasCutOver(job.phase)
    ? `${why}. The records are in their new place already, and none is lost. Resume to finish cleaning up.`
    : `${why}. No record is lost: go on from where it stopped, or put everything back.`;
}

/** What a job that has ended did, entity by entity; or why it did not, and the ways on from there. */
export function ReportView({ job }: { job: Job }) {
  const { data: schema } = useSchema();
  return (
    <div className={css.progressView}>
      <PhaseList phase={job.phase} outcome={OUTCOME[job.status] ?? "failed"} notes={phaseTimes(job, null)} />
      {job.error && <ErrorNotice error={job.error} />}
      {job.status === "interrupted" && <p className={css.note}>{interruption(job)}</p>}
      {(job.status === "failed" || job.status === "cancelled" || job.status === "rolled_back") && (
        <p className={css.note}>Everything was put back as it was before. No record has moved.</p>
      )}
      {job.reports.length > 0 && (
        <section>
          <SectionLabel>Report</SectionLabel>
          {job.reports.map((r) => (
            <div key={r.entity_id} className={css.report}>
              <div className={css.reportLine}>
                <strong className="sw-ellipsis">{titles(schema, [r.entity_id])[0] ?? r.entity}</strong>
                <span className="sw-num">{formatDuration(r.seconds)}</span>
              </div>
              <div className={css.reportLine}>
                <span className={css.muted}>
                  {plural(r.records, "record")}
                  {r.links > 0 && `, ${plural(r.links, "link")}`}
                </span>
                {r.records >= TELLING && r.seconds > 0 && (
                  <span className={`${css.muted} sw-num`}>
                    {formatNumber(Math.round(r.records / r.seconds))}/s
                  </span>
                )}
              </div>
              {job.kind === "materialize" && (
                <div className="sw-mono sw-selectable sw-ellipsis">{r.table}</div>
              )}
              {!!r.captured && (
                <p className={css.note}>
                  {meanwhile(r.captured)} {r.captured === 1 ? "was" : "were"} carried over
                </p>
              )}
              <Timings timings={r.timings ?? []} />
              {r.kept_aside > 0 && <p className={css.note}>{plural(r.kept_aside, "value")} kept aside</p>}
              {r.nulled > 0 && <p className={css.note}>{plural(r.nulled, "value")} replaced by null</p>}
            </div>
          ))}
        </section>
      )}
      <JobLog job={job} />
      {job.status === "interrupted" ? (
        <StoppedButtons job={job} back="Roll back" />
      ) : (
        <div className={css.buttons}>
          <Button onClick={closeMaterialize}>Done</Button>
        </div>
      )}
    </div>
  );
}
