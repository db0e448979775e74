import { useActions } from "../../actions";
import { type Job, useJobs, usePauseJob, useResumeJob, useSchema } from "../../api";
import { selectedEntity, toastError, useView } from "../../shared";
import { openJob, openPlan, useMaterialize } from "./state";
import { useStartJob } from "./useStartJob";
import { canPause } from "./words";

/** Materialize and bring back, for the selected entity or all of them. */
export function useMaterializeActions(): void {
  const { data: schema } = useSchema();
  const start = useStartJob((error) => toastError(error, "Not started"));
  const mode = (id: string | null | undefined) => schema?.entities.find((e) => e.id === id)?.storage_mode;
  const pick = (target?: { entity?: string }) =>
    target?.entity ?? selectedEntity(useView.getState().selection);
  const all = (storage: "shared" | "dedicated") =>
    (schema?.entities ?? []).filter((e) => e.storage_mode === storage).map((e) => e.id);
  const { data: jobs } = useJobs();
  const pause = usePauseJob();
  const resume = useResumeJob();
  // The one that is looked at, else the newest.
  const job = (status: Job["status"]) => {
    const those = (jobs ?? []).filter((j) => j.status === status && canPause(j));
    return those.find((j) => j.id === useMaterialize.getState().panel?.job) ?? those[0];
  };
  useActions("materialize", [
    {
      id: "entity.materialize",
      label: "Materialize",
      group: "Materialize",
      keys: "mod+M",
      menu: "entity",
      keywords: "dedicated table move records stone",
      when: (target) => mode(pick(target)) === "shared",
      run: (target) => {
        const entity = pick(target);
        if (entity) openPlan([entity]);
      },
    },
    {
      id: "entity.bringBack",
      writes: true,
      label: "Bring back",
      group: "Materialize",
      menu: "entity",
      keywords: "dematerialize shared clay",
      when: (target) => mode(pick(target)) === "dedicated",
      run: (target) => {
        const entity = pick(target);
        if (entity) start.bringBack([entity]);
      },
    },
    {
      id: "materialize.all",
      label: "Materialize every shared entity",
      group: "Materialize",
      when: () => all("shared").length > 0,
      run: () => openPlan(all("shared")),
    },
    {
      id: "materialize.bringBackAll",
      writes: true,
      label: "Bring back every dedicated entity",
      group: "Materialize",
      keywords: "dematerialize",
      when: () => all("dedicated").length > 0,
      run: () => start.bringBack(all("dedicated")),
    },
    {
      id: "job.pause",
      writes: true,
      label: "Pause the running job",
      group: "Materialize",
      keywords: "stop wait materialize bring back",
      when: () => job("running") !== undefined,
      run: () => {
        const id = job("running")?.id;
        if (id) pause.mutate([id], { onError: (error) => toastError(error, "Not paused") });
      },
    },
    {
      id: "job.resume",
      writes: true,
      label: "Resume the paused job",
      group: "Materialize",
      keywords: "continue go on materialize bring back",
      when: () => job("paused") !== undefined,
      run: () => {
        const id = job("paused")?.id;
        if (!id) return;
        openJob(id);
        resume.mutate([id], { onError: (error) => toastError(error, "Not resumed") });
      },
    },
  ]);
}
