import { ActionIcon } from "@mantine/core";
import { ChevronRight, GripVertical, Plus } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { type Entity, type Field, useReorderFields } from "../../api";
import { isReadOnly, SectionLabel, toastError, useView, Writes } from "../../shared";
import { useKeptDraft } from "./draft";
import { FieldEditor } from "./FieldEditor";
import { fieldSummary, movedTo } from "./fieldText";
import css from "./inspector.module.css";
import { NewField } from "./NewField";

/** The entity's fields in display order: a row opens its editor, its grip or Alt with the arrows moves it. */
export function FieldList({ entity }: { entity: Entity }) {
  const selection = useView((s) => s.selection);
  const select = useView((s) => s.select);
  const reorder = useReorderFields();
  const [adding, setAdding] = useState(useKeptDraft("field", entity.id) !== null);
  const [order, setOrder] = useState<string[] | null>(null);
  const [said, setSaid] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const open = selection?.kind === "field" ? selection.field : null;
  const fields = inOrder(entity.fields, order);
  const ids = fields.map((f) => f.id);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what the engine says replaces what the hand did
  useEffect(() => setOrder(null), [entity.fields]);

  const keep = (next: string[]) => {
    if (next.join() === entity.fields.map((f) => f.id).join()) return setOrder(null);
    setOrder(next);
    reorder.mutate([entity.id, next], {
      onError: (error) => {
        setOrder(null);
        toastError(error, "The order stays");
      },
    });
  };
  const step = (field: Field, by: number) => {
    const from = ids.indexOf(field.id);
    const to = from + by;
    if (to < 0 || to >= ids.length || isReadOnly()) return;
    keep(movedTo(ids, from, to));
    setSaid(`${field.name} is now field ${to + 1} of ${ids.length}`);
  };
  const drag = (down: PointerEvent, field: Field) => {
    if (down.button !== 0) return;
    down.preventDefault();
    let now = ids;
    const move = (event: globalThis.PointerEvent) => {
      const rows = [...(list.current?.querySelectorAll<HTMLElement>("[data-field]") ?? [])];
      const over = rows.findIndex((row) => event.clientY < row.getBoundingClientRect().bottom);
      const to = over < 0 ? rows.length - 1 : over;
      const from = now.indexOf(field.id);
      if (to === from) return;
      now = movedTo(now, from, to);
      setOrder(now);
    };
    const up = () => {
      window.removeEventListener("pointermove", move);
      keep(now);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up, { once: true });
  };

  return (
    <section className={css.section}>
      <SectionLabel
        action={
          <Writes>
            <ActionIcon size={22} aria-label="Add field" title="Add field" onClick={() => setAdding(true)}>
              <Plus size={14} />
            </ActionIcon>
          </Writes>
        }
      >
        Fields
      </SectionLabel>
      {fields.length === 0 && !adding && <p className={css.none}>No fields yet.</p>}
      <ul ref={list} className={css.list} aria-label="Fields">
        {fields.map((field) => (
          <FieldRow
            key={field.id}
            entity={entity.id}
            field={field}
            open={open === field.id}
            onToggle={() =>
              select(
                open === field.id
                  ? { kind: "entity", entity: entity.id }
                  : { kind: "field", entity: entity.id, field: field.id },
              )
            }
            onStep={(by) => step(field, by)}
            onGrip={(event) => drag(event, field)}
          />
        ))}
      </ul>
      {adding && <NewField entity={entity.id} onClose={() => setAdding(false)} />}
      <span className="sw-visually-hidden" role="status">
        {said}
      </span>
    </section>
  );
}

function inOrder(fields: readonly Field[], order: string[] | null): Field[] {
  const stored = [...fields].sort((a, b) => a.order - b.order);
  if (!order) return stored;
  return stored.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

function FieldRow(props: {
  entity: string;
  field: Field;
  open: boolean;
  onToggle: () => void;
  onStep: (by: number) => void;
  onGrip: (event: PointerEvent) => void;
}) {
  const { field } = props;
  const row = useRef<HTMLLIElement>(null);
  // A field picked on the diagram comes into sight here.
  useEffect(() => {
    if (props.open) row.current?.scrollIntoView({ block: "nearest" });
  }, [props.open]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    event.stopPropagation();
    props.onStep(event.key === "ArrowUp" ? -1 : 1);
  };
  return (
    <li ref={row} className={css.item} data-field={field.id} data-open={props.open || undefined}>
      <Writes>
        <span className={css.grip} aria-hidden onPointerDown={props.onGrip}>
          <GripVertical size={12} />
        </span>
      </Writes>
      <button
        type="button"
        className={css.row}
        aria-expanded={props.open}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        title={field.name}
        onClick={props.onToggle}
        onKeyDown={onKeyDown}
      >
        <ChevronRight size={12} className={css.chevron} aria-hidden />
        <span className="sw-ellipsis">{field.label || field.name}</span>
        <span className={`${css.value} sw-ellipsis`}>{fieldSummary(field)}</span>
      </button>
      {props.open && <FieldEditor entity={props.entity} field={field} />}
    </li>
  );
}
