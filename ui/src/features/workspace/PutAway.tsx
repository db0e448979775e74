import { formatNumber, placeName } from "../../shared";
import { patchCopy, useCopy } from "./copyState";
import { patchImport, sourceName, useImport } from "./importState";
import css from "./start.module.css";

/** For the status bar: an import or a copy that was put away, one press from its dialog. */
export function PutAway() {
  const importing = useImport((s) => s.current);
  const copying = useCopy((s) => s.current);
  return (
    <>
      {importing && !importing.shown && (
        <button type="button" className={css.statusButton} onClick={() => patchImport({ shown: true })}>
          Importing {sourceName(importing.from)}
          <Done done={importing.progress?.done} />
        </button>
      )}
      {copying && !copying.shown && (
        <button type="button" className={css.statusButton} onClick={() => patchCopy({ shown: true })}>
          Copying to {placeName(copying.to)}
          <Done done={copying.progress?.overall_done} />
        </button>
      )}
    </>
  );
}

function Done({ done }: { done: number | undefined }) {
  return done === undefined ? null : <span className="sw-num">, {formatNumber(done)}</span>;
}
