import { type MouseEvent, memo, type PointerEvent } from "react";
import type { EntityRecord } from "../../../api";
import { Editor, type Entry, type Then } from "../editors";
import type { CellState } from "../model/cells";
import { type Column, isNumeric } from "../model/columns";
import { CellView, type Jump } from "./CellView";
import css from "./grid.module.css";
import type { PlacedColumn } from "./useColumns";

/** What a row's cells call; the object stays the same, so that rows need not be drawn again for it. */
export interface RowEvents {
  press: (event: PointerEvent, row: number, column: number) => void;
  enter: (event: PointerEvent, row: number, column: number) => void;
  edit: (row: number, column: number) => void;
  toggle: (row: number, column: number) => void;
  chooseRow: (event: MouseEvent, row: number) => void;
  openRecord: (row: number) => void;
  commit: (row: number, column: number, entry: Entry, then: Then) => void;
  cancel: () => void;
  refuse: (row: number, column: number, typed: string, reason: string) => void;
  jump: Jump;
}

interface Props {
  entity: string;
  /** Place in the order, from 0. */
  index: number;
  record: EntityRecord | undefined;
  top: number | null;
  width: number;
  /** Width of the row number. */
  gutter: number;
  columns: PlacedColumn[];
  /** Column that has the focus, -1 for none of this row. */
  focus: number;
  range: readonly [left: number, right: number] | null;
  chosen: boolean;
  /** The record whose panel is open. */
  current: boolean;
  /** Column under an editor, and what it opens with. */
  editing: { column: number; opening?: string } | null;
  cells: ReadonlyMap<string, CellState> | undefined;
  /** A record not yet inserted. */
  draft?: boolean;
  events: RowEvents;
}

export const RecordRow = memo(function RecordRow(props: Props) {
  const { index, record, columns, events, draft } = props;
  return (
    <div
      className={css.row}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={props.chosen}
      aria-label={draft ? "New record" : undefined}
      data-draft={draft || undefined}
      data-current={props.current || undefined}
      style={
        props.top === null
          ? { width: props.width }
          : { width: props.width, transform: `translateY(${props.top}px)` }
      }
    >
      <Gutter {...props} />
      {columns.map((placed) => (
        <Cell key={placed.column.id} row={props} placed={placed} record={record} events={events} />
      ))}
    </div>
  );
});

function Gutter({ gutter, index, record, chosen, draft, events }: Props) {
  return (
    <div
      className={css.gutter}
      role="rowheader"
      aria-colindex={1}
      style={{ width: gutter }}
      onClick={(event) => record && !draft && events.chooseRow(event, index)}
      onDoubleClick={() => record && !draft && events.openRecord(index)}
    >
      <span className={css.rowNumber}>{draft ? "new" : (index + 1).toLocaleString("en-US")}</span>
      {!draft && <span className={css.rowCheck} data-on={chosen || undefined} aria-hidden />}
    </div>
  );
}

function Cell(props: {
  row: Props;
  placed: PlacedColumn;
  record: EntityRecord | undefined;
  events: RowEvents;
}) {
  const { row, placed, record, events } = props;
  const { column, index: at } = placed;
  const { index, range } = row;
  const focused = row.focus === at;
  const editing = row.editing?.column === at ? row.editing : null;
  const state = row.cells?.get(column.id);
  return (
    <div
      className={css.cell}
      role="gridcell"
      aria-colindex={at + 2}
      aria-readonly={column.readOnly || undefined}
      aria-invalid={state?.state === "refused" || state?.state === "conflict" || undefined}
      aria-busy={state?.state === "saving" || undefined}
      aria-selected={range !== null && at >= range[0] && at <= range[1]}
      tabIndex={focused ? 0 : -1}
      data-row={index}
      data-column={at}
      data-focus={focused || undefined}
      data-right={isNumeric(column) || undefined}
      data-marked={(range !== null && at >= range[0] && at <= range[1]) || undefined}
      data-state={state?.state}
      data-pinned={placed.pinned || undefined}
      data-readonly={column.readOnly || undefined}
      data-editing={editing !== null || undefined}
      style={
        placed.pinned ? { width: placed.width, left: row.gutter } : { width: placed.width, left: placed.left }
      }
      onPointerDown={(event) => events.press(event, index, at)}
      onPointerEnter={(event) => event.buttons === 1 && events.enter(event, index, at)}
      onDoubleClick={() => events.edit(index, at)}
    >
      {record === undefined ? (
        <span className={css.bar} style={{ width: `${40 + ((index * 13 + at * 29) % 45)}%` }} />
      ) : editing ? (
        <Editor
          entity={row.entity}
          column={column}
          record={record}
          opening={editing.opening}
          onCommit={(entry, then) => events.commit(index, at, entry, then)}
          onCancel={events.cancel}
          onRefuse={(typed, reason) => events.refuse(index, at, typed, reason)}
        />
      ) : row.draft ? (
        <DraftValue column={column} record={record} state={state} jump={events.jump} />
      ) : (
        <Value column={column} record={record} state={state} events={events} index={index} at={at} />
      )}
    </div>
  );
}

/** A tick is set by clicking it; everything else only shows. */
function Value(props: {
  column: Column;
  record: EntityRecord;
  state: CellState | undefined;
  events: RowEvents;
  index: number;
  at: number;
}) {
  const { column, record, state, events } = props;
  const view = <CellView record={record} column={column} state={state} jump={events.jump} />;
  if (column.kind !== "field" || column.type !== "bool" || column.readOnly) return view;
  return (
    <span className={css.tickBox} onClick={() => events.toggle(props.index, props.at)}>
      {view}
    </span>
  );
}

function DraftValue(props: {
  column: Column;
  record: EntityRecord;
  state: CellState | undefined;
  jump: Jump;
}) {
  const { column, record, state } = props;
  const empty = column.kind === "links" || (record.data[column.name] ?? null) === null;
  if (!empty || state) return <CellView {...props} />;
  if (column.kind === "links") return <span className={css.later}>once it is saved</span>;
  const preset = column.kind === "field" ? column.field.default : null;
  if (preset !== null && preset !== undefined) return <span className={css.later}>{String(preset)}</span>;
  return column.required ? <span className={css.required}>required</span> : null;
}
