import { Button } from "@mantine/core";
import { type Job, useCancelJob, usePauseJob, useResumeJob, useRollbackJob } from "../../api";
import { ErrorNotice, Writes } from "../../shared";
import css from "./materialize.module.css";
import { hasCutOver, type Phase } from "./phases";
import { canPause } from "./words";

/** What can be done about a job that runs, in whichever window that is. `phase`: the one it is in by now. */
export function RunningButtons({ job, phase }: { job: Job; phase: Phase }) {
  const pause = usePauseJob();
  const cancel = useCancelJob();
  // It stops at its next safe point; until then it still runs.
  const pausing = pause.isPending || pause.isSuccess;
  const cancelling = cancel.isPending || cancel.isSuccess;
  const failure = cancel.error ?? pause.error;
  return (
    <Writes>
      {failure && <ErrorNotice error={failure} />}
      <div className={css.buttons}>
        {canPause(job) && (
          <Button
            onClick={() => pause.mutate([job.id])}
            disabled={pausing || (cancelling && !hasCutOver(phase))}
          >
            {pausing ? "Pausing" : "Pause"}
          </Button>
        )}
        {!hasCutOver(phase) && (
          <Button onClick={() => cancel.mutate([job.id])} disabled={cancelling}>
            {cancelling ? "Cancelling" : "Cancel"}
          </Button>
        )}
      </div>
    </Writes>
  );
}

/** The ways on from a job that has stopped where it can be gone on with: forward, or back to how it was. */
export function StoppedButtons({ job, back }: { job: Job; back: string }) {
  const resume = useResumeJob();
  const rollback = useRollbackJob();
  const failure = resume.error ?? rollback.error;
  return (
    <Writes>
      {failure && <ErrorNotice error={failure} />}
      <div className={css.buttons}>
        <Button
          variant="filled"
          onClick={() => resume.mutate([job.id])}
          loading={resume.isPending}
          disabled={rollback.isPending}
        >
          Resume
        </Button>
        {!hasCutOver(job.phase) && (
          <Button
            onClick={() => rollback.mutate([job.id])}
            loading={rollback.isPending}
            disabled={resume.isPending}
          >
            {back}
          </Button>
        )}
      </div>
    </Writes>
  );
}
