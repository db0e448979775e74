import { useCallback, useRef } from "react";
import type { EntityRecord, Value } from "../../../api";
import { plural, toast, toastError } from "../../../shared";
import type { Entry, Then } from "../editors";
import { useGridView } from "../gridView";
import { type Column, linkedOf } from "../model/columns";
import { type Position, tabbed } from "../model/navigation";
import { clamp, pageRows } from "../model/scroll";
import { fromTsv, toTsv } from "../model/tsv";
import { copyText, editText, nameOf, storedValue } from "../model/values";
import { editsOf, targetOf } from "./paste";
import { useClipboard } from "./useClipboard";
import type { Grid } from "./useGrid";

/** Most rows that can be chosen, copied or pasted over at once. */
export const MOST_ROWS = 10_000;

/** What a person can do in the grid, for keys, mouse and buttons alike. Reads the grid as it is when it is called. */
export function useGridActions(grid: Grid) {
  const now = useRef(grid);
  now.current = grid;

  const focusCell = useCallback(() => {
    const { box, selection, editing } = now.current;
    // Called a frame later it may come when somebody types already: an editor keeps the keyboard.
    if (editing) return;
    cellElement(box.current, selection.focus)?.focus({ preventScroll: true });
  }, []);
  const clipboard = useClipboard(focusCell);

  const extent = () => {
    const { total, draft, shown, scroll } = now.current;
    return { rows: total + (draft.open ? 1 : 0), columns: shown.length, page: pageRows(scroll.scale) };
  };
  const recordAt = (row: number): EntityRecord | undefined =>
    row === now.current.draftRow ? now.current.draft.record : now.current.records.at(row);

  const moveTo = (to: Position, extend = false) => {
    const { selection, scroll, columns, draftRow } = now.current;
    const leaving = selection.focus.row === draftRow && to.row !== draftRow;
    selection.moveTo(to, extend && !leaving);
    if (to.row !== draftRow) scroll.showRow(to.row);
    columns.showColumn(to.column);
    if (leaving) void submitDraft("stay");
  };

  const canEdit = (record: EntityRecord | undefined, column: Column | undefined, row: number) =>
    Boolean(record && column) &&
    !now.current.readOnly &&
    !column?.readOnly &&
    !(column?.kind === "links" && row === now.current.draftRow);

  const edit = (row: number, at: number, opening?: string) => {
    const { shown, edits, setEditing, draftRow, draft } = now.current;
    const [record, column] = [recordAt(row), shown[at]];
    if (!canEdit(record, column, row) || !record || !column) return;
    const cells = row === draftRow ? draft.cells : edits.cells.get(record.id);
    const cell = cells?.get(column.id);
    if (cell?.state === "saving") return;
    // What was refused comes back to be mended, not to be typed again.
    setEditing({ row, column: at, opening: opening ?? cell?.typed });
  };

  const write = (record: EntityRecord, column: Column, entry: Entry) => {
    if (column.kind === "links") return;
    void now.current.edits.save([{ record, column, ...entry }]);
  };

  const commit = (row: number, at: number, entry: Entry, then: Then) => {
    const { shown, setEditing, draft, draftRow } = now.current;
    const [record, column] = [recordAt(row), shown[at]];
    setEditing(null);
    if (record && column) {
      if (row !== draftRow) write(record, column, entry);
      else if (column.kind !== "links" && (entry.value !== null || draft.values.has(column.id)))
        draft.put(column, entry);
    }
    const to = after({ row, column: at }, then);
    if (to) moveTo(to);
    else if (then === "next" && row === draftRow) void submitDraft("another");
  };

  const refuse = (row: number, at: number, typed: string, reason: string) => {
    const { shown, setEditing, edits, draft, draftRow } = now.current;
    const [record, column] = [recordAt(row), shown[at]];
    setEditing(null);
    if (!record || !column) return;
    const error = { code: "type_mismatch", message: reason };
    if (row === draftRow) draft.refuse(column, typed, error);
    else edits.put(record.id, column.id, { state: "refused", typed, error });
  };

  const after = (from: Position, then: Then): Position | null => {
    const size = extent();
    switch (then) {
      case "stay":
        return null;
      case "down":
        // In a new record the next thing to fill in is beside, not below.
        return from.row === now.current.draftRow
          ? { row: from.row, column: clamp(from.column + 1, 0, size.columns - 1) }
          : { row: clamp(from.row + 1, 0, size.rows - 1), column: from.column };
      case "up":
        return { row: clamp(from.row - 1, 0, size.rows - 1), column: from.column };
      default: {
        const to = tabbed(from, then === "back", size);
        return to.row === from.row && to.column === from.column ? null : to;
      }
    }
  };

  const set = (row: number, at: number, value: Value) => {
    const { shown, draft, draftRow } = now.current;
    const [record, column] = [recordAt(row), shown[at]];
    if (!canEdit(record, column, row) || !record || !column || column.kind === "links") return;
    const entry = { value, typed: column.kind === "field" ? editText(column.type, value) : "", linked: null };
    if (row === draftRow) draft.put(column, entry);
    else write(record, column, entry);
  };

  const toggle = (row: number, at: number) => {
    const [record, column] = [recordAt(row), now.current.shown[at]];
    if (record && column?.kind === "field") set(row, at, storedValue(record, column) !== true);
  };

  const setNull = () => {
    const { top, bottom, left, right } = now.current.selection.range;
    for (let row = top; row <= bottom; row += 1) for (let at = left; at <= right; at += 1) set(row, at, null);
  };

  const chooseRange = async (from: number, to: number) => {
    const [first, last] = [
      Math.min(from, to),
      Math.min(Math.max(from, to), Math.min(from, to) + MOST_ROWS - 1),
    ];
    const records = await now.current.records.read(first, last);
    now.current.selection.chooseRows(
      records.map((r) => r.id),
      from,
    );
  };
  const chooseAll = async () => {
    const { total, selection } = now.current;
    if (total === 0) return;
    if (selection.rows.size > 0 && selection.rows.size >= Math.min(total, MOST_ROWS))
      return selection.clearRows();
    await chooseRange(0, total - 1);
    if (total > MOST_ROWS)
      toast(`The first ${plural(MOST_ROWS, "record")} are selected: narrow the list to reach the others.`);
  };
  const toggleRow = () => {
    const { selection, draftRow, hasRange } = { ...now.current, hasRange: now.current.selection.hasRange };
    const { focus, range } = selection;
    if (focus.row === draftRow) return;
    if (hasRange && range.top !== range.bottom) return void chooseRange(range.top, range.bottom);
    const record = recordAt(focus.row);
    if (record) selection.toggleRow(record.id, focus.row);
  };

  /** Asks before it deletes: the chosen rows, or the one with the focus. */
  const remove = () => {
    const { selection, setRemoving, draftRow, draft, readOnly } = now.current;
    if (readOnly) return;
    if (selection.focus.row === draftRow) return draft.close();
    const record = recordAt(selection.focus.row);
    const ids = selection.rows.size > 0 ? [...selection.rows] : record ? [record.id] : [];
    if (ids.length > 0) setRemoving(ids);
  };

  const jump = (entity: string, record: { id: string; name: string }) =>
    useGridView.getState().jump(now.current.entity.id, entity, {
      column: "id",
      operator: "eq",
      value: record.id,
      shown: record.name,
    });

  const follow = () => {
    const { selection, shown } = now.current;
    const [record, column] = [recordAt(selection.focus.row), shown[selection.focus.column]];
    if (!record || !column || column.kind === "field") return;
    const [other] = linkedOf(record, column);
    if (other) jump(column.target.id, { id: other.id, name: nameOf(other) });
  };

  const copy = () => {
    const { selection, shown, records, draftRow } = now.current;
    const { top, left, right } = selection.range;
    const bottom = Math.min(selection.range.bottom, top + MOST_ROWS - 1);
    const columns = shown.slice(left, right + 1);
    const write = (rows: EntityRecord[]) =>
      clipboard.copy(toTsv(rows.map((r) => columns.map((c) => copyText(r, c)))));
    const here: EntityRecord[] = [];
    for (let row = top; row <= bottom; row += 1) {
      const record = recordAt(row);
      if (record) here.push(record);
    }
    // Rows at hand are copied within the key press, which some web views insist on.
    if (here.length === bottom - top + 1) write(here);
    else
      void records.read(top, Math.min(bottom, draftRow < 0 ? bottom : draftRow - 1)).then(write, toastError);
  };

  const paste = () =>
    clipboard.awaitPaste((text) => void pasteText(text).catch((e) => toastError(e, "Paste")));
  const pasteText = async (text: string) => {
    const { selection, shown, records, edits, total, readOnly, draftRow, draft } = now.current;
    if (text === "" || readOnly) return;
    const cells = fromTsv(text).slice(0, MOST_ROWS);
    const inDraft = selection.range.top === draftRow;
    const target = targetOf(cells, selection.range, inDraft ? draftRow + 1 : total, shown.length);
    const columns = shown.slice(target.left, target.right + 1);
    const rows = inDraft ? [draft.record] : await records.read(target.top, target.bottom);
    const { edits: found, refused } = await editsOf(cells, rows, columns);
    if (inDraft) {
      for (const e of found) draft.put(e.column, e);
      return;
    }
    for (const r of refused)
      edits.put(r.record.id, r.column.id, { state: "refused", typed: r.typed, error: r.error });
    const saved = await edits.save(found);
    const all = found.length + refused.length;
    if (all < 2) return;
    const left = cells.length - rows.length;
    const words = [
      saved === all
        ? `Pasted ${plural(all, "cell")}`
        : `Pasted ${saved} of ${plural(all, "cell")}; the others are marked`,
      ...(left > 0 ? [`${plural(left, "row")} did not fit below`] : []),
    ];
    toast(words.join("; "), saved > 0 ? { label: "Undo", run: () => void undo() } : undefined);
  };

  const undo = async () => {
    try {
      const back = await now.current.edits.undo();
      toast(back === 0 ? "There is no edit to take back here" : `Took back ${plural(back, "value")}`);
    } catch (thrown) {
      toastError(thrown, "Undo");
    }
  };

  const newRecord = () => {
    const { draft, total, shown, readOnly, columns, selection } = now.current;
    if (readOnly) return;
    if (!draft.open) draft.start();
    const first = Math.max(
      0,
      shown.findIndex((c) => c.kind !== "links" && !c.readOnly),
    );
    selection.moveTo({ row: total, column: first });
    columns.showColumn(first);
    // The row is there after the next drawing; then its first cell is ready to be typed in.
    requestAnimationFrame(() => requestAnimationFrame(focusCell));
  };

  const submitDraft = async (then: "stay" | "show" | "another") => {
    const { draft, total, narrowed, sort, entity } = now.current;
    if (!draft.touched && then !== "show") {
      if (then === "stay") draft.close();
      return;
    }
    const values = draft.values;
    const result = await draft.submit();
    if (!result) return;
    if ("refused" in result) {
      const { shown, draftRow, selection } = now.current;
      const at = shown.findIndex((c) => c.id === result.refused?.id);
      selection.moveTo({ row: draftRow, column: at >= 0 ? at : selection.focus.column });
      requestAnimationFrame(focusCell);
      return;
    }
    const name = nameOf(result.record);
    const inPlace = !narrowed && sort.length === 0;
    if (then === "another") newRecord();
    else if (then === "show" && inPlace) requestAnimationFrame(() => moveTo({ row: total, column: 0 }));
    if (!inPlace) {
      toast(`Added ${name}`, {
        label: "Show it",
        run: () => jump(entity.id, { id: result.record.id, name }),
      });
    }
    void values;
  };

  const openRecord = () => {
    const { detailOpen, setDetail } = useGridView.getState();
    setDetail({ detailOpen: !detailOpen });
  };

  /** Esc: closes the nearest thing that is open. */
  const back = (): boolean => {
    const { selection, draft, draftRow } = now.current;
    const view = useGridView.getState();
    if (selection.focus.row === draftRow) discardDraft();
    else if (selection.hasRange) selection.clearRange();
    else if (selection.rows.size > 0) selection.clearRows();
    else if (view.detailOpen) view.setDetail({ detailOpen: false });
    else if (draft.open && !draft.touched) draft.close();
    else return false;
    return true;
  };

  const discardDraft = () => {
    const { draft, total, selection, scroll } = now.current;
    const kept = draft.touched ? draft.values : null;
    draft.close();
    const row = Math.max(0, total - 1);
    selection.moveTo({ row, column: selection.focus.column });
    scroll.showRow(row);
    if (kept)
      toast("New record discarded", { label: "Bring it back", run: () => now.current.draft.start(kept) });
  };

  return {
    now,
    clipboard,
    focusCell,
    extent,
    recordAt,
    moveTo,
    edit,
    commit,
    refuse,
    toggle,
    setNull,
    chooseRange,
    chooseAll,
    toggleRow,
    remove,
    jump,
    follow,
    copy,
    paste,
    undo,
    newRecord,
    submitDraft,
    openRecord,
    back,
  };
}

export type GridActions = ReturnType<typeof useGridActions>;

export function cellElement(box: HTMLElement | null, at: Position): HTMLElement | null {
  return box?.querySelector<HTMLElement>(`[data-row="${at.row}"][data-column="${at.column}"]`) ?? null;
}
