// Looking at the plan of an edit before it is done, where it touches a table of its own.
import { createContext, useContext } from "react";
import { type SchemaEdit, useSchema } from "../../api";
import { usePrefs } from "../../shared";

/** Shows the plan of an edit; null where nobody can. */
export const PlanContext = createContext<((edit: SchemaEdit) => void) | null>(null);

export interface PlanFirst {
  /** Whether there is a table whose change could be looked at first. */
  offered: boolean;
  on: boolean;
  turn: (on: boolean) => void;
  /** Shows the plan instead; false when the edit is to be done at once. */
  ask: (edit: SchemaEdit) => boolean;
}

/** `holder`: the entity whose records the edit touches. */
export function usePlanFirst(holder: string): PlanFirst {
  const show = useContext(PlanContext);
  const { data: schema } = useSchema();
  const { planFirst, set } = usePrefs();
  const dedicated = schema?.entities.find((e) => e.id === holder)?.storage_mode === "dedicated";
  const offered = show !== null && dedicated;
  return {
    offered,
    on: planFirst,
    turn: (on) => set({ planFirst: on }),
    ask: (edit) => {
      if (!offered || !planFirst) return false;
      show(edit);
      return true;
    },
  };
}
