import { Button } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { useJobs, useSchema } from "../../api";
import { Strip, Writes } from "../../shared";
import { hasCutOver } from "./phases";
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
    <Strip
      tone="warning"
      role="status"
      icon={<TriangleAlert size={16} aria-hidden />}
      actions={
        <Writes>
          <Button onClick={() => openJob(job.id)}>
            {hasCutOver(job.phase) ? "See what is left to do" : "Resume or roll back"}
          </Button>
        </Writes>
      }
    >
      <p>
        {doing(job.kind, nameList(names.length > 0 ? names : job.entities))} was interrupted. No record is
        lost.
      </p>
    </Strip>
  );
}
