import { useIsMutating } from "@tanstack/react-query";
import { runAction } from "../actions";
import { useConnectionLost, useSchema, type WorkspaceInfo } from "../api";
import { UndoStatus } from "../features/history";
import { RunningJobs } from "../features/materialize";
import { PutAway } from "../features/workspace";
import { plural } from "../shared";
import css from "./app.module.css";

export function StatusBar({ info }: { info: WorkspaceInfo }) {
  const { data: schema } = useSchema();
  const saving = useIsMutating() > 0;
  const lost = useConnectionLost();
  return (
    <footer className={css.status}>
      <span className={css.saved} data-busy={saving || undefined}>
        {lost ? "Not connected" : info.read_only ? "Read-only" : saving ? "Saving" : "Saved"}
      </span>
      {schema && (
        <span className="sw-num">
          {plural(schema.entities.length, "entity", "entities")} ·{" "}
          {plural(schema.relationships.length, "relationship")}
        </span>
      )}
      <RunningJobs />
      <PutAway />
      <span className={css.spacer} />
      <UndoStatus />
      <button
        type="button"
        className={css.statusButton}
        aria-label="Keyboard shortcuts"
        onClick={() => runAction("help.open")}
      >
        ?
      </button>
    </footer>
  );
}
