import { Button } from "@mantine/core";
import { type Job, useCancelJob, usePauseJob, useResumeJob, useRollbackJob } from "../../api";
import { ErrorNotice, Writes } from "../../shared";
import css from "./materialize.module.css";
import { canPause } from "./words";

/** What can be done about a job that runs, in whichever window that is. */
export function RunningButtons({ job }: { job: Job }) {
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
          <Button onClick={() => pause.mutate([job.id])} disabled={pausing || cancelling}>
            {pausing ? "Pausing" : "Pause"}
          </Button>
        )}
        <Button onClick={() => cancel.mutate([job.id])} disabled={cancelling}>
          {cancelling ? "Cancelling" : "Cancel"}
        </Button>
      </div>
    </Writes>
  );
}

/** The ways on from a job that has stopped where it can be gone on with: forward, or back to how it was. */
export function StoppedButtons({ job, back }: { job: Job; back: string }) {
  const resume = useResumeJob();
  const rollback = useRollbackJob();
  // From the cut over on the new table is the truth, and there is only the way forward.
  const pastCutOver = job.phase === "cut_over" || job.phase === "clean_up";
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
        {!pastCutOver && (
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
