import { type ActionTarget, useActions } from "../../actions";
import { type Entity, type Job, useJobs, usePauseJob, useResumeJob, useSchema } from "../../api";
import { chosenEntities, plural, selectedEntity, toastError, useView } from "../../shared";
import { openBackPlan, openJob, openPlan, useMaterialize } from "./state";
import { useStartJob } from "./useStartJob";
import { canPause } from "./words";

type Storage = "shared" | "dedicated";

/** Materialize and bring back, for the entities that are chosen, for an application, or for all of them: each one job. */
export function useMaterializeActions(): void {
  const { data: schema } = useSchema();
  const start = useStartJob((error) => toastError(error, "Not started"));
  const all = (storage: Storage, fits: (entity: Entity) => boolean = () => true) =>
    (schema?.entities ?? []).filter((e) => e.storage_mode === storage && fits(e)).map((e) => e.id);
  const pick = (target: ActionTarget | undefined, storage: Storage) => {
    const one = target?.entity ? [target.entity] : chosenEntities(useView.getState());
    const chosen = new Set(target?.entities ?? one);
    return all(storage, (e) => chosen.has(e.id));
  };
  /** Of the application that is meant, or that what is selected belongs to. */
  const ofApplication = (target: ActionTarget | undefined, storage: Storage) => {
    const selected = selectedEntity(useView.getState().selection);
    const name = target?.application ?? schema?.entities.find((e) => e.id === selected)?.application;
    return name ? all(storage, (e) => e.application === name) : [];
  };
  const marked = useView((s) => s.marked);
  /** Of several it says how many it moves. */
  const label = (verb: string, storage: Storage) => {
    const count = marked.length > 0 ? pick({ entities: marked }, storage).length : 0;
    return count > 0 ? `${verb} ${plural(count, "entity", "entities")}` : verb;
  };
  const { data: jobs } = useJobs();
  const pause = usePauseJob();
  const resume = useResumeJob();
  // The one that is looked at, else the newest.
  const job = (status: Job["status"]) => {
    const those = (jobs ?? []).filter((j) => j.status === status && canPause(j));
    return those.find((j) => j.id === useMaterialize.getState().panel?.job) ?? those[0];
  };
  /** What is offered while there is something to move, and moves that. */
  const moving = (
    entities: (target: ActionTarget | undefined) => string[],
    move: (entities: string[]) => void,
  ) => ({
    group: "Materialize" as const,
    when: (target?: ActionTarget) => entities(target).length > 0,
    run: (target?: ActionTarget) => move(entities(target)),
  });
  useActions("materialize", [
    {
      id: "entity.materialize",
      label: label("Materialize", "shared"),
      keys: "mod+M",
      menu: ["entity", "entities"],
      keywords: "dedicated table move records stone",
      ...moving((target) => pick(target, "shared"), openPlan),
    },
    {
      id: "entity.bringBack",
      writes: true,
      label: label("Bring back", "dedicated"),
      menu: ["entity", "entities"],
      keywords: "dematerialize shared clay",
      ...moving((target) => pick(target, "dedicated"), start.askBack),
    },
    {
      id: "entity.planBack",
      label: label("Plan bringing back", "dedicated"),
      menu: ["entity", "entities"],
      keywords: "dematerialize shared clay show statements",
      ...moving((target) => pick(target, "dedicated"), openBackPlan),
    },
    {
      id: "application.materialize",
      label: "Materialize the application",
      menu: "application",
      keywords: "dedicated tables group together",
      ...moving((target) => ofApplication(target, "shared"), openPlan),
    },
    {
      id: "application.bringBack",
      writes: true,
      label: "Bring the application back",
      menu: "application",
      keywords: "dematerialize shared group together",
      ...moving((target) => ofApplication(target, "dedicated"), start.askBack),
    },
    {
      id: "application.planBack",
      label: "Plan bringing the application back",
      menu: "application",
      keywords: "dematerialize shared group together show statements",
      ...moving((target) => ofApplication(target, "dedicated"), openBackPlan),
    },
    {
      id: "materialize.all",
      label: "Materialize every shared entity",
      ...moving(() => all("shared"), openPlan),
    },
    {
      id: "materialize.bringBackAll",
      writes: true,
      label: "Bring back every dedicated entity",
      keywords: "dematerialize",
      ...moving(() => all("dedicated"), start.askBack),
    },
    {
      id: "materialize.planBackAll",
      label: "Plan bringing back every dedicated entity",
      keywords: "dematerialize show statements",
      ...moving(() => all("dedicated"), openBackPlan),
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
