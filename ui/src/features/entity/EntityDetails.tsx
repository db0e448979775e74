import type { Entity, Schema } from "../../api";
import { Editable, SectionLabel } from "../../shared";
import { Committed } from "./Committed";
import { orNull, type useEntityEdit } from "./edits";
import css from "./inspector.module.css";

const TEXTS = [
  ["name", "Name", "Used on the command line and in queries"],
  ["label", "Label", "What people read; the name where it is empty"],
  ["plural_label", "Plural label", undefined],
  ["icon", "Icon", undefined],
] as const;

/** What the entity is called and where it belongs. */
export function EntityDetails(props: {
  schema: Schema;
  entity: Entity;
  edit: ReturnType<typeof useEntityEdit>;
}) {
  const { schema, entity, edit } = props;
  const applications = [...new Set(schema.entities.flatMap((e) => e.application ?? []))];
  return (
    <section className={css.section}>
      <SectionLabel>Details</SectionLabel>
      <Editable>
        <div className={css.form}>
          {TEXTS.map(([key, label, description]) => (
            <Committed
              key={key}
              label={label}
              description={description}
              value={entity[key] ?? ""}
              error={edit.errorAt(key)}
              onCommit={(text) => edit.set({ [key]: key === "name" ? text.trim() : orNull(text) })}
            />
          ))}
          <Committed
            label="Application"
            description="The group it stands under in the entity list"
            list="inspector-applications"
            value={entity.application ?? ""}
            error={edit.errorAt("application")}
            onCommit={(text) => edit.set({ application: orNull(text) })}
          />
          <datalist id="inspector-applications">
            {applications.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
          <Committed
            label="Description"
            multiline
            value={entity.description ?? ""}
            error={edit.errorAt("description")}
            onCommit={(text) => edit.set({ description: orNull(text) })}
          />
        </div>
      </Editable>
    </section>
  );
}
