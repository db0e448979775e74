// Looking at the plan of an edit before it is done, where it touches a table of its own.
import { createContext, useContext } from "react";
import { editEntities, type SchemaEdit, touchesRecords, useSchema } from "../api";
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
  /** Whether `ask` would show a plan of it. */
  asks: (edit: SchemaEdit) => boolean;
  /** Shows the plan instead; false when the edit is to be done at once: nobody wishes it, or there is nothing to see. */
  ask: (edit: SchemaEdit, back?: () => void) => boolean;
}

/** `entities`: those the switch is offered for. One with a table of its own is enough, as it is for what an edit touches. */
export function usePlanFirst(...entities: string[]): PlanFirst {
  const show = useContext(PlanContext);
  const { data: schema } = useSchema();
  const { planFirst, set } = usePrefs();
  const dedicated = (ids: string[]) =>
    schema?.entities.some((e) => ids.includes(e.id) && e.storage_mode === "dedicated") === true;
  const asks = (edit: SchemaEdit) =>
    show !== null && planFirst && dedicated(editEntities(schema, edit)) && touchesRecords(schema, edit);
  return {
    offered: show !== null && dedicated(entities),
    on: planFirst,
    turn: (on) => set({ planFirst: on }),
    asks,
    ask: (edit, back) => {
      if (!asks(edit)) return false;
      show?.(edit, back);
      return true;
    },
  };
}
