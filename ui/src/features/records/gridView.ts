// How each entity's grid looks, and the way a person came. Widths, order, hidden columns and sort are kept; search,
// filter and the way back live as long as the window. Columns are named by id, which a rename does not change.
import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { SortKey } from "../../api";
import { useView } from "../../shared";
import type { Condition } from "./model/filter";

export interface Layout {
  widths: Record<string, number>;
  /** Column ids as a person put them; columns not named follow in their own order. */
  order: string[];
  /** Only what a person chose; a column not named shows as its field says. */
  shown: Record<string, boolean>;
  sort: SortKey[];
}

/** Which records are looked at. */
export interface Look {
  search: string;
  conditions: Condition[];
}

interface Step {
  from: string;
  fromLook: Look;
  to: string;
  toLook: Look;
}

interface GridView {
  layouts: Record<string, Layout>;
  looks: Record<string, Look>;
  trail: Step[];
  /** The entity a jump led to and whose grid has yet to take the keyboard. */
  arriving: string | null;
  detailOpen: boolean;
  detailWidth: number;
  setLayout: (entity: string, patch: Partial<Layout>) => void;
  setLook: (entity: string, patch: Partial<Look>) => void;
  setDetail: (patch: { detailOpen?: boolean; detailWidth?: number }) => void;
  /** Follows a reference: opens the other entity on just these records. */
  jump: (from: string, to: string, condition: Condition) => void;
  /** Undoes the last jump. */
  back: () => void;
}

export const NO_LAYOUT: Layout = { widths: {}, order: [], shown: {}, sort: [] };
export const NO_LOOK: Look = { search: "", conditions: [] };
export const DETAIL = { min: 260, max: 640, standard: 340 };
const TRAIL = 50;

export const useGridView = create<GridView>()(
  persist(
    (set, get) => ({
      layouts: {},
      looks: {},
      trail: [],
      arriving: null,
      detailOpen: false,
      detailWidth: DETAIL.standard,
      setLayout: (entity, patch) =>
        set(({ layouts }) => ({
          layouts: { ...layouts, [entity]: { ...(layouts[entity] ?? NO_LAYOUT), ...patch } },
        })),
      setLook: (entity, patch) =>
        set(({ looks }) => ({ looks: { ...looks, [entity]: { ...(looks[entity] ?? NO_LOOK), ...patch } } })),
      setDetail: (patch) => set(patch),
      jump: (from, to, condition) => {
        const { looks, trail } = get();
        const step = { from, fromLook: looks[from] ?? NO_LOOK, to, toLook: looks[to] ?? NO_LOOK };
        set({
          trail: [...trail, step].slice(-TRAIL),
          arriving: to,
          looks: { ...looks, [to]: { search: "", conditions: [condition] } },
        });
        useView.getState().openRecords(to);
      },
      back: () => {
        const { looks, trail } = get();
        const step = trail.at(-1);
        if (!step) return;
        set({
          trail: trail.slice(0, -1),
          arriving: step.from,
          looks: { ...looks, [step.to]: step.toLook, [step.from]: step.fromLook },
        });
        useView.getState().openRecords(step.from);
      },
    }),
    {
      name: "stoneware.records",
      partialize: ({ layouts, detailOpen, detailWidth }) => ({ layouts, detailOpen, detailWidth }),
    },
  ),
);
