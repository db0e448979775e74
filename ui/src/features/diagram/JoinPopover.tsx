import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { PlanSwitch, usePlanFirst } from "../../actions";
import {
  ACTION_WORDS,
  type Entity,
  KIND_WORDS,
  type ReferentialAction,
  type RelationshipSpec,
  type RelationshipType,
  type Schema,
  titleOf,
  useAddRelationship,
} from "../../api";
import { ErrorNotice, toAppError, useView } from "../../shared";
import css from "./diagram.module.css";
import { defaultNames, defaultOnDelete, kindSentence } from "./joinDefaults";
import { type JoinDraft, setDiagram } from "./state";

const KINDS = Object.entries(KIND_WORDS).map(([value, label]) => ({
  value,
  label: label[0]?.toUpperCase() + label.slice(1),
}));
const FRESH: JoinDraft = { kind: "many_to_one", required: false };
const ABOUT_NAME = new Set(["name_taken", "invalid_name"]);

/** Asks, where the line was let go, for what the line alone does not say. Esc gives the line up. */
export function JoinPopover(props: { schema: Schema; source: Entity; target: Entity; draft?: JoinDraft }) {
  const { schema, source, target } = props;
  const [draft, setDraft] = useState<JoinDraft>(props.draft ?? FRESH);
  const change = (patch: Partial<JoinDraft>) => setDraft({ ...draft, ...patch });
  const { kind, required } = draft;
  const plan = usePlanFirst(source.id, target.id);
  const add = useAddRelationship();
  const names = defaultNames(schema, source, target, kind);
  const name = draft.name ?? names.name;
  const inverse = draft.inverse ?? names.inverse;
  const onDelete = draft.onDelete ?? defaultOnDelete(kind, required);
  const pairs = kind === "many_to_many";
  const close = () => setDiagram({ joining: null, drawing: null });
  const error = add.error ? toAppError(add.error) : null;
  const aboutName = error && ABOUT_NAME.has(error.code);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const spec: RelationshipSpec = {
      name: name.trim(),
      type: kind,
      source: source.id,
      target: target.id,
      inverse_name: inverse.trim() || null,
      description: null,
      field: null,
      required: pairs ? false : required,
      on_delete: onDelete,
      on_update: null,
    };
    // Who does not like the plan finds here what was said, to say it otherwise.
    const back = () => setDiagram({ joining: { source: source.id, target: target.id, draft } });
    if (plan.ask({ edit: "add_relationship", spec }, back)) return close();
    add.mutate([spec], {
      onSuccess: (made) => {
        close();
        useView.getState().select({ kind: "relationship", relationship: made.id });
      },
    });
  };

  return (
    <div
      className={css.join}
      role="dialog"
      aria-label={`New relationship from ${titleOf(source)} to ${titleOf(target)}`}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") close();
      }}
    >
      <form onSubmit={submit}>
        <p className={css.joinTitle}>
          {titleOf(source)} <span aria-hidden>→</span> {titleOf(target)}
        </p>
        <TextInput
          label="Name"
          aria-label="Relationship name"
          value={name}
          data-autofocus
          autoFocus
          error={aboutName ? error.message : undefined}
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <NativeSelect
          label="Kind"
          description={kindSentence(source, target, kind)}
          inputWrapperOrder={["label", "input", "description", "error"]}
          data={KINDS}
          value={kind}
          onChange={(event) => change({ kind: event.currentTarget.value as RelationshipType })}
        />
        <div className={css.joinPair}>
          <NativeSelect
            label="On delete"
            data={Object.entries(ACTION_WORDS)
              .filter(([value]) => !(value === "set_null" && (required || pairs)))
              .map(([value, label]) => ({ value, label }))}
            value={onDelete}
            onChange={(event) => change({ onDelete: event.currentTarget.value as ReferentialAction })}
          />
          <TextInput
            label="Inverse name"
            value={inverse}
            onChange={(event) => change({ inverse: event.currentTarget.value })}
          />
        </div>
        {!pairs && (
          <Checkbox
            label="Required"
            checked={required}
            onChange={(event) => {
              const kept = draft.onDelete === "set_null" ? undefined : draft.onDelete;
              change({ required: event.currentTarget.checked, onDelete: kept });
            }}
          />
        )}
        <PlanSwitch plan={plan} />
        {error && !aboutName && <ErrorNotice error={error} bare />}
        <div className={css.joinButtons}>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" variant="filled" loading={add.isPending} disabled={name.trim() === ""}>
            Create relationship
          </Button>
        </div>
      </form>
    </div>
  );
}
