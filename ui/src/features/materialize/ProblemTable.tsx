import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import type { Problem } from "../../api";
import { ErrorNotice, formatNumber } from "../../shared";
import css from "./materialize.module.css";
import { followProblem } from "./state";

/** What is asked for the next problems with. */
export interface More {
  show: () => void;
  /** How many are asked for at once. */
  step: number;
  busy: boolean;
  error: unknown;
}

interface Props {
  problems: Problem[];
  count: number;
  idOf: (entity: string) => string | undefined;
  /** Of more than one entity: each row says of which. */
  several?: boolean;
  /** Where there are more that can be asked for. */
  more?: More | null;
}

/** What stands in the way. Pressing a row opens its record in the grid, at the field. */
export function ProblemTable(props: Props) {
  const { problems } = props;
  const box = useRef<HTMLDivElement>(null);
  // There may be many thousands. Reasons run over several lines, so each row is measured.
  const virtual = useVirtualizer({
    count: problems.length,
    getScrollElement: () => box.current,
    estimateSize: () => 29,
    overscan: 12,
    initialRect: { width: 400, height: 260 },
  });
  const drawn = virtual.getVirtualItems();
  const above = drawn[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  return (
    <>
      <div ref={box} className={css.problems}>
        <table aria-rowcount={problems.length + 1}>
          <caption className="sw-visually-hidden">Values that do not fit their column</caption>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col">Field</th>
              <th scope="col">Value</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {above > 0 && <Gap height={above} />}
            {drawn.map(({ key, index }) => {
              const problem = problems[index];
              // A record can have several problems of one field: only its place tells a row apart.
              return (
                problem && (
                  <tr
                    key={key}
                    ref={virtual.measureElement}
                    data-index={index}
                    aria-rowindex={index + 2}
                    data-by-hand={!problem.settles || undefined}
                  >
                    <Cells problem={problem} several={props.several} entity={props.idOf(problem.entity)} />
                  </tr>
                )
              );
            })}
            {below > 0 && <Gap height={below} />}
          </tbody>
        </table>
      </div>
      <Rest {...props} />
    </>
  );
}

/** Stands for rows that are out of sight. */
function Gap({ height }: { height: number }) {
  return (
    <tr className={css.gap} style={{ height }} aria-hidden>
      <td colSpan={3} />
    </tr>
  );
}

/** `entity`: the id of the record's, where it can be gone to. */
function Cells(props: { problem: Problem; several?: boolean; entity: string | undefined }) {
  const { problem: p, several, entity } = props;
  const field = several ? `${p.entity}.${p.field}` : p.field;
  return (
    <>
      <td>
        <button
          type="button"
          className={css.link}
          disabled={!entity}
          aria-label={`Open ${field} of record ${p.record.slice(-8)} in the grid`}
          title={`Open record ${p.record} at ${p.field}`}
          onClick={() => entity && followProblem(entity, p.record, p.field.split(", ")[0] ?? p.field)}
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
    </>
  );
}

/** How many of all are listed, and the way to the next ones. */
function Rest({ problems, count, more }: Props) {
  const left = count - problems.length;
  if (!more) return left > 0 ? <p className={css.note}>and {formatNumber(left)} more</p> : null;
  return (
    <>
      {more.error !== null && !more.busy && <ErrorNotice error={more.error} />}
      <p className={`${css.note} ${css.rest}`}>
        <span className="sw-num" role="status">
          {formatNumber(problems.length)} of {formatNumber(Math.max(count, problems.length))}
        </span>
        <button type="button" className={css.link} onClick={more.show} disabled={more.busy}>
          {more.busy
            ? "Looking for more…"
            : left > 0
              ? `Show ${formatNumber(Math.min(left, more.step))} more`
              : "Show more"}
        </button>
      </p>
    </>
  );
}

function show(value: Problem["value"]): string {
  return typeof value === "string" ? value || '""' : JSON.stringify(value);
}
