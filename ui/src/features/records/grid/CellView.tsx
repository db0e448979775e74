import { ArrowUpRight, Check, FileText, Image as ImageIcon, TriangleAlert } from "lucide-react";
import { memo } from "react";
import type { EntityRecord, LinkedRecord, Value } from "../../../api";
import type { CellState } from "../model/cells";
import { type Column, linkedOf } from "../model/columns";
import { formatValue, nameOf, storedValue } from "../model/values";
import css from "./cell.module.css";

/** Opens another entity on one record. */
export type Jump = (entity: string, record: { id: string; name: string }) => void;

interface Props {
  record: EntityRecord;
  column: Column;
  state?: CellState;
  jump: Jump;
}

/** What a cell shows when nobody edits it. */
export const CellView = memo(function CellView({ record, column, state, jump }: Props) {
  if (state?.state === "refused" || state?.state === "conflict") {
    return (
      <>
        <span className="sw-ellipsis">{state.typed}</span>
        <span className={css.flag}>
          <TriangleAlert size={13} aria-hidden />
        </span>
      </>
    );
  }
  if (column.kind !== "field") {
    const pending = state?.state === "saving" ? state.linked : undefined;
    const linked = pending === undefined ? linkedOf(record, column) : pending ? [pending] : [];
    const dangling = column.kind === "reference" && linked.length === 0 ? storedValue(record, column) : null;
    if (dangling !== null && state?.state !== "saving")
      return (
        <Unresolved
          id={String(dangling)}
          record={record}
          name={column.kind === "reference" ? column.name : ""}
        />
      );
    return <Linked linked={linked} column={column} jump={jump} />;
  }
  const value = state?.state === "saving" ? state.value : storedValue(record, column);
  const problem = record.problems?.[column.name];
  return (
    <>
      <ValueView column={column} value={value} />
      {problem && (
        <span
          className={css.problem}
          role="img"
          aria-label={`Does not fit: ${problem}`}
          title={`This value ${problem}`}
        >
          <TriangleAlert size={13} aria-hidden />
        </span>
      )}
    </>
  );
});

export function Null() {
  return (
    <span className={css.null} role="img" aria-label="no value">
      –
    </span>
  );
}

export function ValueView({ column, value }: { column: Extract<Column, { kind: "field" }>; value: Value }) {
  if (value === null) return <Null />;
  if (value === "") {
    return (
      <span className={css.null} role="img" aria-label="empty text">
        “”
      </span>
    );
  }
  const text = formatValue(column.type, column.field.config, value);
  switch (column.type) {
    case "bool":
      return typeof value === "boolean" ? <Tick on={value} /> : <span className="sw-ellipsis">{text}</span>;
    case "select":
      return <span className={css.chip}>{text}</span>;
    case "multiselect":
      return Array.isArray(value) ? (
        <span className={css.chips}>
          {value.map((item) => (
            <span key={String(item)} className={css.chip}>
              {String(item)}
            </span>
          ))}
        </span>
      ) : (
        <span className="sw-ellipsis">{text}</span>
      );
    case "file":
    case "image":
      return (
        <>
          <span className={css.icon}>
            {column.type === "file" ? <FileText size={13} /> : <ImageIcon size={13} />}
          </span>
          <span className="sw-ellipsis">{text}</span>
        </>
      );
    case "json":
    case "binary":
    case "uuid":
      return <span className={`sw-ellipsis ${css.mono}`}>{text}</span>;
    default:
      // A cell is one line: further lines are seen in the editor and in the record's own panel.
      return <span className="sw-ellipsis">{text.length > 400 ? `${text.slice(0, 400)}…` : text}</span>;
  }
}

export function Tick({ on }: { on: boolean }) {
  return (
    <span className={css.tick} data-on={on || undefined} role="img" aria-label={on ? "true" : "false"}>
      {on && <Check size={11} strokeWidth={3} aria-hidden />}
    </span>
  );
}

function Linked({
  linked,
  column,
  jump,
}: {
  linked: LinkedRecord[];
  column: Exclude<Column, { kind: "field" }>;
  jump: Jump;
}) {
  if (linked.length === 0) return column.kind === "reference" ? <Null /> : null;
  return (
    <span className={css.chips}>
      {linked.map((other) => (
        <Chip key={other.id} other={other} column={column} jump={jump} />
      ))}
    </span>
  );
}

/** A linked record by name, with the arrow that leads to it. */
export function Chip(props: { other: LinkedRecord; column: Exclude<Column, { kind: "field" }>; jump: Jump }) {
  const { other, column, jump } = props;
  const name = nameOf(other);
  return (
    <span className={css.link} data-unnamed={!other.primary_value || undefined}>
      <span className="sw-ellipsis">{name}</span>
      <button
        type="button"
        className={css.arrow}
        tabIndex={-1}
        aria-label={`Open ${name} in ${column.target.name}`}
        title={`Open in ${column.target.name}`}
        onPointerDown={(e) => e.stopPropagation()}
        onClick={(e) => {
          e.stopPropagation();
          jump(column.target.id, { id: other.id, name });
        }}
        onDoubleClick={(e) => e.stopPropagation()}
      >
        <ArrowUpRight size={12} aria-hidden />
      </button>
    </span>
  );
}

/** A reference whose record was not given: shown by its id. */
function Unresolved({ id, record, name }: { id: string; record: EntityRecord; name: string }) {
  const problem = record.problems?.[name];
  return (
    <>
      <span className={`sw-ellipsis ${css.mono}`}>{id}</span>
      {problem && (
        <span
          className={css.problem}
          role="img"
          aria-label={`Does not fit: ${problem}`}
          title={`This value ${problem}`}
        >
          <TriangleAlert size={13} aria-hidden />
        </span>
      )}
    </>
  );
}
