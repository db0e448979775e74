import { create } from "zustand";
import { useActions } from "../../actions";
import { selectedEntity, usePrefs, useView } from "../../shared";

/** What the tree is being asked: whose name is edited in its place, whose drop is considered. */
export const useEntityAsk = create<{ renaming: string | null; dropping: string | null }>(() => ({
  renaming: null,
  dropping: null,
}));

/** What can be done with an entity from anywhere: palette, tree, diagram, keys. Making one belongs to the diagram. */
export function useEntityActions(): void {
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
      run: (target) => useEntityAsk.setState({ dropping: pick(target) }),
    },
  ]);
}
