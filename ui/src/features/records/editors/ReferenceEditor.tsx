import { useState } from "react";
import { useRecordSearch } from "../../../api";
import { linkedOf, type ReferenceColumn } from "../model/columns";
import { nameOf, storedValue } from "../model/values";
import type { EditorProps } from "./editor";
import { type Option, Picker } from "./Picker";

const NONE = "none";

/** A record of the other entity, found by its primary value. */
export function ReferenceEditor({
  column,
  record,
  opening,
  onCommit,
  onCancel,
}: EditorProps<ReferenceColumn>) {
  const [text, setText] = useState(opening ?? "");
  const { found, busy, error } = useRecordSearch(column.target.id, text);
  const now = storedValue(record, column);
  const current = linkedOf(record, column)[0];
  const first = text === "" && current && !found.some((r) => r.id === current.id) ? [current] : [];
  const options: Option[] = [
    ...(!column.required && text === "" ? [{ key: NONE, label: "None", chosen: now === null }] : []),
    ...[...first, ...found].map((r) => ({
      key: r.id,
      label: nameOf(r),
      chosen: r.id === now,
      // The id tells records of one name apart; elsewhere it would be noise.
      hint:
        found.filter((f) => f.primary_value === r.primary_value).length > 1
          ? `#${r.id.slice(-6)}`
          : undefined,
    })),
  ];
  return (
    <Picker
      label={`${column.title}: search ${column.target.name}`}
      placeholder={current ? nameOf(current) : `Search ${column.target.name}`}
      text={text}
      onText={setText}
      options={options}
      busy={busy}
      empty={error ? "The records could not be searched" : `No ${column.target.name} has that name`}
      onChoose={(key, then) => {
        if (key === NONE) return onCommit({ value: null, typed: "", linked: null }, then);
        const other = [...first, ...found].find((r) => r.id === key);
        if (!other) return onCommit({ value: text.trim() || null, typed: text }, then);
        const linked = { id: other.id, primary_value: other.primary_value };
        onCommit({ value: other.id, typed: nameOf(other), linked }, then);
      }}
      onCancel={onCancel}
    />
  );
}
