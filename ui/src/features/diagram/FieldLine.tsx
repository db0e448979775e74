import { type FocusEvent, type KeyboardEvent, useRef, useState } from "react";
import { usePlanFirst } from "../../actions";
import {
  FIELD_TYPES,
  type FieldType,
  fieldSpecOf,
  newFieldSpec,
  type SchemaEdit,
  useApplyEdit,
  useEntity,
} from "../../api";
import css from "./card.module.css";
import type { CardRow } from "./cards";
import { type LineDraft, setDiagram } from "./state";
import { Problem } from "./TitleInput";

/**
 * A field's name and type, edited on the card; with no row, a new field. Enter keeps it, and for a new one asks for
 * the next at once; leaving keeps it too; Esc gives it up. Where its plan is looked at first, only Enter asks for that:
 * who leaves the line may be on the way to another entity, and that would close the plan.
 */
export function FieldLine(props: { entity: string; row: CardRow | null; draft?: LineDraft }) {
  const { entity: id, row, draft } = props;
  const entity = useEntity(id);
  const field = entity?.fields.find((f) => f.id === row?.id);
  const [name, setName] = useState(draft?.name ?? field?.name ?? "");
  const [type, setType] = useState<FieldType>(draft?.type ?? field?.type ?? "string");
  const input = useRef<HTMLInputElement>(null);
  const busy = useRef(false);
  const apply = useApplyEdit();
  const plan = usePlanFirst();
  const error = apply.error;
  const close = () => setDiagram({ editing: null });

  /** Who does not like the plan finds the line as it was, to say it otherwise. */
  const look = (edit: SchemaEdit) => {
    const typed = { entity: id, draft: { name, type } };
    const back = () =>
      setDiagram({ editing: row ? { kind: "row", row: row.id, ...typed } : { kind: "add", ...typed } });
    plan.ask(edit, back);
    close();
  };
  const keep = async (entered: boolean) => {
    const wish = name.trim();
    const unchanged = field && wish === field.name && type === field.type;
    if (wish === "" || unchanged) return close();
    if (busy.current) return;
    const edit: SchemaEdit = field
      ? {
          edit: "update_field",
          entity: id,
          field: field.id,
          spec: { ...fieldSpecOf(field), name: wish, type },
        }
      : { edit: "add_field", entity: id, spec: newFieldSpec(wish, type) };
    if (plan.asks(edit)) {
      if (entered) look(edit);
      return;
    }
    busy.current = true;
    try {
      await apply.mutateAsync([edit]);
      if (field || !entered) return close();
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
