import type { Action } from "../../actions";
import { titleOf } from "../../api";
import type { Grid } from "./grid/useGrid";
import type { GridActions } from "./grid/useGridActions";
import { useGridView } from "./gridView";
import { keyOf } from "./model/columns";

/** What the palette, the help and the keys can do with the grid that is open. */
export function recordActions(grid: Grid, actions: GridActions): Action[] {
  const writable = () => !grid.readOnly;
  const view = useGridView.getState;
  // Keys such as Space and Delete mean something else on a button or in the tree: here only in the grid, and from the palette.
  const here = () => document.activeElement?.closest('[role="grid"], [role="dialog"]') != null;
  const column = grid.shown[grid.selection.focus.column];
  const field = () => (column ? keyOf(column) : null);
  return [
    {
      id: "records.new",
      label: "New record",
      group: "Records",
      keys: "mod+N Insert",
      keywords: `add insert row ${titleOf(grid.entity)}`,
      when: writable,
      run: actions.newRecord,
    },
    {
      id: "records.search",
      label: `Search ${titleOf(grid.entity)}`,
      group: "Records",
      keys: "mod+F",
      whileTyping: true,
      run: () => document.getElementById("records-search")?.focus(),
    },
    {
      id: "records.delete",
      label: "Delete selected records",
      group: "Records",
      keys: "Delete",
      danger: true,
      when: () => writable() && here(),
      run: actions.remove,
    },
    {
      id: "records.open",
      label: "Open or close the record panel",
      group: "Records",
      keys: "Space",
      when: here,
      run: actions.openRecord,
    },
    {
      id: "records.all",
      label: "Select all records",
      group: "Records",
      keys: "mod+A",
      when: here,
      run: () => void actions.chooseAll(),
    },
    {
      id: "records.null",
      label: "Set to null",
      group: "Records",
      keys: "mod+Backspace",
      when: () => writable() && here(),
      run: actions.setNull,
    },
    ...(["ascending", "descending"] as const).map(
      (way): Action => ({
        id: `records.sort.${way}`,
        label: `Sort ${way} by this column`,
        group: "Records",
        keys: way === "ascending" ? "alt+ArrowUp" : "alt+ArrowDown",
        when: () => here() && field() !== null,
        run: () => grid.setSort([{ field: field() ?? "", descending: way === "descending" }]),
      }),
    ),
    {
      id: "records.follow",
      label: "Open the linked record",
      group: "Records",
      keys: "mod+Enter",
      keywords: "jump foreign key reference",
      when: here,
      run: actions.follow,
    },
    {
      id: "records.back",
      label: "Back to where you came from",
      group: "Records",
      keys: "alt+ArrowLeft",
      when: () => view().trail.at(-1)?.to === grid.entity.id,
      run: () => view().back(),
    },
  ];
}
