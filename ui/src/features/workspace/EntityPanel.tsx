import { ActionIcon, Button, TextInput } from "@mantine/core";
import { Plus } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { runAction, useActions } from "../../actions";
import { specOf, titleOf, useOverview, useSchema, useUpdateEntity } from "../../api";
import {
  EmptyState,
  ErrorNotice,
  SkeletonLines,
  selectedEntity,
  toastError,
  usePrefs,
  useReadOnly,
  useView,
  Writes,
} from "../../shared";
import { EntityTree } from "./EntityTree";
import css from "./tree.module.css";
import type { TreeEntity } from "./treeRows";
import { useEntityAsk } from "./useEntityActions";

/** The left column: the filter and the tree of entities. */
export function EntityPanel() {
  const overview = useOverview();
  const { data: schema } = useSchema();
  const view = useView();
  const readOnly = useReadOnly() !== null;
  const [filter, setFilter] = useState("");
  const renaming = useEntityAsk((s) => s.renaming);
  const input = useRef<HTMLInputElement>(null);
  const update = useUpdateEntity();
  const selected = selectedEntity(view.selection);

  useActions("entities", [
    {
      id: "entities.filter",
      label: "Filter entities",
      group: "View",
      keys: "/",
      run: () => {
        usePrefs.getState().set({ leftOpen: true });
        input.current?.focus();
      },
    },
  ]);

  const entities = useMemo(
    () =>
      (overview.data ?? []).map(
        (e): TreeEntity => ({
          id: e.id,
          name: e.name,
          label: titleOf(e),
          storage: e.storage_mode,
          records: e.records,
          application: e.application,
        }),
      ),
    [overview.data],
  );

  const rename = (id: string, title: string | null) => {
    useEntityAsk.setState({ renaming: null });
    focusTree();
    const entity = schema?.entities.find((e) => e.id === id);
    if (!title || !entity) return;
    // A label stands over the name; where there is none, the name itself is what people read.
    const spec = entity.label ? { ...specOf(entity), label: title } : { ...specOf(entity), name: title };
    update.mutate([id, spec], {
      onError: (error) => toastError(error, `Could not rename ${titleOf(entity)}`),
    });
  };

  return (
    <div className={css.panel}>
      <div className={css.head}>
        <TextInput
          ref={input}
          className={css.filter}
          placeholder="Filter entities  /"
          aria-label="Filter entities"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") {
              if (filter) setFilter("");
              else event.currentTarget.blur();
            }
            if (event.key === "ArrowDown" || event.key === "Enter") {
              event.preventDefault();
              focusTree();
            }
          }}
        />
        <Writes>
          <ActionIcon aria-label="New entity" title="New entity" onClick={() => runAction("entity.create")}>
            <Plus size={16} />
          </ActionIcon>
        </Writes>
      </div>
      {overview.error && (
        <div className={css.none}>
          <ErrorNotice
            error={overview.error}
            action={<Button onClick={() => overview.refetch()}>Try again</Button>}
          />
        </div>
      )}
      {overview.isPending && <SkeletonLines lines={8} label="Loading entities" />}
      {overview.data && entities.length === 0 && (
        <EmptyState title="No entities yet">
          {!readOnly && "Press + or T to sketch one on the diagram, or import a file or a database."}
        </EmptyState>
      )}
      {entities.length > 0 && (
        <EntityTree
          entities={entities}
          filter={filter}
          folded={view.folded}
          selected={selected}
          marked={view.marked}
          renaming={renaming}
          onSelect={(entity) => {
            // On the tab of records the grid follows the tree; elsewhere only the selection does.
            if (view.tab === "records") view.openRecords(entity);
            else view.select({ kind: "entity", entity });
          }}
          onMark={view.mark}
          onOpen={view.openRecords}
          onToggle={view.toggleFold}
          onRename={rename}
        />
      )}
    </div>
  );
}

function focusTree(): void {
  document.querySelector<HTMLElement>('[role="tree"][aria-label="Entities"]')?.focus();
}
