import { useState } from "react";
import { type Entity, titleOf } from "../../api";
import { StorageBadge, useReadOnly } from "../../shared";
import { Committed } from "./Committed";
import type { useEntityEdit } from "./edits";
import css from "./inspector.module.css";

/** The entity's title, edited in its place: a click, Enter or F2 on it. Its label where it has one, else its name. */
export function Title({ entity, edit }: { entity: Entity; edit: ReturnType<typeof useEntityEdit> }) {
  const [editing, setEditing] = useState(false);
  const readOnly = useReadOnly() !== null;
  const key = entity.label ? "label" : "name";
  return (
    <div className={css.title}>
      {editing ? (
        <div className={css.titleInput}>
          <Committed
            name="Entity name"
            value={titleOf(entity)}
            autoFocus
            error={edit.errorAt(key)}
            onLeave={() => setEditing(false)}
            onCommit={async (text) => {
              const taken = await edit.set({ [key]: text.trim() });
              if (taken) setEditing(false);
              return taken;
            }}
          />
        </div>
      ) : (
        <h2>
          <button
            type="button"
            data-inspector-title
            className="sw-ellipsis"
            title={readOnly ? titleOf(entity) : `${titleOf(entity)} (click to rename)`}
            onClick={() => setEditing(!readOnly)}
            onKeyDown={(event) => {
              if (event.key !== "F2" || readOnly) return;
              event.preventDefault();
              setEditing(true);
            }}
          >
            {titleOf(entity)}
          </button>
        </h2>
      )}
      <StorageBadge mode={entity.storage_mode} />
    </div>
  );
}
