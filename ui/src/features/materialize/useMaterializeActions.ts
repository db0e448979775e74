import { useActions } from "../../actions";
import { useJobs, useSchema, useStartDematerialize } from "../../api";
import { selectedEntity, toastError, useView } from "../../shared";
import { openJob, openPlan } from "./state";

/** Materialize and bring back, for the selected entity or all of them. */
export function useMaterializeActions(): void {
  const { data: schema } = useSchema();
  const jobs = useJobs();
  const bringBack = useStartDematerialize();
  const mode = (id: string | null | undefined) => schema?.entities.find((e) => e.id === id)?.storage_mode;
  const pick = (target?: { entity?: string }) =>
    target?.entity ?? selectedEntity(useView.getState().selection);
  const all = (storage: "shared" | "dedicated") =>
    (schema?.entities ?? []).filter((e) => e.storage_mode === storage).map((e) => e.id);
  const start = (entities: string[]) =>
    bringBack.mutate([entities, { on_invalid: "abort", batch_size: null }], {
      onSuccess: (job) => {
        void jobs.refetch();
        openJob(job.id);
      },
      onError: (error) => toastError(error, "Could not bring back"),
    });

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
        if (entity) openPlan({ kind: "materialize", entities: [entity], start: false });
      },
    },
    {
      id: "entity.bringBack",
      label: "Bring back",
      group: "Materialize",
      menu: "entity",
      keywords: "dematerialize shared clay",
      when: (target) => mode(pick(target)) === "dedicated",
      run: (target) => {
        const entity = pick(target);
        if (entity) start([entity]);
      },
    },
    {
      id: "materialize.all",
      label: "Materialize every shared entity",
      group: "Materialize",
      when: () => all("shared").length > 0,
      run: () => openPlan({ kind: "materialize", entities: all("shared"), start: false }),
    },
    {
      id: "materialize.bringBackAll",
      label: "Bring back every dedicated entity",
      group: "Materialize",
      keywords: "dematerialize",
      when: () => all("dedicated").length > 0,
      run: () => start(all("dedicated")),
    },
  ]);
}
