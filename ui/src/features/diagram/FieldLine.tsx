import { type FocusEvent, type KeyboardEvent, useRef, useState } from "react";
import {
  FIELD_TYPES,
  type FieldType,
  fieldSpecOf,
  newFieldSpec,
  useAddField,
  useEntity,
  useUpdateField,
} from "../../api";
import css from "./card.module.css";
import type { CardRow } from "./cards";
import { setDiagram } from "./state";
import { Problem } from "./TitleInput";

/**
 * A field's name and type, edited on the card; with no row, a new field. Enter keeps it, and for a new one asks for
 * the next at once; leaving keeps it too; Esc gives it up.
 */
export function FieldLine({ entity: id, row }: { entity: string; row: CardRow | null }) {
  const entity = useEntity(id);
  const field = entity?.fields.find((f) => f.id === row?.id);
  const [name, setName] = useState(field?.name ?? "");
  const [type, setType] = useState<FieldType>(field?.type ?? "string");
  const input = useRef<HTMLInputElement>(null);
  const busy = useRef(false);
  const add = useAddField();
  const update = useUpdateField();
  const error = add.error ?? update.error;
  const close = () => setDiagram({ editing: null });

  const keep = async (next: boolean) => {
    const wish = name.trim();
    const unchanged = field && wish === field.name && type === field.type;
    if (wish === "" || unchanged) return close();
    if (busy.current) return;
    busy.current = true;
    try {
      if (field) await update.mutateAsync([id, field.id, { ...fieldSpecOf(field), name: wish, type }]);
      else await add.mutateAsync([id, newFieldSpec(wish, type)]);
      if (field || !next) return close();
      setName("");
      setType("string");
      input.current?.focus();
    } catch {
      // The refusal stands beneath the line, which stays open.
    } finally {
      busy.current = false;
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (event.key === "Enter") {
      event.preventDefault();
      void keep(true);
    }
  };
  const onBlur = (event: FocusEvent<HTMLFormElement>) => {
    if (!event.currentTarget.contains(event.relatedTarget as Node | null)) void keep(false);
  };
  return (
    <form
      className={`${css.line} nodrag nopan nowheel`}
      aria-label={field ? `Field ${field.name}` : "New field"}
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={onKeyDown}
      onBlur={onBlur}
      onDoubleClick={(event) => event.stopPropagation()}
      onClick={(event) => event.stopPropagation()}
    >
      <input
        ref={input}
        className={css.input}
        aria-label="Field name"
        aria-invalid={error ? true : undefined}
        placeholder="Field name"
        value={name}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to edit this
        autoFocus
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <select
        aria-label="Field type"
        value={type}
        onChange={(event) => setType(event.currentTarget.value as FieldType)}
      >
        {FIELD_TYPES.map((word) => (
          <option key={word}>{word}</option>
        ))}
      </select>
      {error && <Problem error={error} />}
    </form>
  );
}
