import type { EntityRecord, LinkedRecord, Value } from "../../../api";
import type { Column } from "../model/columns";

/** Where the focus goes after a value was taken. */
export type Then = "stay" | "down" | "up" | "next" | "back";

export interface Entry {
  value: Value;
  /** What stood in the editor. */
  typed: string;
  /** The other record, for a reference. */
  linked?: LinkedRecord | null;
}

export interface EditorProps<C extends Column = Column> {
  column: C;
  record: EntityRecord;
  /** What the editor opens with instead of the value: a typed character, or a text that was refused. */
  opening?: string;
  onCommit: (entry: Entry, then: Then) => void;
  onCancel: () => void;
  /** The editor was left with a text that is no value of the type: it is kept at its cell, with the reason. */
  onRefuse: (typed: string, reason: string) => void;
}

interface Press {
  key: string;
  shiftKey: boolean;
}

/** Enter and Tab take the value and move on, with Shift the other way; null for any other key. */
export function thenOf({ key, shiftKey }: Press): Then | null {
  if (key === "Enter") return shiftKey ? "up" : "down";
  if (key === "Tab") return shiftKey ? "back" : "next";
  return null;
}
