// Looking at the plan of an edit before it is done, where it touches a table of its own.
import { createContext, useContext } from "react";
import { type SchemaEdit, useSchema } from "../api";
import { usePrefs } from "../shared";

/** Shows the plan of an edit. `back` is called when it is left without the edit being done. */
type ShowPlan = (edit: SchemaEdit, back?: () => void) => void;

/** Given by the window; null where nobody can show a plan. */
export const PlanContext = createContext<ShowPlan | null>(null);

export interface PlanFirst {
  /** Whether there is a table whose change could be looked at first. */
  offered: boolean;
  on: boolean;
  turn: (on: boolean) => void;
  /** Shows the plan instead; false when the edit is to be done at once. */
  ask: (edit: SchemaEdit, back?: () => void) => boolean;
}

/** `entities`: those whose records or table the edit touches. One with a table of its own is enough. */
export function usePlanFirst(...entities: string[]): PlanFirst {
  const show = useContext(PlanContext);
  const { data: schema } = useSchema();
  const { planFirst, set } = usePrefs();
  const dedicated =
    schema?.entities.some((e) => entities.includes(e.id) && e.storage_mode === "dedicated") === true;
  const offered = show !== null && dedicated;
  return {
    offered,
    on: planFirst,
    turn: (on) => set({ planFirst: on }),
    ask: (edit, back) => {
      if (!offered || !planFirst) return false;
      show(edit, back);
      return true;
    },
  };
}
