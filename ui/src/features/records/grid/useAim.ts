import { useEffect, useState } from "react";
import { useView } from "../../../shared";
import { useGridView } from "../gridView";
import { columnNamed } from "../model/columns";
import type { Grid } from "./useGrid";

/**
 * Shows the record somebody elsewhere in the window pointed at: it alone, with the focus on the field meant, which is
 * shown for that when it is hidden. Returns the name of a field that this grid has no column of, until `forget`.
 */
export function useAim(grid: Grid): { missed: string | null; forget: () => void } {
  const aim = useView((s) => s.aim);
  const mine = aim?.entity === grid.entity.id ? aim : null;
  const [missed, setMissed] = useState<string | null>(null);
  const meant = mine ? columnNamed(grid.all, grid.entity.id, mine.field) : undefined;
  const hidden = meant !== undefined && !grid.columns.isShown(meant.id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each aim, on the grid as it is when its column is shown
  useEffect(() => {
    if (!mine) return;
    if (meant && hidden) {
      grid.columns.show(meant.id, true);
      return;
    }
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
      grid.shown.findIndex((c) => c.id === meant?.id),
    );
    setMissed(meant ? null : mine.field);
    grid.selection.moveTo({ row: 0, column });
    grid.columns.showColumn(column);
    // It takes the keyboard when its records are there.
    useGridView.setState({ arriving: grid.entity.id });
  }, [mine, hidden]);
  return { missed, forget: () => setMissed(null) };
}
