// Where a key takes the focus, and what a range covers. Rows and columns count from 0.
import { clamp } from "./scroll";

export interface Position {
  row: number;
  column: number;
}

export interface Extent {
  rows: number;
  columns: number;
  /** Rows a page key moves by. */
  page: number;
}

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
}

/** The cell a movement key leads to, or null when the key does not move. */
export function moved(from: Position, press: KeyPress, extent: Extent): Position | null {
  const far = press.ctrlKey || press.metaKey;
  const lastRow = extent.rows - 1;
  const lastColumn = extent.columns - 1;
  const to = { ...from };
  switch (press.key) {
    case "ArrowUp":
      to.row = far ? 0 : from.row - 1;
      break;
    case "ArrowDown":
      to.row = far ? lastRow : from.row + 1;
      break;
    case "ArrowLeft":
      to.column = far ? 0 : from.column - 1;
      break;
    case "ArrowRight":
      to.column = far ? lastColumn : from.column + 1;
      break;
    case "PageUp":
      to.row = from.row - extent.page;
      break;
    case "PageDown":
      to.row = from.row + extent.page;
      break;
    case "Home":
      to.column = 0;
      if (far) to.row = 0;
      break;
    case "End":
      to.column = lastColumn;
      if (far) to.row = lastRow;
      break;
    default:
      return null;
  }
  return {
    row: clamp(to.row, 0, Math.max(0, lastRow)),
    column: clamp(to.column, 0, Math.max(0, lastColumn)),
  };
}

/** After Tab: the next cell, going on in the next row at the end of one; stays at the very ends. */
export function tabbed(from: Position, backwards: boolean, extent: Extent): Position {
  const at = from.row * extent.columns + from.column + (backwards ? -1 : 1);
  const to = clamp(at, 0, extent.rows * extent.columns - 1);
  return { row: Math.floor(to / extent.columns), column: to % extent.columns };
}

export interface Range {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export function rangeOf(a: Position, b: Position): Range {
  return {
    top: Math.min(a.row, b.row),
    bottom: Math.max(a.row, b.row),
    left: Math.min(a.column, b.column),
    right: Math.max(a.column, b.column),
  };
}

/** Whether a key press stands for a character a person types (and so opens the editor with it). `?` stays the help's. */
export function isTyping(press: KeyPress & { altKey: boolean }): boolean {
  if (press.ctrlKey || press.metaKey || press.altKey) return false;
  return [...press.key].length === 1 && press.key !== " " && press.key !== "?";
}
