import { Button, Checkbox, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { PlanSwitch, usePlanFirst } from "../../actions";
import { FIELD_TYPES, type Field, type FieldType, useDropField } from "../../api";
import { ErrorNotice, useReadOnly } from "../../shared";
import { Committed } from "./Committed";
import { keepDraft } from "./draft";
import { orNull, useFieldEdit } from "./edits";
import {
  CONFIG_LABELS,
  CONFIG_OF,
  COUNTED,
  configFor,
  defaultFrom,
  defaultText,
  settingText,
  withSetting,
} from "./fieldText";
import css from "./inspector.module.css";

const FLAGS = [
  ["required", "Required"],
  ["unique", "Unique"],
  ["indexed", "Indexed"],
  ["read_only", "Read-only"],
  ["visible", "Visible"],
] as const;

const FLAG_KEYS = FLAGS.map(([key]) => key);

/** Everything of one field, each control kept on its own. */
export function FieldEditor({ entity, field }: { entity: string; field: Field }) {
  const edit = useFieldEdit(entity, field);
  const drop = useDropField();
  const readOnly = useReadOnly();
  const plan = usePlanFirst(entity);
  const flagError = FLAG_KEYS.map((key) => edit.errorAt(key)).find(Boolean);
  return (
    <fieldset
      className={css.editor}
      aria-label={`Field ${field.name}`}
      disabled={readOnly !== null}
      title={readOnly ?? undefined}
    >
      <div className={css.pair}>
        <Committed
          label="Field name"
          value={field.name}
          error={edit.errorAt("name")}
          onCommit={(name) => edit.set({ name: name.trim() })}
        />
        <NativeSelect
          label="Field type"
          data={[...FIELD_TYPES]}
          value={field.type}
          error={edit.errorAt("type")}
          onChange={(event) => {
            const type = event.currentTarget.value as FieldType;
            void edit.set({ type, config: configFor(type, field.config) });
          }}
        />
      </div>
      <div className={css.flags}>
        {FLAGS.map(([key, label]) => (
          <Checkbox
            key={key}
            label={label}
            checked={field[key]}
            onChange={(event) => void edit.set({ [key]: event.currentTarget.checked })}
          />
        ))}
      </div>
      {flagError && (
        <p className={css.refused} role="alert">
          {flagError}
        </p>
      )}
      <PlanSwitch plan={plan} />
      <Settings field={field} edit={edit} />
      <DefaultValue field={field} edit={edit} />
      <Committed
        label="Label"
        value={field.label ?? ""}
        placeholder={field.name}
        error={edit.errorAt("label")}
        onCommit={(text) => edit.set({ label: orNull(text) })}
      />
      <Committed
        label="Description"
        multiline
        value={field.description ?? ""}
        error={edit.errorAt("description")}
        onCommit={(text) => edit.set({ description: orNull(text) })}
      />
      {drop.error && <ErrorNotice error={drop.error} />}
      <Button
        color="red"
        variant="subtle"
        className={css.drop}
        loading={drop.isPending}
        onClick={() => {
          if (!plan.ask({ edit: "drop_field", entity, field: field.id })) drop.mutate([entity, field.id]);
        }}
      >
        Drop field
      </Button>
    </fieldset>
  );
}

type Part = { field: Field; edit: ReturnType<typeof useFieldEdit> };

const placeOf = (field: Field, key: string) => `${field.id} ${key}`;

/** Keeps what was typed there while its plan is looked at. */
const keeping = (field: Field, key: string, text: string) => () =>
  keepDraft({ kind: "text", of: placeOf(field, key), text });

/** What narrows the type: only the settings that mean something for it. */
function Settings({ field, edit }: Part) {
  const [wrong, setWrong] = useState<string | null>(null);
  const keys = CONFIG_OF[field.type];
  if (keys.length === 0) return null;
  const refusal = edit.errorAt("config");
  return (
    <>
      <div className={keys.length > 1 ? css.pair : undefined}>
        {keys.map((key) => (
          <Committed
            key={key}
            label={CONFIG_LABELS[key]}
            multiline={key === "options"}
            lines={key === "options"}
            placeholder={key === "options" ? "One a line" : key === "currency" ? "EUR" : undefined}
            inputMode={COUNTED.has(key) ? "numeric" : undefined}
            value={settingText(field.config, key)}
            place={placeOf(field, key)}
            error={wrong === key ? "Give a whole number, or leave it empty." : undefined}
            onCommit={async (text) => {
              const config = withSetting(field.config, key, text);
              setWrong(config ? null : key);
              return config !== null && edit.set({ config }, keeping(field, key, text));
            }}
          />
        ))}
      </div>
      {refusal && (
        <p className={css.refused} role="alert">
          {refusal}
        </p>
      )}
    </>
  );
}

/** A value of the field's type; where the type is a moment or an id, also one made at the time of writing. */
function DefaultValue({ field, edit }: Part) {
  const error = edit.errorAt("default");
  const options = field.config.options ?? [];
  const choices =
    field.type === "bool"
      ? ["true", "false"]
      : field.type === "select" && options.length > 0
        ? options
        : null;
  const now = defaultText(field.default);
  const set = (text: string) =>
    edit.set({ default: defaultFrom(field.type, text) }, keeping(field, "default", text));
  if (choices) {
    return (
      <NativeSelect
        label="Default"
        value={now}
        error={error}
        data={[{ value: "", label: "None" }, ...choices]}
        onChange={(event) => void set(event.currentTarget.value)}
      />
    );
  }
  const made =
    field.type === "date" || field.type === "datetime" ? "now()" : field.type === "uuid" ? "uuid()" : null;
  return (
    <Committed
      label="Default"
      value={now}
      place={placeOf(field, "default")}
      placeholder={made ? `None, a value, or ${made}` : "None"}
      error={error}
      onCommit={set}
    />
  );
}
