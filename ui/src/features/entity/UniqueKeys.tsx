import type { Entity, KeyPart, Schema } from "../../api";
import { SectionLabel } from "../../shared";
import css from "./inspector.module.css";

/** Keys over several fields; one field alone says "unique" itself. */
export function UniqueKeys({ schema, entity }: { schema: Schema; entity: Entity }) {
  if (entity.keys.length === 0) return null;
  const nameOf = (part: KeyPart) =>
    part.kind === "field"
      ? entity.fields.find((f) => f.id === part.id)?.name
      : schema.relationships.find((r) => r.id === part.id)?.name;
  return (
    <section className={css.section}>
      <SectionLabel>Unique together</SectionLabel>
      <ul className={css.list} aria-label="Unique keys">
        {entity.keys.map((key) => (
          <li key={key.id} className={css.item}>
            <span className={css.plainRow}>
              <span className="sw-ellipsis">{key.parts.map(nameOf).filter(Boolean).join(" + ")}</span>
              {key.name && <span className={`${css.value} sw-ellipsis`}>{key.name}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
