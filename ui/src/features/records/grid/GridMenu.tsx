import { Menu } from "@mantine/core";
import { Kbd } from "../../../shared";
import { useGridView } from "../gridView";
import { type Column, keyOf } from "../model/columns";
import { conditionOf } from "../model/filter";
import { nameOf, storedValue } from "../model/values";
import css from "./notice.module.css";
import type { Grid } from "./useGrid";
import type { GridActions } from "./useGridActions";

/** Where the menu was asked for: over the cell with the focus, or over a column's header. */
export interface MenuPlace {
  x: number;
  y: number;
  header?: Column;
}

interface Item {
  label: string;
  keys?: string;
  danger?: boolean;
  run: () => void;
}

/** The menu of the right mouse button, and of the menu key. */
export function GridMenu(props: {
  place: MenuPlace | null;
  close: () => void;
  grid: Grid;
  actions: GridActions;
}) {
  const { place, close, grid, actions } = props;
  const groups = place ? (place.header ? headerItems(place.header, grid) : cellItems(grid, actions)) : [];
  return (
    <Menu
      key={place ? `${place.x}:${place.y}` : "closed"}
      opened={place !== null}
      onChange={(open) => !open && close()}
      onClose={() => setTimeout(actions.focusCell, 0)}
      position="bottom-start"
      offset={2}
      width={240}
    >
      <Menu.Target>
        <span className={css.anchor} style={{ left: place?.x ?? 0, top: place?.y ?? 0 }} />
      </Menu.Target>
      <Menu.Dropdown aria-label={place?.header ? `Column ${place.header.title}` : "Cell"}>
        {groups
          .filter((group) => group.length > 0)
          .flatMap((group, at) => [
            ...(at > 0 ? [<Menu.Divider key={`line-${group[0]?.label}`} />] : []),
            ...group.map((item) => (
              <Menu.Item
                key={item.label}
                color={item.danger ? "red" : undefined}
                rightSection={item.keys && <Kbd keys={item.keys} />}
                onClick={item.run}
              >
                {item.label}
              </Menu.Item>
            )),
          ])}
      </Menu.Dropdown>
    </Menu>
  );
}

function cellItems(grid: Grid, actions: GridActions): Item[][] {
  const { selection, shown, readOnly, edits } = grid;
  const { focus } = selection;
  const record = actions.recordAt(focus.row);
  const column = shown[focus.column];
  if (!record || !column) return [];
  const linked = column.kind === "field" ? undefined : record.links?.[column.key]?.[0];
  const editable = !readOnly && !column.readOnly;
  const condition = conditionOf(column, storedValue(record, column), linked && nameOf(linked));
  const refused = edits.cells.get(record.id)?.has(column.id);
  return [
    [
      ...(editable
        ? [
            {
              label: "Edit",
              keys: "Enter",
              run: () => setTimeout(() => actions.edit(focus.row, focus.column), 30),
            },
          ]
        : []),
      { label: "Copy", keys: "mod+c", run: () => setTimeout(actions.copy, 30) },
      ...(editable && column.kind !== "links"
        ? [{ label: "Set to null", keys: "mod+Backspace", run: actions.setNull }]
        : []),
      ...(refused ? [{ label: "Discard what was typed", run: () => edits.clear(record.id, column.id) }] : []),
    ],
    [
      ...(linked ? [{ label: `Open ${nameOf(linked)}`, keys: "mod+Enter", run: actions.follow }] : []),
      ...(condition ? [{ label: "Only records with this value", run: () => narrow(grid, condition) }] : []),
      {
        label: "Open record",
        keys: "Space",
        run: () => useGridView.getState().setDetail({ detailOpen: true }),
      },
    ],
    readOnly ? [] : [{ label: "Delete…", keys: "Delete", danger: true, run: actions.remove }],
  ];
}

function narrow(grid: Grid, condition: NonNullable<ReturnType<typeof conditionOf>>): void {
  grid.setLook({ conditions: [...grid.look.conditions, condition] });
}

function headerItems(column: Column, grid: Grid): Item[][] {
  const { columns, setSort, shown } = grid;
  const field = keyOf(column);
  const at = shown.indexOf(column);
  const beside = (by: number) => shown[at + by];
  const move = (by: number) => columns.move(column.id, beside(by)?.id ?? column.id);
  return [
    field
      ? [
          {
            label: "Sort ascending",
            keys: "alt+ArrowUp",
            run: () => setSort([{ field, descending: false }]),
          },
          {
            label: "Sort descending",
            keys: "alt+ArrowDown",
            run: () => setSort([{ field, descending: true }]),
          },
          ...(grid.sort.length > 0 ? [{ label: "In order of making", run: () => setSort([]) }] : []),
        ]
      : [],
    [
      ...(beside(-1) ? [{ label: "Move left", run: () => move(-1) }] : []),
      ...(beside(1) ? [{ label: "Move right", run: () => move(1) }] : []),
      { label: "Width as its type says", run: () => columns.resetWidth(column.id) },
    ],
    shown.length > 1 ? [{ label: "Hide column", run: () => columns.show(column.id, false) }] : [],
  ];
}
