import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { ChevronDown, ChevronUp, Copy, Lock, X } from "lucide-react";
import { useState } from "react";
import { type EntityRecord, titleOf } from "../../../api";
import { formatWhen, SectionLabel } from "../../../shared";
import { Editor } from "../editors";
import { CellView } from "../grid/CellView";
import { TypeIcon, typeWord } from "../grid/typeIcons";
import type { Grid } from "../grid/useGrid";
import type { GridActions } from "../grid/useGridActions";
import { useGridView } from "../gridView";
import type { Column, FieldColumn } from "../model/columns";
import { nameOf, storedValue } from "../model/values";
import css from "./detail.module.css";
import { Incoming, LinkSections } from "./Related";

/** One record in full: every field, what it is linked to, and what refers to it. */
export function RecordDetail(props: { grid: Grid; actions: GridActions; record: EntityRecord | undefined }) {
  const { grid, actions, record } = props;
  const { focus } = grid.selection;
  const step = (by: number) => actions.moveTo({ row: focus.row + by, column: focus.column });
  return (
    <>
      <header className={css.header}>
        <h3 className={css.name} title={record ? nameOf(record) : undefined}>
          {record ? nameOf(record) : "No record"}
        </h3>
        <ActionIcon aria-label="Record before" disabled={focus.row === 0} onClick={() => step(-1)}>
          <ChevronUp size={16} />
        </ActionIcon>
        <ActionIcon aria-label="Record after" disabled={focus.row >= grid.total - 1} onClick={() => step(1)}>
          <ChevronDown size={16} />
        </ActionIcon>
        <ActionIcon
          aria-label="Close the record panel"
          onClick={() => {
            useGridView.getState().setDetail({ detailOpen: false });
            actions.focusCell();
          }}
        >
          <X size={16} />
        </ActionIcon>
      </header>
      {record && (
        <div key={record.id} className={css.scroll}>
          <dl className={css.fields} aria-label={`Fields of ${nameOf(record)}`}>
            {grid.all
              .filter((c) => c.kind !== "links")
              .map((column) => (
                <DetailField key={column.id} grid={grid} actions={actions} record={record} column={column} />
              ))}
          </dl>
          <LinkSections grid={grid} actions={actions} record={record} />
          <Incoming grid={grid} record={record} />
          <section className={css.section}>
            <SectionLabel>Record</SectionLabel>
            <Facts record={record} entity={titleOf(grid.entity)} />
          </section>
        </div>
      )}
    </>
  );
}

function DetailField(props: { grid: Grid; actions: GridActions; record: EntityRecord; column: Column }) {
  const { grid, actions, record, column } = props;
  const [editing, setEditing] = useState(false);
  if (column.kind === "links") return null;
  const state = grid.edits.cells.get(record.id)?.get(column.id);
  const locked = grid.readOnly || column.readOnly;
  const edit = () => !locked && setEditing(true);
  return (
    <div className={css.field}>
      <dt title={typeWord(column)}>
        <TypeIcon column={column} size={12} />
        <span className="sw-ellipsis">{column.title}</span>
        {column.required && <span className={css.star}>*</span>}
        {column.readOnly && (
          <span className={css.hint} role="img" aria-label="read-only" title="Read-only">
            <Lock size={11} aria-hidden />
          </span>
        )}
      </dt>
      <dd>
        {editing ? (
          <span className={css.editor}>
            <Editor
              entity={grid.entity.id}
              column={column}
              record={record}
              opening={state && state.state !== "saving" ? state.typed : undefined}
              onCancel={() => setEditing(false)}
              onRefuse={(typed, reason) => {
                setEditing(false);
                const error = { code: "type_mismatch", message: reason };
                grid.edits.put(record.id, column.id, { state: "refused", typed, error });
              }}
              onCommit={(entry) => {
                setEditing(false);
                void grid.edits.save([{ record, column, ...entry }]);
              }}
            />
          </span>
        ) : (
          // biome-ignore lint/a11y/useSemanticElements: the value holds buttons of its own (the arrow of a link)
          <div
            className={css.value}
            role="button"
            tabIndex={0}
            aria-label={`Edit ${column.title}`}
            aria-disabled={locked}
            data-state={state?.state}
            onClick={edit}
            onKeyDown={(event) => {
              if (event.key !== "Enter" && event.key !== "F2") return;
              event.preventDefault();
              edit();
            }}
          >
            <FullValue record={record} column={column} state={state} jump={actions.jump} />
          </div>
        )}
        {state?.state === "refused" && (
          <p className={css.error} role="alert">
            {state.error.message}
          </p>
        )}
      </dd>
    </div>
  );
}

/** Long text and JSON in full; everything else as in its cell. */
function FullValue(props: Parameters<typeof CellView>[0]) {
  const { record, column, state } = props;
  const value = storedValue(record, column);
  if (column.kind !== "field" || state || value === null || value === "") return <CellView {...props} />;
  if (isLong(column) && typeof value === "string") return <span className={css.long}>{value}</span>;
  if (column.type === "json") return <pre className={css.json}>{JSON.stringify(value, null, 2)}</pre>;
  if (column.type === "binary" && typeof value === "string") {
    return <span className={css.hex}>{value.replace(/(..)(?=.)/g, "$1 ").slice(0, 3000)}</span>;
  }
  return <CellView {...props} />;
}

function isLong(column: FieldColumn): boolean {
  return ["string", "text", "url", "email"].includes(column.type);
}

function Facts({ record, entity }: { record: EntityRecord; entity: string }) {
  return (
    <dl className={css.facts}>
      <dt>Id</dt>
      <dd>
        <code className={css.id}>{record.id}</code>
        <CopyButton value={record.id}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? "Copied" : "Copy"}>
              <ActionIcon size={20} aria-label={`Copy the id of this ${entity}`} onClick={copy}>
                <Copy size={12} />
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </dd>
      <dt>Version</dt>
      <dd>{record.version}</dd>
      <dt>Created</dt>
      <dd title={record.created_at}>{formatWhen(record.created_at)}</dd>
      <dt>Changed</dt>
      <dd title={record.updated_at}>{formatWhen(record.updated_at)}</dd>
    </dl>
  );
}
