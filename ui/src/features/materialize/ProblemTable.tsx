import type { Problem } from "../../api";
import { formatNumber } from "../../shared";
import css from "./materialize.module.css";
import { followProblem } from "./state";

/** What stands in the way. Pressing a row opens its record in the grid, at the field. */
export function ProblemTable(props: {
  problems: Problem[];
  count: number;
  idOf: (entity: string) => string | undefined;
  /** Of more than one entity: each row says of which. */
  several?: boolean;
  /** The command that lists those there is no room for. */
  rest?: string;
}) {
  const more = props.count - props.problems.length;
  return (
    <div className={css.problems}>
      <table>
        <caption className="sw-visually-hidden">Values that do not fit their column</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Value</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {props.problems.map((p) => {
            const entity = props.idOf(p.entity);
            const field = props.several ? `${p.entity}.${p.field}` : p.field;
            return (
              <tr key={`${p.record}:${p.field}`} data-by-hand={!p.settles || undefined}>
                <td>
                  <button
                    type="button"
                    className={css.link}
                    disabled={!entity}
                    aria-label={`Open ${field} of record ${p.record.slice(-8)} in the grid`}
                    title={`Open record ${p.record} at ${p.field}`}
                    onClick={() =>
                      entity && followProblem(entity, p.record, p.field.split(", ")[0] ?? p.field)
                    }
                  >
                    <span className={css.fieldName}>{field}</span>
                  </button>
                </td>
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
      {more > 0 && (
        <p className={css.note}>
          and {formatNumber(more)} more
          {props.rest && (
            <>
              , which <code>{props.rest}</code> lists
            </>
          )}
        </p>
      )}
    </div>
  );
}

function show(value: Problem["value"]): string {
  return typeof value === "string" ? value || '""' : JSON.stringify(value);
}
