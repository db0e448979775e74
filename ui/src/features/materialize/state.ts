import { create } from "zustand";

export interface MaterializeRequest {
  kind: "materialize" | "dematerialize";
  entities: string[];
  /** Start at once when nothing stands in the way; else stop at the plan. */
  start: boolean;
}

interface State {
  /** What the panel shows: a plan to look at, or a job that runs or has ended. Null: closed. */
  panel: { request: MaterializeRequest; job: null } | { request: null; job: string } | null;
}

export const useMaterialize = create<State>(() => ({ panel: null }));

export function openPlan(request: MaterializeRequest): void {
  useMaterialize.setState({ panel: { request, job: null } });
}

export function openJob(job: string): void {
  useMaterialize.setState({ panel: { request: null, job } });
}

/** Closes the panel; a running job goes on. */
export function closeMaterialize(): void {
  useMaterialize.setState({ panel: null });
}
