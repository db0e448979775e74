import { useEffect } from "react";
import { useView } from "../../../shared";
import { useGridView } from "../gridView";
import { keyOf } from "../model/columns";
import type { Grid } from "./useGrid";

/** Shows the record somebody elsewhere in the window pointed at: it alone, with the focus on the field meant. */
export function useAim(grid: Grid): void {
  const aim = useView((s) => s.aim);
  const mine = aim?.entity === grid.entity.id ? aim : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each aim, on the grid as it is then
  useEffect(() => {
    if (!mine) return;
    useView.setState({ aim: null });
    const condition = {
      column: "id",
      operator: "eq" as const,
      value: mine.record,
      shown: mine.record.slice(-8),
    };
    grid.setLook({ search: "", conditions: [condition] });
    const column = Math.max(
      0,
      grid.shown.findIndex((c) => keyOf(c) === mine.field),
    );
    grid.selection.moveTo({ row: 0, column });
    grid.columns.showColumn(column);
    // It takes the keyboard when its records are there.
    useGridView.setState({ arriving: grid.entity.id });
  }, [mine]);
}
