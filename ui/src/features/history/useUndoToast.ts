import { useEffect, useRef } from "react";
import { runAction } from "../../actions";
import { type SchemaChange, useChangelog } from "../../api";
import { toast } from "../../shared";

/** A move shows for itself, and a job tells of its own end. */
const QUIET = new Set(["move", "materialize", "dematerialize", "import"]);

/** The change to speak of, seen from the newest version spoken of so far: a new one, not an undo or a redo of an old. */
export function newChange(log: SchemaChange[] | undefined, seen: number | null): SchemaChange | null {
  const top = log?.find((c) => !c.undone);
  if (!top || seen === null || top.version <= seen || QUIET.has(top.kind)) return null;
  return top;
}

/** After an edit a discreet word with Undo. What was there on opening is not news. */
export function useUndoToast(): void {
  const { data: log } = useChangelog();
  const seen = useRef<number | null>(null);
  useEffect(() => {
    if (!log) return;
    const change = newChange(log, seen.current);
    seen.current = Math.max(seen.current ?? 0, ...log.slice(0, 1).map((c) => c.version));
    if (change) toast(change.description, { label: "Undo", run: () => runAction("edit.undo") }, "edit");
  }, [log]);
}
