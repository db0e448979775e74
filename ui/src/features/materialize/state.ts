import { create } from "zustand";
import type { SchemaEdit } from "../../api";
import { useView } from "../../shared";

/** What a plan of a job is of. */
interface Planned {
  entities: string[];
  /** They have tables of their own, and are to lie in the shared one again. */
  back: boolean;
}

interface State {
  /** What the panel shows: a plan of a job or of an edit, or a job that runs or has ended. Null: closed. */
  panel:
    | { plan: Planned; edit: null; job: null }
    | { plan: null; edit: SchemaEdit; job: null; from: Element | null; back?: () => void }
    | { plan: null; edit: null; job: string }
    | null;
  /** The entity a problem of the panel led to: whose record it is does not end what the panel is for. */
  followed: string | null;
  /** Where the keyboard was when the plan that has just been left was asked for. */
  backTo: Element | null;
}

export const useMaterialize = create<State>(() => ({ panel: null, followed: null, backTo: null }));

/** Shows what materializing these would do. */
export function openPlan(entities: string[]): void {
  showPlan({ entities, back: false });
}

/** Shows what bringing these back would do. */
export function openBackPlan(entities: string[]): void {
  showPlan({ entities, back: true });
}

function showPlan(plan: Planned): void {
  useMaterialize.setState({ panel: { plan, edit: null, job: null }, followed: null });
}

/** Shows what an edit would do. `back`: goes back to where it was asked from, when it is not done. */
export function openEditPlan(edit: SchemaEdit, back?: () => void): void {
  const from = document.activeElement;
  useMaterialize.setState({ panel: { plan: null, edit, job: null, from, back }, followed: null });
}

export function openJob(job: string): void {
  useMaterialize.setState({ panel: { plan: null, edit: null, job }, followed: null });
}

/** Goes to a record that is in the way, at its field; the panel stays, to be looked at again. */
export function followProblem(entity: string, record: string, field: string): void {
  useMaterialize.setState({ followed: entity });
  useView.getState().openRecord(entity, record, field);
}

/** Closes the panel; a running job goes on. */
export function closeMaterialize(): void {
  useMaterialize.setState({ panel: null, followed: null, backTo: null });
}

/** Closes the panel as somebody does who decides against what it shows. */
export function leavePanel(): void {
  const { panel } = useMaterialize.getState();
  if (panel?.edit) panel.back?.();
  useMaterialize.setState({ panel: null, followed: null, backTo: panel?.edit ? panel.from : null });
}
