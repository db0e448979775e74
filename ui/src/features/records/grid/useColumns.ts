import {
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useMemo } from "react";
import type { EntityRecord } from "../../../api";
import { type Layout, NO_LAYOUT, useGridView } from "../gridView";
import { type Column, widthOf } from "../model/columns";

const features = tableFeatures({
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
});
const NO_ROWS: EntityRecord[] = [];
const MIN_WIDTH = 56;
const MAX_WIDTH = 900;

/** Width of the row number and selection mark, left of the columns: as wide as the last number is long. */
function gutterOf(rows: number): number {
  return Math.max(48, 24 + rows.toLocaleString("en-US").length * 7);
}

/** A column where it stands: `left` counts from the row's left edge, the gutter included. */
export interface PlacedColumn {
  column: Column;
  /** Place among the shown columns, from 0. */
  index: number;
  left: number;
  width: number;
  /** Stays in view when the grid scrolls sideways. */
  pinned: boolean;
}

/**
 * The columns of a grid as a person arranged them. TanStack Table keeps width, order and visibility, TanStack Virtual
 * says which are in view; `focused` is drawn in any case, so that the focus is never lost.
 */
export function useColumns(
  entity: string,
  all: Column[],
  box: RefObject<HTMLElement | null>,
  focused: number,
  rows: number,
) {
  const gutter = gutterOf(rows);
  const layout = useGridView((s) => s.layouts[entity]) ?? NO_LAYOUT;
  const setLayout = useGridView((s) => s.setLayout);
  const set = (patch: Partial<Layout>) => setLayout(entity, patch);

  const definitions = useMemo(
    () =>
      all.map((column) => ({
        id: column.id,
        size: widthOf(column),
        minSize: MIN_WIDTH,
        maxSize: MAX_WIDTH,
        meta: { column },
      })),
    [all],
  );
  const visibility = useMemo(
    () => ({ ...Object.fromEntries(all.map((c) => [c.id, !c.hidden])), ...layout.shown }),
    [all, layout.shown],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: NO_ROWS,
    columnResizeMode: "onChange",
    state: { columnSizing: layout.widths, columnOrder: layout.order, columnVisibility: visibility },
    onColumnSizingChange: (change) =>
      set({ widths: typeof change === "function" ? change(layout.widths) : change }),
    onColumnOrderChange: (change) =>
      set({ order: typeof change === "function" ? change(layout.order) : change }),
  });

  const shown = table.getVisibleLeafColumns();
  const sizes = shown.map((c) => c.getSize());
  const virtual = useVirtualizer({
    horizontal: true,
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: (i) => sizes[i] ?? 0,
    scrollMargin: gutter,
    overscan: 2,
    rangeExtractor: (range) => {
      const keep = new Set([0, ...defaultRangeExtractor(range)]);
      if (focused >= 0 && focused < shown.length) keep.add(focused);
      return [...keep].sort((a, b) => a - b);
    },
  });
  const sizeKey = sizes.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the widths are read by the virtualizer through estimateSize
  useMemo(() => virtual.measure(), [sizeKey]);

  const byId = useMemo(() => new Map(all.map((c) => [c.id, c])), [all]);
  const columns = shown.flatMap((c) => byId.get(c.id) ?? []);
  const drawn = virtual.getVirtualItems();
  const drawnKey = `${columns.map((c) => c.id).join()}|${drawn.map((i) => `${i.index}:${i.start}:${i.size}`).join()}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `drawnKey` and `all` stand for everything read here
  const placed = useMemo(
    () =>
      drawn.flatMap((item): PlacedColumn[] => {
        const column = columns[item.index];
        return column
          ? [{ column, index: item.index, left: item.start, width: item.size, pinned: item.index === 0 }]
          : [];
      }),
    [drawnKey, all],
  );
  return {
    /** Shown columns in order. */
    columns,
    /** Those of them to draw. */
    placed,
    gutter,
    /** Width of a row. */
    width: gutter + sizes.reduce((sum, size) => sum + size, 0),
    showColumn: (index: number) => showColumn(box.current, gutter, sizes, index),
    headerOf: (id: string) => table.getFlatHeaders().find((h) => h.column.id === id),
    resetWidth: (id: string) => table.getColumn(id)?.resetSize(),
    setWidth: (id: string, width: number) =>
      set({ widths: { ...layout.widths, [id]: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)) } }),
    /** Puts a column where another one stands. */
    move: (id: string, to: string) => {
      const order = table.getAllLeafColumns().map((c) => c.id);
      const [from, target] = [order.indexOf(id), order.indexOf(to)];
      if (from < 0 || target < 0 || from === target) return;
      order.splice(target, 0, ...order.splice(from, 1));
      set({ order });
    },
    isShown: (id: string) => visibility[id] ?? true,
    show: (id: string, on: boolean) => set({ shown: { ...layout.shown, [id]: on } }),
    reset: () => setLayout(entity, { widths: {}, order: [], shown: {} }),
    /** All columns in their order, hidden ones too. */
    ordered: table.getAllLeafColumns().flatMap((c) => byId.get(c.id) ?? []),
  };
}

export type Columns = ReturnType<typeof useColumns>;

/** Brings a column into view; what is pinned at the left covers part of it. */
function showColumn(box: HTMLElement | null, gutter: number, sizes: number[], index: number): void {
  if (!box) return;
  if (index === 0) {
    box.scrollLeft = 0;
    return;
  }
  const left = gutter + sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
  const right = left + (sizes[index] ?? 0);
  const covered = gutter + (sizes[0] ?? 0);
  if (left - box.scrollLeft < covered) box.scrollLeft = left - covered;
  else if (right > box.scrollLeft + box.clientWidth) box.scrollLeft = right - box.clientWidth;
}
