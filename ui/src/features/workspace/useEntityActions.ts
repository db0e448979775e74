import { create } from "zustand";
import { useActions } from "../../actions";
import { useDropEntity } from "../../api";
import { selectedEntity, toastError, usePrefs, useView } from "../../shared";

/** Whose name is edited in the tree. */
export const useEntityAsk = create<{ renaming: string | null }>(() => ({ renaming: null }));

/** What can be done with an entity from anywhere: palette, tree, diagram, keys. Making one belongs to the diagram. */
export function useEntityActions(): void {
  const drop = useDropEntity();
  const pick = (target?: { entity?: string }) =>
    target?.entity ?? selectedEntity(useView.getState().selection);
  const picked = (target?: { entity?: string }) => pick(target) !== null;

  useActions("entity", [
    {
      id: "entity.records",
      label: "Open records",
      group: "Entity",
      keys: "mod+Enter",
      menu: "entity",
      when: picked,
      run: (target) => {
        const entity = pick(target);
        if (entity) useView.getState().openRecords(entity);
      },
    },
    {
      id: "entity.rename",
      label: "Rename",
      group: "Entity",
      keys: "F2",
      menu: "entity",
      when: picked,
      run: (target) => {
        usePrefs.getState().set({ leftOpen: true });
        useEntityAsk.setState({ renaming: pick(target) });
      },
    },
    {
      id: "entity.drop",
      label: "Drop entity",
      group: "Entity",
      menu: "entity",
      danger: true,
      keywords: "delete remove",
      when: picked,
      // At once: Undo brings it back with its records, and is offered as soon as it is gone.
      run: (target) => {
        const entity = pick(target);
        if (!entity) return;
        drop.mutate([entity], {
          onSuccess: () => leave(entity),
          onError: (error) => toastError(error, "Not dropped"),
        });
      },
    },
  ]);
}

/** Shows nothing of an entity that is gone. */
function leave(entity: string): void {
  const { selection, recordsEntity, select } = useView.getState();
  if (selectedEntity(selection) === entity) select(null);
  if (recordsEntity === entity) useView.setState({ recordsEntity: null });
}
