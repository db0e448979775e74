import { type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { titleOf } from "../../../api";
import { useGridView } from "../gridView";
import { troubles } from "../model/cells";
import type { Position } from "../model/navigation";
import { CellNotice } from "./CellNotice";
import { GridMenu, type MenuPlace } from "./GridMenu";
import css from "./grid.module.css";
import { HeaderRow } from "./HeaderRow";
import { RecordRow, type RowEvents } from "./RecordRow";
import { DRAFT_ID } from "./useDraft";
import type { Grid } from "./useGrid";
import { cellElement, type GridActions } from "./useGridActions";
import { onGridKey } from "./useGridKeys";

/** The records of an entity as a grid. Its state comes from `useGrid`, so that the bars around it can use it too. */
export function RecordGrid({
  grid,
  actions,
  current,
}: {
  grid: Grid;
  actions: GridActions;
  current: string | null;
}) {
  const { entity, box, selection, columns, records, scroll, draft, draftRow, edits, editing, total } = grid;
  const { focus, range } = selection;
  const events = useRowEvents(actions);
  useKeepFocus(grid, actions);

  const rows = drawnRows(grid);
  const chosen = selection.rows.size === 0 ? "none" : selection.rows.size >= total ? "all" : "some";
  const column = grid.shown[focus.column];
  const focused = focus.row === draftRow ? draft.record : records.at(focus.row);
  const cell =
    column && focused && (focus.row === draftRow ? draft.cells : edits.cells.get(focused.id))?.get(column.id);
  const first = useRef<HTMLButtonElement>(null);
  const [menu, setMenu] = useState<MenuPlace | null>(null);
  const anchor = useCallback(() => cellElement(box.current, focus), [box, focus]);
  const discard = () => focused && column && edits.clear(focused.id, column.id);

  return (
    <>
      <div
        ref={grid.attach}
        className={css.box}
        role="grid"
        aria-label={`Records of ${titleOf(entity)}`}
        aria-rowcount={records.exact ? total + 1 + (draft.open ? 1 : 0) : -1}
        aria-colcount={grid.shown.length + 1}
        aria-multiselectable
        aria-busy={records.loading || records.stale}
        tabIndex={-1}
        onScroll={scroll.onScroll}
        onPointerOver={(event) => {
          // What does not fit its cell is said by a tooltip.
          const text = (event.target as HTMLElement).closest<HTMLElement>(".sw-ellipsis");
          if (text && text.scrollWidth > text.clientWidth) text.title = text.textContent ?? "";
        }}
        onContextMenu={(event) => {
          const target = (event.target as HTMLElement).closest<HTMLElement>("[data-row]");
          if (!target || editing) return;
          event.preventDefault();
          const at = { row: Number(target.dataset.row), column: Number(target.dataset.column) };
          if (!isMarked(selection, at)) actions.moveTo(at);
          const rect = target.getBoundingClientRect();
          // The menu key has no pointer: the menu opens under the cell.
          setMenu(
            event.clientX > 0 ? { x: event.clientX, y: event.clientY } : { x: rect.left, y: rect.bottom },
          );
        }}
        onKeyDown={(event) => {
          if (editing) return;
          const conflict = cell?.state === "conflict" && event.key === "Enter";
          if (conflict && first.current) {
            event.preventDefault();
            first.current.focus();
            return;
          }
          onGridKey(event, {
            extent: actions.extent(),
            focus,
            inDraft: focus.row === draftRow,
            moveTo: actions.moveTo,
            edit: (opening) => actions.edit(focus.row, focus.column, opening),
            setNull: actions.setNull,
            toggleRow: actions.toggleRow,
            chooseAll: () => void actions.chooseAll(),
            remove: actions.remove,
            openRecord: actions.openRecord,
            follow: actions.follow,
            copy: actions.copy,
            paste: actions.paste,
            undo: () => {
              if (!edits.canUndo()) return false;
              void actions.undo();
              return true;
            },
            submitDraft: () => void actions.submitDraft("show"),
            back: actions.back,
          });
        }}
      >
        <HeaderRow
          columns={columns}
          sort={grid.sort}
          onSort={grid.setSort}
          chosen={chosen}
          onChooseAll={() => void actions.chooseAll()}
          onMenu={setMenu}
        />
        <div
          className={css.rows}
          role="rowgroup"
          style={{ height: scroll.scale.height, width: columns.width }}
        >
          <div
            className={css.layer}
            role="presentation"
            style={{ transform: `translateY(${scroll.layer}px)` }}
          >
            {rows.map((index) => {
              const record = records.at(index);
              return (
                <RecordRow
                  key={index}
                  entity={entity.id}
                  index={index}
                  record={record}
                  top={scroll.topOf(index)}
                  width={columns.width}
                  gutter={columns.gutter}
                  columns={columns.placed}
                  focus={focus.row === index ? focus.column : -1}
                  range={markOf(selection, index)}
                  chosen={record !== undefined && selection.rows.has(record.id)}
                  current={record !== undefined && record.id === current}
                  editing={editing?.row === index ? editing : null}
                  cells={record && edits.cells.get(record.id)}
                  events={events}
                />
              );
            })}
          </div>
        </div>
        {draft.open && (
          <RecordRow
            key={DRAFT_ID}
            entity={entity.id}
            index={draftRow}
            record={draft.record}
            top={null}
            width={columns.width}
            gutter={columns.gutter}
            columns={columns.placed}
            focus={focus.row === draftRow ? focus.column : -1}
            range={
              range.top <= draftRow && range.bottom >= draftRow && selection.hasRange
                ? [range.left, range.right]
                : null
            }
            chosen={false}
            current={false}
            editing={editing?.row === draftRow ? editing : null}
            cells={draft.cells}
            draft
            events={events}
          />
        )}
      </div>
      <textarea
        ref={actions.clipboard.field}
        className={css.clip}
        aria-hidden
        tabIndex={-1}
        onPaste={actions.clipboard.onPaste}
      />
      <GridMenu place={menu} close={() => setMenu(null)} grid={grid} actions={actions} />
      {!editing && !menu && (
        <CellNotice
          cell={cell || undefined}
          column={column}
          anchor={anchor}
          refocus={actions.focusCell}
          first={first}
          onEdit={() => actions.edit(focus.row, focus.column)}
          onDiscard={() => {
            if (focus.row === draftRow && column && column.kind !== "links")
              draft.put(column, { value: null, typed: "" });
            else discard();
            actions.focusCell();
          }}
          onRetry={
            focus.row === draftRow
              ? undefined
              : () => {
                  const record = grid.records.at(focus.row);
                  if (cell?.state !== "refused" || !cell.again || !record) return;
                  if (!column || column.kind === "links") return;
                  void edits.save([{ ...cell.again, record, column, typed: cell.typed }]);
                  actions.focusCell();
                }
          }
          onKeepMine={() => {
            if (cell?.state !== "conflict" || !column || column.kind === "links") return;
            void edits.save([{ ...cell.mine, record: cell.theirs, column, typed: cell.typed }]);
            actions.focusCell();
          }}
        />
      )}
    </>
  );
}

/** Rows to draw: those in view, and the one with the focus, so that the focus is never lost. */
function drawnRows({ range, selection, total }: Grid): number[] {
  if (!range) return [];
  const rows = Array.from({ length: range[1] - range[0] + 1 }, (_, i) => range[0] + i);
  const { row } = selection.focus;
  if (row < total && (row < range[0] || row > range[1])) rows.push(row);
  return rows;
}

const marks = new Map<string, readonly [number, number]>();

/** The marked columns of a row; the same array for the same columns, so that rows need not be drawn again. */
function markOf({ range, hasRange }: Grid["selection"], row: number): readonly [number, number] | null {
  if (!hasRange || row < range.top || row > range.bottom) return null;
  const key = `${range.left}:${range.right}`;
  const known = marks.get(key) ?? ([range.left, range.right] as const);
  marks.set(key, known);
  return known;
}

function isMarked({ range }: Grid["selection"], { row, column }: Position): boolean {
  return row >= range.top && row <= range.bottom && column >= range.left && column <= range.right;
}

function useRowEvents(actions: GridActions): RowEvents {
  const latest = useRef(actions);
  latest.current = actions;
  return useMemo<RowEvents>(() => {
    const at = () => latest.current;
    return {
      press: (event: PointerEvent, row, column) => {
        const { now } = at();
        if (event.button !== 0 || isEdited(now.current, row, column)) return;
        if (event.ctrlKey || event.metaKey) {
          const record = at().recordAt(row);
          if (record && row !== now.current.draftRow) now.current.selection.toggleRow(record.id, row);
        }
        at().moveTo({ row, column }, event.shiftKey);
      },
      enter: (_, row, column) => {
        const { selection, draftRow, editing } = at().now.current;
        if (!editing && row !== draftRow && selection.focus.row !== draftRow)
          selection.moveTo({ row, column }, true);
      },
      edit: (row, column) => at().edit(row, column),
      toggle: (row, column) => at().toggle(row, column),
      chooseRow: (event, row) => {
        const { selection } = at().now.current;
        const record = at().recordAt(row);
        if (event.shiftKey && selection.rowAnchor !== null) void at().chooseRange(selection.rowAnchor, row);
        else if (record) selection.toggleRow(record.id, row);
      },
      openRecord: (row) => {
        at().moveTo({ row, column: at().now.current.selection.focus.column });
        at().openRecord();
      },
      commit: (row, column, entry, then) => at().commit(row, column, entry, then),
      cancel: () => at().now.current.setEditing(null),
      refuse: (row, column, typed, reason) => at().refuse(row, column, typed, reason),
      jump: (entity, record) => at().jump(entity, record),
    };
  }, []);
}

function isEdited({ editing }: Grid, row: number, column: number): boolean {
  return editing?.row === row && editing.column === column;
}

/** The focus follows the focused cell while it is in the grid, stays with the draft as rows come, and goes to a refusal. */
function useKeepFocus(grid: Grid, actions: GridActions): void {
  const { focus } = grid.selection;
  const { editing, total, box, draft, edits, selection, records } = grid;
  const { focusCell } = actions;

  /** Whether a person is in the grid: then the focus follows, else it is left where it is. */
  const inside = useRef(false);
  useEffect(() => {
    const note = (event: FocusEvent) => {
      inside.current = box.current?.contains(event.target as Node) ?? false;
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, [box]);
  // Who came along a reference goes on by keyboard here, once there is a cell to be on.
  const { id } = grid.entity;
  const ready = total > 0 && !records.loading;
  useEffect(() => {
    if (!ready || useGridView.getState().arriving !== id) return;
    useGridView.setState({ arriving: null });
    inside.current = true;
    focusCell();
  }, [ready, id, focusCell]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a move of the focus, the end of an edit or a new row is what counts
  useEffect(() => {
    if (inside.current && !editing && isFree()) focusCell();
  }, [focus.row, focus.column, editing, focusCell, total, draft.open]);

  const before = useRef(total);
  useEffect(() => {
    const was = before.current;
    before.current = total;
    if (was === total) return;
    const last = Math.max(0, total - 1);
    if (draft.open && focus.row === was) selection.moveTo({ row: total, column: focus.column });
    else if (!draft.open && focus.row > last && records.exact)
      selection.moveTo({ row: last, column: focus.column });
  }, [total, draft.open, focus, selection, records.exact]);

  const known = useRef(new Set<string>());
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new refusal moves the focus
  useEffect(() => {
    const open = troubles(edits.cells);
    const fresh = open.find((t) => !known.current.has(`${t.record}:${t.column}`));
    known.current = new Set(open.map((t) => `${t.record}:${t.column}`));
    if (!fresh || editing) return;
    const column = grid.shown.findIndex((c) => c.id === fresh.column);
    const row = rowOf(grid, fresh.record);
    if (row >= 0 && column >= 0) actions.moveTo({ row, column });
  }, [edits.cells]);
}

/** Whether the keyboard is in the grid or nowhere: then it may be put on a cell without taking it from anything. */
function isFree(): boolean {
  const active = document.activeElement;
  return (
    active === null ||
    active === document.body ||
    active.closest('[role="grid"]') !== null ||
    active.tagName === "TEXTAREA"
  );
}

/** Where a record is among the rows in view; -1 when it is not. */
export function rowOf({ range, records }: Grid, id: string | undefined): number {
  if (!range || !id) return -1;
  for (let row = range[0]; row <= range[1]; row += 1) if (records.at(row)?.id === id) return row;
  return -1;
}
