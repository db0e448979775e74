import { Button } from "@mantine/core";
import { titleOf, useEntity, useJobs, useLiveJob, useSchema } from "../../api";
import { ErrorNotice, Writes } from "../../shared";
import { JobProgressView } from "./JobProgressView";
import css from "./materialize.module.css";
import { openBackPlan, openJob, openPlan } from "./state";
import { useStartJob } from "./useStartJob";
import { titles } from "./words";

/** In the inspector, under an entity's title: where its records lie, and the one click that changes it. */
export function StorageCard({ entity: id }: { entity: string }) {
  const entity = useEntity(id);
  const { data: schema } = useSchema();
  const jobs = useJobs();
  const start = useStartJob();
  const job = jobs.data?.find(
    (j) =>
      (j.status === "running" || j.status === "paused" || j.status === "interrupted") &&
      j.entity_ids.includes(id),
  );
  const live = useLiveJob(job?.id);
  if (!entity) return null;
  if (job?.status === "interrupted") {
    return (
      <div className={css.card}>
        <p className={css.cardText}>Moving these records was interrupted. They are safe.</p>
        <div className={css.buttons}>
          <Button onClick={() => openJob(job.id)}>See what to do</Button>
        </div>
      </div>
    );
  }
  const elsewhere =
    live && live.latest.entity_id !== id ? titles(schema, [live.latest.entity_id])[0] : undefined;
  if (job && job.entity_ids.length > 1) {
    return (
      <div className={css.card}>
        <p className={css.cardText}>
          {job.status === "paused"
            ? "Part of a job that is paused."
            : elsewhere
              ? `Part of a job that is at ${elsewhere} now.`
              : "Part of a job that is at these records now."}
        </p>
        <div className={css.buttons}>
          <Button onClick={() => openJob(job.id)}>Show job</Button>
        </div>
      </div>
    );
  }
  if (job) {
    return (
      <div className={css.card}>
        <JobProgressView job={job} live={live} title={titleOf(entity)} />
      </div>
    );
  }
  const shared = entity.storage_mode === "shared";
  return (
    <div className={css.card} data-mode={entity.storage_mode}>
      <p className={css.cardText}>
        {shared ? (
          <>
            Records lie in the flexible shared table.{" "}
            <Writes>Materialize them once the shape has settled.</Writes>
          </>
        ) : (
          <>
            Records lie in <span className="sw-mono sw-selectable">{entity.table}</span>
          </>
        )}
      </p>
      {start.error && <ErrorNotice error={start.error} />}
      <div className={css.buttons}>
        {shared ? (
          <>
            <Writes>
              <Button variant="filled" loading={start.pending} onClick={() => start.materialize([id])}>
                Materialize
              </Button>
            </Writes>
            <Button onClick={() => openPlan([id])}>Show plan</Button>
          </>
        ) : (
          <>
            <Writes>
              <Button loading={start.pending} onClick={() => start.askBack([id])}>
                Bring back
              </Button>
            </Writes>
            <Button variant="subtle" onClick={() => openBackPlan([id])}>
              Show plan
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
