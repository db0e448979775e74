import { formatNumber } from "../../shared";
import { patchImport, sourceName, useImport } from "./importState";
import css from "./start.module.css";

/** For the status bar: an import that was put away, one press from its dialog. */
export function ImportStatus() {
  const current = useImport((s) => s.current);
  if (!current || current.shown) return null;
  const done = current.progress ? `, ${formatNumber(current.progress.done)}` : "";
  return (
    <button type="button" className={css.statusButton} onClick={() => patchImport({ shown: true })}>
      Importing {sourceName(current.from)}
      <span className="sw-num">{done}</span>
    </button>
  );
}
