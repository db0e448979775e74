import { Button } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { useJobs, useSchema } from "../../api";
import { Writes } from "../../shared";
import css from "./materialize.module.css";
import { openJob, useMaterialize } from "./state";
import { doing, nameList, titles } from "./words";

/** A line over the window when a job of an earlier session was cut short. */
export function InterruptedNotice() {
  const { data } = useJobs();
  const { data: schema } = useSchema();
  const panel = useMaterialize((s) => s.panel);
  const job = data?.find((j) => j.status === "interrupted");
  if (!job || panel?.job === job.id) return null;
  const names = titles(schema, job.entity_ids);
  return (
    <div className={css.interrupted} role="status">
      <TriangleAlert size={16} aria-hidden />
      <span>
        {doing(job.kind, nameList(names.length > 0 ? names : job.entities))} was interrupted. No record is
        lost.
      </span>
      <Writes>
        <Button onClick={() => openJob(job.id)}>Resume or roll back</Button>
      </Writes>
    </div>
  );
}
