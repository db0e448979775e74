import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addLinks, type LinkedRecord, removeLinks, showRecord, useRecordSearch } from "../../../api";
import { type AppError, toAppError } from "../../../shared";
import { type LinksColumn, linkedOf } from "../model/columns";
import { nameOf } from "../model/values";
import type { EditorProps } from "./editor";
import css from "./editors.module.css";
import { type Option, Picker } from "./Picker";

/** Adds and takes away links of a many-to-many; each at once, since each stands for itself. */
export function LinksEditor(props: EditorProps<LinksColumn> & { entity: string }) {
  const { column, record, entity } = props;
  const client = useQueryClient();
  const [text, setText] = useState(props.opening ?? "");
  const [linked, setLinked] = useState<LinkedRecord[]>(linkedOf(record, column));
  const [error, setError] = useState<AppError | null>(null);
  const { found, busy } = useRecordSearch(column.target.id, text);

  const toggle = async (other: LinkedRecord) => {
    const had = linked.some((l) => l.id === other.id);
    const next = had
      ? linked.filter((l) => l.id !== other.id)
      : [...linked, { id: other.id, primary_value: other.primary_value }];
    setLinked(next);
    setText("");
    setError(null);
    try {
      await (had ? removeLinks : addLinks)(column.relationship.id, entity, record.id, [other.id]);
      showRecord(client, entity, { ...record, links: { [column.key]: next } });
    } catch (thrown) {
      setLinked(linked);
      setError(toAppError(thrown));
    }
  };

  const options: Option[] = found.map((r) => ({
    key: r.id,
    label: nameOf(r),
    chosen: linked.some((l) => l.id === r.id),
  }));
  return (
    <Picker
      label={`${column.title}: search ${column.target.name}`}
      placeholder={`Add ${column.target.name}`}
      text={text}
      onText={setText}
      options={options}
      busy={busy}
      empty={`No ${column.target.name} has that name`}
      multiple
      onChoose={(key, then) => {
        const other = found.find((r) => r.id === key);
        if (other && (then === "stay" || then === "down")) void toggle(other);
        else props.onCommit({ value: null, typed: "" }, then);
      }}
      onErase={() => {
        const last = linked.at(-1);
        if (last) void toggle(last);
      }}
      onCancel={props.onCancel}
    >
      {linked.length > 0 && (
        <div className={css.chosen}>
          {linked.map((other) => (
            <button
              key={other.id}
              type="button"
              tabIndex={-1}
              className={css.chip}
              onClick={() => void toggle(other)}
            >
              {nameOf(other)} <span aria-hidden>×</span>
              <span className="sw-visually-hidden">remove</span>
            </button>
          ))}
        </div>
      )}
      {error && (
        <p className={css.problem} role="alert">
          {error.message}
        </p>
      )}
    </Picker>
  );
}
