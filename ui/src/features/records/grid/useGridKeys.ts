import type { KeyboardEvent } from "react";
import { type Extent, isTyping, moved, type Position, tabbed } from "../model/navigation";

/** What the keys of the grid do; each is given by the grid. */
export interface GridCommands {
  extent: Extent;
  focus: Position;
  inDraft: boolean;
  moveTo: (to: Position, extend?: boolean) => void;
  edit: (opening?: string) => void;
  setNull: () => void;
  toggleRow: () => void;
  chooseAll: () => void;
  remove: () => void;
  openRecord: () => void;
  follow: () => void;
  copy: () => void;
  paste: () => void;
  /** False when there is no edit to take back. */
  undo: () => boolean;
  submitDraft: () => void;
  /** One step back; false when there was nothing to step back from. */
  back: () => boolean;
}

/** Handles a key pressed on a cell. What it does not know goes on to the window's shortcuts. */
export function onGridKey(event: KeyboardEvent, grid: GridCommands): void {
  if (event.defaultPrevented || !(event.target as HTMLElement).matches('[role="gridcell"], [role="grid"]'))
    return;
  if (handled(event, grid)) event.preventDefault();
}

function handled(event: KeyboardEvent, grid: GridCommands): boolean {
  const { key, shiftKey: shift } = event;
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey) return false;
  const to = moved(grid.focus, event, grid.extent);
  if (to) {
    grid.moveTo(to, shift);
    return true;
  }
  if (mod) return withMod(key.toLowerCase(), shift, grid);
  switch (key) {
    case "Tab": {
      const next = tabbed(grid.focus, shift, grid.extent);
      // At the very ends Tab leaves the grid: nothing traps the focus.
      if (next.row === grid.focus.row && next.column === grid.focus.column) return false;
      grid.moveTo(next);
      return true;
    }
    case "Enter":
    case "F2":
      grid.edit();
      return true;
    case "Delete":
    case "Backspace":
      grid.remove();
      return true;
    case " ":
      if (shift) grid.toggleRow();
      else grid.openRecord();
      return true;
    case "Escape":
      return grid.back();
    default:
      if (!isTyping(event)) return false;
      grid.edit(key);
      return true;
  }
}

function withMod(key: string, shift: boolean, grid: GridCommands): boolean {
  switch (key) {
    case "a":
      grid.chooseAll();
      return true;
    case "c":
      grid.copy();
      return true;
    case "v":
      // The paste itself comes as an event of its own, so the key must go through.
      grid.paste();
      return false;
    case "z":
      // With no edit to take back here the key goes on, to the undo of the schema.
      return !shift && grid.undo();
    case "backspace":
      grid.setNull();
      return true;
    case "enter":
      if (grid.inDraft) grid.submitDraft();
      else grid.follow();
      return true;
    case " ":
      grid.toggleRow();
      return true;
    default:
      return false;
  }
}
