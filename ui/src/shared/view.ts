// View state: what is shown, never what is stored. `usePrefs` belongs to the person, `useView` to the open workspace;
// both are kept in localStorage. Entities, fields and relationships are named by id, which a rename does not change.
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";

export type Theme = "dark" | "light" | "system";

interface Prefs {
  theme: Theme;
  leftWidth: number;
  rightWidth: number;
  leftOpen: boolean;
  rightOpen: boolean;
  /** Changes of a table are looked at before they are made. */
  planFirst: boolean;
  set: (patch: Partial<Omit<Prefs, "set">>) => void;
}

export const PANEL = {
  left: { min: 180, max: 480, standard: 232 },
  right: { min: 260, max: 640, standard: 320 },
};

export const usePrefs = create<Prefs>()(
  persist(
    (set) => ({
      theme: "system",
      leftWidth: PANEL.left.standard,
      rightWidth: PANEL.right.standard,
      leftOpen: true,
      rightOpen: true,
      planFirst: false,
      set: (patch) => set(patch),
    }),
    { name: "stoneware.prefs" },
  ),
);

export type Tab = "diagram" | "records" | "history";

export type Selection =
  | { kind: "entity"; entity: string }
  | { kind: "field"; entity: string; field: string }
  | { kind: "relationship"; relationship: string };

interface View {
  tab: Tab;
  /** The one selected thing; the inspector shows it and the tree and the diagram mark it. */
  selection: Selection | null;
  /** Entities chosen together, for what can be done with several; empty unless there are at least two. */
  marked: string[];
  /** The entity whose records the grid shows; stays when the selection goes elsewhere. */
  recordsEntity: string | null;
  /** A record the grid is to show next, at this field. Null once it is shown. */
  aim: { entity: string; record: string; field: string } | null;
  /** Groups of the tree that are folded. */
  folded: string[];
  setTab: (tab: Tab) => void;
  /** Selects one thing alone: nothing else stays marked. */
  select: (selection: Selection | null) => void;
  /** Chooses these together. What is selected stays so where it is among them; else it is the last of them. */
  mark: (entities: string[]) => void;
  /** Goes to the grid of one entity. */
  openRecords: (entity: string) => void;
  /** Goes to the grid of one entity, at one field of one record. */
  openRecord: (entity: string, record: string, field: string) => void;
  toggleFold: (group: string) => void;
}

const FRESH = {
  tab: "diagram" as Tab,
  selection: null,
  marked: [] as string[],
  recordsEntity: null,
  aim: null,
  folded: [] as string[],
};

export const useView = create<View>()(
  persist(
    (set) => ({
      ...FRESH,
      setTab: (tab) => set({ tab }),
      select: (selection) => set({ selection, marked: [] }),
      mark: (entities) =>
        set((s) => ({ marked: several(entities), selection: among(entities, s.selection) })),
      openRecords: (entity) =>
        set({ tab: "records", recordsEntity: entity, selection: { kind: "entity", entity }, marked: [] }),
      openRecord: (entity, record, field) =>
        set({
          tab: "records",
          recordsEntity: entity,
          selection: { kind: "entity", entity },
          marked: [],
          aim: { entity, record, field },
        }),
      toggleFold: (group) =>
        set((s) => ({
          folded: s.folded.includes(group) ? s.folded.filter((g) => g !== group) : [...s.folded, group],
        })),
    }),
    { name: "stoneware.view", storage: createJSONStorage(() => localStorage), skipHydration: true },
  ),
);

/** Points the view state at one workspace: loads what was kept for it, or starts fresh. */
export async function loadView(workspace: string): Promise<void> {
  const name = `stoneware.view:${workspace}`;
  const kept = localStorage.getItem(name);
  useView.persist.setOptions({ name });
  if (kept === null) useView.setState(FRESH);
  else await useView.persist.rehydrate();
}

function several(entities: string[]): string[] {
  return entities.length > 1 ? entities : [];
}

function among(entities: string[], selection: Selection | null): Selection | null {
  const now = selectedEntity(selection);
  const last = entities[entities.length - 1];
  if (last === undefined) return now ? null : selection;
  return now && entities.includes(now) ? selection : { kind: "entity", entity: last };
}

/** The entities that are chosen: those marked together, else the one a selection is about. */
export function chosenEntities({ selection, marked }: Pick<View, "selection" | "marked">): string[] {
  const one = selectedEntity(selection);
  return marked.length > 0 ? marked : one ? [one] : [];
}

/** The entity a selection is about, if it is about one. */
export function selectedEntity(selection: Selection | null): string | null {
  return selection && selection.kind !== "relationship" ? selection.entity : null;
}
