import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useRef, useState } from "react";
import { PlanSwitch, usePlanFirst } from "../../actions";
import { FIELD_TYPES, type FieldType, newFieldSpec, useAddField } from "../../api";
import { nextStep } from "../../shared";
import { keepDraft, useKeptDraft } from "./draft";
import css from "./inspector.module.css";

/** Name and type of a new field; Enter adds it and asks for the next, Esc ends. The rest is set in its editor. */
export function NewField({ entity, onClose }: { entity: string; onClose: () => void }) {
  const kept = useKeptDraft("field", entity);
  const [name, setName] = useState(kept?.name ?? "");
  const [type, setType] = useState<FieldType>(kept?.type ?? "string");
  const plan = usePlanFirst(entity);
  const add = useAddField();
  const input = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") return onClose();
    const spec = newFieldSpec(name.trim(), type);
    const back = () => keepDraft({ kind: "field", of: entity, name, type });
    if (plan.ask({ edit: "add_field", entity, spec }, back)) return;
    add.mutate([entity, spec], {
      onSuccess: () => {
        setName("");
        input.current?.focus();
      },
    });
  };
  const error = add.error ? [add.error.message, nextStep(add.error)].filter(Boolean).join(" ") : undefined;
  return (
    <form
      className={css.editor}
      aria-label="New field"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <div className={css.pair}>
        <TextInput
          ref={input}
          label="Field name"
          autoFocus
          value={name}
          error={error}
          onChange={(event) => {
            setName(event.currentTarget.value);
            if (add.error) add.reset();
          }}
        />
        <NativeSelect
          label="Field type"
          data={[...FIELD_TYPES]}
          value={type}
          onChange={(event) => setType(event.currentTarget.value as FieldType)}
        />
      </div>
      <PlanSwitch plan={plan} />
      <div className={css.buttons}>
        <Button onClick={onClose}>Done</Button>
        <Button type="submit" variant="filled" loading={add.isPending} disabled={name.trim() === ""}>
          Add
        </Button>
      </div>
    </form>
  );
}
