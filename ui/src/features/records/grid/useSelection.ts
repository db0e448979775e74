import { useCallback, useMemo, useState } from "react";
import { type Position, type Range, rangeOf } from "../model/navigation";

/** The focused cell, the cells around it that are marked, and the rows that are chosen (by record id). */
export function useSelection() {
  const [focus, setFocus] = useState<Position>({ row: 0, column: 0 });
  /** The corner of a range opposite the focus; null when only the focus is marked. */
  const [anchor, setAnchor] = useState<Position | null>(null);
  const [rows, setRows] = useState<ReadonlySet<string>>(new Set());
  /** Where a range of rows begins. */
  const [rowAnchor, setRowAnchor] = useState<number | null>(null);

  const moveTo = useCallback((to: Position, extend = false) => {
    setFocus((from) => {
      setAnchor((a) => (extend ? (a ?? from) : null));
      return to;
    });
  }, []);

  const toggleRow = useCallback((id: string, index: number) => {
    setRows((rows) => {
      const next = new Set(rows);
      if (!next.delete(id)) next.add(id);
      return next;
    });
    setRowAnchor(index);
  }, []);

  const chooseRows = useCallback((ids: Iterable<string>, from?: number) => {
    setRows(new Set(ids));
    if (from !== undefined) setRowAnchor(from);
  }, []);

  const range: Range = useMemo(() => rangeOf(anchor ?? focus, focus), [anchor, focus]);
  return useMemo(
    () => ({
      focus,
      range,
      hasRange: anchor !== null && (anchor.row !== focus.row || anchor.column !== focus.column),
      rows,
      rowAnchor,
      moveTo,
      toggleRow,
      chooseRows,
      clearRange: () => setAnchor(null),
      clearRows: () => {
        setRows(new Set());
        setRowAnchor(null);
      },
    }),
    [focus, range, anchor, rows, rowAnchor, moveTo, toggleRow, chooseRows],
  );
}

export type Selection = ReturnType<typeof useSelection>;
