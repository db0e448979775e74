import { Button, Checkbox, NativeSelect } from "@mantine/core";
import { PlanSwitch, runAction, usePlanFirst } from "../../actions";
import {
  ACTION_WORDS,
  isEnforcedByDatabase,
  KIND_WORDS,
  type ReferentialAction,
  type Relationship,
  type Schema,
  titleOf,
  useLinkCounts,
} from "../../api";
import { Editable, formatNumber, plural, useView, Writes } from "../../shared";
import { Committed } from "./Committed";
import { orNull, useRelationshipEdit } from "./edits";
import css from "./inspector.module.css";

const ALL = Object.keys(ACTION_WORDS) as ReferentialAction[];

/** A required reference cannot be emptied, and a pair is never half there. */
export function actionsFor(relationship: Pick<Relationship, "type" | "required" | "on_delete">) {
  const emptied = !relationship.required && relationship.type !== "many_to_many";
  return ALL.filter((action) => action !== "set_null" || emptied || relationship.on_delete === "set_null");
}

/** Everything of one relationship. Its kind and its ends are what it is: to change those, draw another. */
export function RelationshipEditor({ schema, relationship }: { schema: Schema; relationship: Relationship }) {
  const edit = useRelationshipEdit(relationship);
  const links = useLinkCounts();
  const plan = usePlanFirst(relationship.source, relationship.target);
  const select = useView((s) => s.select);
  const source = schema.entities.find((e) => e.id === relationship.source);
  const target = schema.entities.find((e) => e.id === relationship.target);
  if (!source || !target) return null;
  const pairs = relationship.type === "many_to_many";
  const enforced = isEnforcedByDatabase(schema, relationship);
  const count = links.data?.[relationship.id];
  const onDelete = actionOptions(relationship);
  return (
    <div className={css.inspector}>
      <div className={css.title}>
        <h2 className="sw-ellipsis" title={relationship.name}>
          {relationship.name}
        </h2>
        <span className={css.kind} data-enforced={enforced || undefined}>
          {KIND_WORDS[relationship.type]}
        </span>
      </div>
      <p className={css.ends}>
        {[source, target].map((end, i) => (
          <span key={i === 0 ? "source" : "target"}>
            {i === 1 && <span className={css.arrow}> → </span>}
            <button
              type="button"
              className={css.link}
              onClick={() => select({ kind: "entity", entity: end.id })}
            >
              {titleOf(end)}
            </button>
          </span>
        ))}
      </p>
      <p className={css.sub}>
        {enforced
          ? "The database itself keeps these references."
          : "Stoneware keeps these references until both entities are dedicated."}
        {pairs && count !== undefined && ` ${plural(count, "link")}.`}
      </p>
      <Editable>
        <Committed
          label="Relationship name"
          value={relationship.name}
          error={edit.errorAt("name")}
          onCommit={(name) => edit.set({ name: name.trim() })}
        />
        <Committed
          label="Inverse name"
          description={`What ${titleOf(target)} calls it`}
          value={relationship.inverse_name ?? ""}
          error={edit.errorAt("inverse_name")}
          onCommit={(text) => edit.set({ inverse_name: orNull(text) })}
        />
        {!pairs && (
          <Committed
            label="Field"
            description="Where a record holds the other's id"
            value={relationship.field ?? ""}
            error={edit.errorAt("field")}
            onCommit={(text) => edit.set({ field: orNull(text) })}
          />
        )}
        <div className={css.pair}>
          <NativeSelect
            label="On delete"
            data={onDelete}
            value={relationship.on_delete}
            error={edit.errorAt("on_delete")}
            onChange={(event) => void edit.set({ on_delete: event.currentTarget.value as ReferentialAction })}
          />
          <NativeSelect
            label="On update"
            data={onDelete}
            value={relationship.on_update}
            error={edit.errorAt("on_update")}
            onChange={(event) => void edit.set({ on_update: event.currentTarget.value as ReferentialAction })}
          />
        </div>
        {!pairs && (
          <Checkbox
            label="Required"
            checked={relationship.required}
            error={edit.errorAt("required")}
            onChange={(event) => void edit.set({ required: event.currentTarget.checked })}
          />
        )}
        <PlanSwitch plan={plan} />
        <Committed
          label="Description"
          multiline
          value={relationship.description ?? ""}
          error={edit.errorAt("description")}
          onCommit={(text) => edit.set({ description: orNull(text) })}
        />
      </Editable>
      <Writes>
        <Button
          color="red"
          variant="subtle"
          className={css.drop}
          onClick={() => runAction("relationship.drop", { relationship: relationship.id })}
        >
          {pairs && count ? `Drop relationship and ${formatNumber(count)} links` : "Drop relationship"}
        </Button>
      </Writes>
    </div>
  );
}

function actionOptions(relationship: Relationship) {
  return actionsFor(relationship).map((value) => ({ value, label: ACTION_WORDS[value] }));
}
