import { ActionIcon } from "@mantine/core";
import { Plus } from "lucide-react";
import { runAction } from "../../actions";
import { ACTION_WORDS, type Entity, type ReferentialAction, type Schema, useLinkCounts } from "../../api";
import { Editable, plural, SectionLabel, useView, Writes } from "../../shared";
import { useRelationshipEdit } from "./edits";
import css from "./inspector.module.css";
import { actionsFor } from "./RelationshipEditor";
import { type Seen, seenFrom } from "./relationships";

/** What the entity refers to and what refers to it, with what a delete does. */
export function RelationshipList({ schema, entity }: { schema: Schema; entity: Entity }) {
  const links = useLinkCounts();
  const seen = seenFrom(schema, entity.id);
  return (
    <section className={css.section}>
      <SectionLabel
        action={
          <Writes>
            <ActionIcon
              size={22}
              aria-label="Add relationship"
              title="Add relationship"
              onClick={() => runAction("relationship.create", { entity: entity.id })}
            >
              <Plus size={14} />
            </ActionIcon>
          </Writes>
        }
      >
        Relationships
      </SectionLabel>
      {seen.length === 0 && (
        <p className={css.none}>
          None yet. <Writes>Drag from a card's handle to another card.</Writes>
        </p>
      )}
      <ul className={css.list} aria-label="Relationships">
        {seen.map((one) => (
          <RelationshipRow key={one.key} seen={one} links={links.data?.[one.relationship.id]} />
        ))}
      </ul>
    </section>
  );
}

function RelationshipRow({ seen, links }: { seen: Seen; links: number | undefined }) {
  const { relationship } = seen;
  const edit = useRelationshipEdit(relationship);
  const select = useView((s) => s.select);
  const refusal = edit.errorAt("on_delete");
  return (
    <li className={css.item}>
      <div className={css.relationship}>
        <button
          type="button"
          className={css.row}
          title={`${seen.name} ${seen.arrow} ${seen.otherTitle}`.trim()}
          onClick={() => select({ kind: "relationship", relationship: relationship.id })}
        >
          <span className="sw-ellipsis">
            {seen.name && `${seen.name} `}
            <span className={css.arrow}>{seen.arrow}</span> {seen.otherTitle}
          </span>
        </button>
        {relationship.type === "many_to_many" ? (
          <span className={`${css.value} sw-num`}>{links === undefined ? "" : plural(links, "link")}</span>
        ) : (
          <Editable>
            <select
              className={css.inlineSelect}
              aria-label={`On delete of ${seen.name || seen.otherTitle}`}
              value={relationship.on_delete}
              onChange={(event) =>
                void edit.set({ on_delete: event.currentTarget.value as ReferentialAction })
              }
            >
              {actionsFor(relationship).map((action) => (
                <option key={action} value={action}>
                  {ACTION_WORDS[action]}
                </option>
              ))}
            </select>
          </Editable>
        )}
      </div>
      {refusal && (
        <p className={css.refused} role="alert">
          {refusal}
        </p>
      )}
    </li>
  );
}
