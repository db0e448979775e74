import { ArrowDown, ArrowUp } from "lucide-react";
import { type PointerEvent, useRef, useState } from "react";
import type { SortKey } from "../../../api";
import { type Column, isNumeric, keyOf } from "../model/columns";
import type { MenuPlace } from "./GridMenu";
import css from "./grid.module.css";
import { TypeIcon, typeWord } from "./typeIcons";
import type { Columns, PlacedColumn } from "./useColumns";

interface Props {
  columns: Columns;
  sort: SortKey[];
  onSort: (sort: SortKey[]) => void;
  /** Some, all or none of the rows are chosen. */
  chosen: "none" | "some" | "all";
  onChooseAll: () => void;
  onMenu: (place: MenuPlace) => void;
}

/** Up, down, not at all; with `add` beside the other keys, else alone. */
export function nextSort(sort: SortKey[], field: string, add: boolean): SortKey[] {
  const now = sort.find((key) => key.field === field);
  const next: SortKey[] = now?.descending ? [] : [{ field, descending: Boolean(now) }];
  if (!add) return next;
  return now ? sort.flatMap((key) => (key.field === field ? next : [key])) : [...sort, ...next];
}

export function HeaderRow({ columns, sort, onSort, chosen, onChooseAll, onMenu }: Props) {
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  return (
    <div className={css.header} role="row" aria-rowindex={1} style={{ width: columns.width }}>
      <div className={css.gutter} role="columnheader" aria-colindex={1} style={{ width: columns.gutter }}>
        <button
          type="button"
          tabIndex={-1}
          className={css.rowCheck}
          role="checkbox"
          aria-checked={chosen === "some" ? "mixed" : chosen === "all"}
          aria-label="Select all records"
          data-on={chosen === "none" ? undefined : chosen}
          onClick={onChooseAll}
        />
      </div>
      {columns.placed.map((placed) => (
        <HeaderCell
          key={placed.column.id}
          placed={placed}
          columns={columns}
          sort={sort}
          onSort={onSort}
          onMenu={onMenu}
          dropping={over === placed.column.id && dragged !== placed.column.id}
          drag={{
            start: () => setDragged(placed.column.id),
            over: () => setOver(placed.column.id),
            end: () => {
              setDragged(null);
              setOver(null);
            },
            drop: () => dragged && columns.move(dragged, placed.column.id),
          }}
        />
      ))}
    </div>
  );
}

function HeaderCell(props: {
  placed: PlacedColumn;
  columns: Columns;
  sort: SortKey[];
  onSort: (sort: SortKey[]) => void;
  onMenu: (place: MenuPlace) => void;
  dropping: boolean;
  drag: { start: () => void; over: () => void; end: () => void; drop: () => void };
}) {
  const { placed, columns, sort, drag } = props;
  const { column } = placed;
  const key = keyOf(column);
  const at = sort.findIndex((s) => s.field === key);
  const sorted = sort[at];
  const click = (add: boolean) => key && props.onSort(nextSort(sort, key, add));
  return (
    <div
      className={css.headerCell}
      role="columnheader"
      aria-colindex={placed.index + 2}
      aria-sort={sorted ? (sorted.descending ? "descending" : "ascending") : undefined}
      data-pinned={placed.pinned || undefined}
      data-right={isNumeric(column) || undefined}
      data-dropping={props.dropping || undefined}
      style={
        placed.pinned
          ? { width: placed.width, left: columns.gutter }
          : { width: placed.width, left: placed.left }
      }
      onContextMenu={(event) => {
        event.preventDefault();
        props.onMenu({ x: event.clientX, y: event.clientY, header: column });
      }}
      onDragOver={(event) => {
        event.preventDefault();
        drag.over();
      }}
      onDrop={(event) => {
        event.preventDefault();
        drag.drop();
        drag.end();
      }}
    >
      <button
        type="button"
        tabIndex={-1}
        className={css.headerButton}
        draggable
        title={`${column.title}: ${typeWord(column)}${column.required ? ", required" : ""}${describe(column)}`}
        onDragStart={(event) => {
          event.dataTransfer.effectAllowed = "move";
          event.dataTransfer.setData("text/plain", column.title);
          drag.start();
        }}
        onDragEnd={drag.end}
        onClick={(event) => click(event.shiftKey)}
      >
        <span className={css.typeIcon}>
          <TypeIcon column={column} />
        </span>
        <span className="sw-ellipsis">{column.title}</span>
        {column.required && (
          <span className={css.star} aria-hidden>
            *
          </span>
        )}
        {sorted && (
          <span className={css.sorted} aria-hidden>
            {sorted.descending ? <ArrowDown size={12} aria-hidden /> : <ArrowUp size={12} aria-hidden />}
            {sort.length > 1 && at + 1}
          </span>
        )}
      </button>
      <Resizer column={column} columns={columns} width={placed.width} />
    </div>
  );
}

function describe(column: Column): string {
  const text = column.kind === "field" ? column.field.description : column.relationship.description;
  return text ? `\n${text}` : "";
}

function Resizer({ column, columns, width }: { column: Column; columns: Columns; width: number }) {
  const start = useRef<{ x: number; width: number } | null>(null);
  const onPointerDown = (event: PointerEvent<HTMLSpanElement>) => {
    event.preventDefault();
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, width };
  };
  const onPointerMove = (event: PointerEvent) => {
    if (start.current)
      columns.setWidth(column.id, Math.round(start.current.width + event.clientX - start.current.x));
  };
  return (
    <span
      className={css.resizer}
      aria-hidden
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        start.current = null;
      }}
      onDoubleClick={() => columns.resetWidth(column.id)}
    />
  );
}
