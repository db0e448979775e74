import { type KeyboardEvent, useRef, useState } from "react";
import { specOf, useEntity, useUpdateEntity } from "../../api";
import { type AppError, nextStep } from "../../shared";
import css from "./card.module.css";
import type { Card } from "./cards";
import { setDiagram } from "./state";

/** A name typed on the canvas. Enter or leaving keeps it, Esc gives it up; a refusal stays beneath the text it is about. */
export function NameInput(props: {
  label: string;
  value: string;
  placeholder?: string;
  error: AppError | null;
  onKeep: (name: string) => void;
  onCancel: () => void;
}) {
  const [text, setText] = useState(props.value);
  const [refused, setRefused] = useState<string | null>(null);
  const given = useRef<string | null>(null);
  const keep = () => {
    const name = text.trim();
    if (name === given.current) return;
    if (name === "" || name === props.value) return props.onCancel();
    given.current = name;
    setRefused(name);
    props.onKeep(name);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter") {
      given.current = null;
      keep();
    } else if (event.key === "Escape") {
      given.current = text.trim();
      props.onCancel();
    }
  };
  const problem = props.error && refused === text.trim() ? props.error : null;
  return (
    <>
      <input
        className={`${css.input} nodrag nopan`}
        aria-label={props.label}
        aria-invalid={problem ? true : undefined}
        placeholder={props.placeholder}
        value={text}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to name this
        autoFocus
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={keep}
        onKeyDown={onKeyDown}
        onDoubleClick={(event) => event.stopPropagation()}
      />
      {problem && <Problem error={problem} />}
    </>
  );
}

export function Problem({ error }: { error: AppError }) {
  return (
    <span className={css.problem} role="alert" data-code={error.code}>
      {error.message} {nextStep(error)}
    </span>
  );
}

/** Renames an entity on its card: its label where it has one, else its name. */
export function TitleInput({ card }: { card: Card }) {
  const entity = useEntity(card.id);
  const update = useUpdateEntity();
  const done = () => setDiagram({ editing: null });
  return (
    <NameInput
      label="Entity name"
      value={card.title}
      error={update.error}
      onCancel={done}
      onKeep={(title) => {
        if (!entity) return done();
        const spec = specOf(entity);
        update.mutate([card.id, entity.label ? { ...spec, label: title } : { ...spec, name: title }], {
          onSuccess: done,
        });
      }}
    />
  );
}
