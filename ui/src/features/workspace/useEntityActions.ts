import { create } from "zustand";
import { useActions } from "../../actions";
import { useCreateEntity, useSchema } from "../../api";
import { selectedEntity, toastError, usePrefs, useView } from "../../shared";

/** What the tree is being asked: whose name is edited in its place, whose drop is considered. */
export const useEntityAsk = create<{ renaming: string | null; dropping: string | null }>(() => ({
  renaming: null,
  dropping: null,
}));

/** "Entity 1", "Entity 2", …: the first that no entity is called yet, whatever its case. */
export function freeName(taken: string[]): string {
  const folded = new Set(taken.map((name) => name.toLowerCase()));
  for (let n = 1; ; n++) if (!folded.has(`entity ${n}`)) return `Entity ${n}`;
}

/** What can be done with an entity from anywhere: palette, tree, diagram, keys. */
export function useEntityActions(): void {
  const { data: schema } = useSchema();
  const make = useCreateEntity();
  const pick = (target?: { entity?: string }) =>
    target?.entity ?? selectedEntity(useView.getState().selection);
  const picked = (target?: { entity?: string }) => pick(target) !== null;

  useActions("entity", [
    {
      id: "entity.create",
      label: "New entity",
      group: "Entity",
      keys: "N",
      keywords: "create add table",
      run: () =>
        make.mutate([{ name: freeName((schema?.entities ?? []).map((e) => e.name)) }, [], null], {
          onSuccess: (entity) => {
            usePrefs.getState().set({ leftOpen: true });
            useView.getState().select({ kind: "entity", entity: entity.id });
            useEntityAsk.setState({ renaming: entity.id });
          },
          onError: (error) => toastError(error, "No new entity"),
        }),
    },
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
      run: (target) => useEntityAsk.setState({ dropping: pick(target) }),
    },
  ]);
}
