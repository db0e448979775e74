import { create } from "zustand";

interface State {
  /** What the panel shows: a plan to look at, or a job that runs or has ended. Null: closed. */
  panel: { plan: string[]; job: null } | { plan: null; job: string } | null;
}

export const useMaterialize = create<State>(() => ({ panel: null }));

/** Shows what materializing these would do. */
export function openPlan(entities: string[]): void {
  useMaterialize.setState({ panel: { plan: entities, job: null } });
}

export function openJob(job: string): void {
  useMaterialize.setState({ panel: { plan: null, job } });
}

/** Closes the panel; a running job goes on. */
export function closeMaterialize(): void {
  useMaterialize.setState({ panel: null });
}
