import { type OnInvalid, useStartDematerialize, useStartMaterialize } from "../../api";
import { usePrefs } from "../../shared";
import { openBackPlan, openJob } from "./state";

/** Starts a job and shows it. `failed` is called instead when it is refused. */
export function useStartJob(failed?: (error: unknown) => void) {
  const up = useStartMaterialize();
  const back = useStartDematerialize();
  const planFirst = usePrefs((s) => s.planFirst);
  const then = { onSuccess: (job: { id: string }) => openJob(job.id), onError: failed };
  const bringBack = (entities: string[]) =>
    back.mutate([entities, { on_invalid: "abort", batch_size: null }], then);
  return {
    materialize: (entities: string[], on_invalid: OnInvalid = "abort") =>
      up.mutate([entities, { on_invalid, batch_size: null }], then),
    bringBack,
    /** Brings back with one click, unless somebody looks at plans first. */
    askBack: planFirst ? openBackPlan : bringBack,
    pending: up.isPending || back.isPending,
    error: up.error ?? back.error,
  };
}
