import { runAction } from "../../actions";
import { useUndoState } from "../../api";
import { useReadOnly } from "../../shared";
import css from "./history.module.css";

/** At the right of the status bar: what Undo would undo, and the version of the schema. */
export function UndoStatus() {
  const { data } = useUndoState();
  const readOnly = useReadOnly() !== null;
  if (!data) return null;
  return (
    <>
      {data.undo && !readOnly && (
        <button
          type="button"
          className={css.undoStatus}
          title="Undo (Ctrl Z)"
          onClick={() => runAction("edit.undo")}
        >
          Undo: {sentence(data.undo)}
        </button>
      )}
      <span className="sw-num" title="Version of the schema">
        v {data.version}
      </span>
    </>
  );
}

/** "Rename field total" → "rename field total": it follows a colon. A word in capitals stays. */
export function sentence(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
