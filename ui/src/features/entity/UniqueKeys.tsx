import { ActionIcon, Button, Checkbox } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { type Entity, type KeyPart, type Schema, useSetKeys } from "../../api";
import { ErrorNotice, SectionLabel, Writes } from "../../shared";
import css from "./inspector.module.css";

interface Part {
  part: KeyPart;
  name: string;
}

/** What a key of the entity can be made of: its fields, and the references it holds. */
export function keyParts(schema: Schema, entity: Entity): Part[] {
  const held = schema.relationships.filter(
    (r) => (r.type === "one_to_many" ? r.target : r.source) === entity.id && r.type !== "many_to_many",
  );
  return [
    ...entity.fields.map((f): Part => ({ part: { kind: "field", id: f.id }, name: f.name })),
    ...held.map((r): Part => ({ part: { kind: "relationship", id: r.id }, name: r.name })),
  ];
}

/** Keys over several fields; one field alone says "unique" itself. */
export function UniqueKeys({ schema, entity }: { schema: Schema; entity: Entity }) {
  const [adding, setAdding] = useState(false);
  const set = useSetKeys();
  const parts = keyParts(schema, entity);
  if (entity.keys.length === 0 && parts.length < 2) return null;
  const nameOf = (part: KeyPart) => parts.find((p) => p.part.id === part.id)?.name;
  const now = entity.keys.map((key) => key.parts);
  return (
    <section className={css.section}>
      <SectionLabel
        action={
          <Writes>
            <ActionIcon
              size={22}
              aria-label="Add unique key"
              title="Add a key over several fields"
              aria-expanded={adding}
              onClick={() => setAdding(!adding)}
            >
              <Plus size={14} />
            </ActionIcon>
          </Writes>
        }
      >
        Unique together
      </SectionLabel>
      <ul className={css.list} aria-label="Unique keys">
        {entity.keys.map((key) => {
          const names = key.parts.map(nameOf).filter(Boolean).join(" + ");
          return (
            <li key={key.id} className={css.item}>
              <span className={css.plainRow}>
                <span className="sw-ellipsis" title={names}>
                  {names}
                </span>
                {key.name && <span className={`${css.value} sw-ellipsis`}>{key.name}</span>}
                <Writes>
                  <ActionIcon
                    size={22}
                    aria-label={`Remove the key ${names}`}
                    title="Remove"
                    disabled={set.isPending}
                    onClick={() => set.mutate([entity.id, now.filter((p) => p !== key.parts)])}
                  >
                    <X size={14} />
                  </ActionIcon>
                </Writes>
              </span>
            </li>
          );
        })}
      </ul>
      {adding && (
        <NewKey
          parts={parts}
          busy={set.isPending}
          onCancel={() => setAdding(false)}
          onAdd={(key) => set.mutate([entity.id, [...now, key]], { onSuccess: () => setAdding(false) })}
        />
      )}
      {set.error && <ErrorNotice error={set.error} bare />}
    </section>
  );
}

function NewKey(props: {
  parts: Part[];
  busy: boolean;
  onAdd: (key: KeyPart[]) => void;
  onCancel: () => void;
}) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onAdd(props.parts.filter((p) => chosen.has(p.part.id)).map((p) => p.part));
  };
  return (
    <form
      className={css.newKey}
      aria-label="New unique key"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        props.onCancel();
      }}
    >
      <p className={css.none}>No two records may have the same values in all of these:</p>
      <div className={css.keyParts}>
        {props.parts.map(({ part, name }, i) => (
          <Checkbox
            key={part.id}
            label={name}
            autoFocus={i === 0}
            checked={chosen.has(part.id)}
            onChange={() => toggle(part.id)}
          />
        ))}
      </div>
      <div className={css.keyButtons}>
        <Button onClick={props.onCancel}>Cancel</Button>
        <Button type="submit" variant="filled" disabled={chosen.size < 2} loading={props.busy}>
          Add key
        </Button>
      </div>
    </form>
  );
}
