import type { Problem } from "../../api";
import { formatNumber, useView } from "../../shared";
import css from "./materialize.module.css";

/** The values that do not fit their column. Pressing a row shows the entity's records. */
export function ProblemTable(props: {
  problems: Problem[];
  count: number;
  idOf: (entity: string) => string | undefined;
}) {
  const openRecords = useView((s) => s.openRecords);
  const more = props.count - props.problems.length;
  return (
    <div className={css.problems}>
      <table>
        <caption className="sw-visually-hidden">Values that do not fit their column</caption>
        <thead>
          <tr>
            <th scope="col">Record</th>
            <th scope="col">Field</th>
            <th scope="col">Value</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {props.problems.map((p) => {
            const entity = props.idOf(p.entity);
            return (
              <tr key={`${p.record}:${p.field}`}>
                <td className="sw-mono" title={p.record}>
                  <button
                    type="button"
                    className={css.link}
                    disabled={!entity}
                    title={`Open the records of ${p.entity}`}
                    onClick={() => entity && openRecords(entity)}
                  >
                    {p.record.slice(-8)}
                  </button>
                </td>
                <td>{p.field}</td>
                <td className="sw-mono">
                  <span className={css.value} title={show(p.value)}>
                    {show(p.value)}
                  </span>
                </td>
                <td className={css.muted}>{p.reason}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {more > 0 && <p className={css.note}>and {formatNumber(more)} more</p>}
    </div>
  );
}

function show(value: Problem["value"]): string {
  return typeof value === "string" ? value || '""' : JSON.stringify(value);
}
