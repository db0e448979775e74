import { ActionIcon, Button, Checkbox } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { type PlanFirst, PlanSwitch, usePlanFirst } from "../../actions";
import { type Entity, type KeyPart, type Schema, useSetKeys } from "../../api";
import { ErrorNotice, SectionLabel, Writes } from "../../shared";
import { keepDraft, useKeptDraft } from "./draft";
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
  const kept = useKeptDraft("key", entity.id);
  const [adding, setAdding] = useState(kept !== null);
  const set = useSetKeys();
  const plan = usePlanFirst(entity.id);
  const parts = keyParts(schema, entity);
  if (entity.keys.length === 0 && parts.length < 2) return null;
  const nameOf = (part: KeyPart) => parts.find((p) => p.part.id === part.id)?.name;
  const now = entity.keys.map((key) => key.parts);
  const remove = (gone: KeyPart[]) => {
    const keys = now.filter((parts) => parts !== gone);
    if (!plan.ask({ edit: "set_keys", entity: entity.id, keys })) set.mutate([entity.id, keys]);
  };
  const add = (key: KeyPart[]) => {
    const keys = [...now, key];
    const back = () => keepDraft({ kind: "key", of: entity.id, parts: key.map((part) => part.id) });
    if (!plan.ask({ edit: "set_keys", entity: entity.id, keys }, back))
      set.mutate([entity.id, keys], { onSuccess: () => setAdding(false) });
  };
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
                    onClick={() => remove(key.parts)}
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
          chosen={kept?.parts}
          plan={plan}
          busy={set.isPending}
          onCancel={() => setAdding(false)}
          onAdd={add}
        />
      )}
      {set.error && <ErrorNotice error={set.error} bare />}
    </section>
  );
}

function NewKey(props: {
  parts: Part[];
  /** Ids of those chosen before its plan was looked at. */
  chosen?: string[];
  plan: PlanFirst;
  busy: boolean;
  onAdd: (key: KeyPart[]) => void;
  onCancel: () => void;
}) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(props.chosen));
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
      {props.plan.offered && (
        <div className={css.keyPlan}>
          <PlanSwitch plan={props.plan} />
        </div>
      )}
      <div className={css.keyButtons}>
        <Button onClick={props.onCancel}>Cancel</Button>
        <Button type="submit" variant="filled" disabled={chosen.size < 2} loading={props.busy}>
          Add key
        </Button>
      </div>
    </form>
  );
}
