import { useEffect } from "react";
import { create } from "zustand";
import { type ActionTarget, useActions } from "../../actions";
import { type Entity, titleOf, useExportRecords, useSchema } from "../../api";
import { platform } from "../../platform";
import {
  chosenEntities,
  fileName,
  plural,
  selectedEntity,
  toast,
  toastError,
  usePrefs,
  useView,
} from "../../shared";

/** Whose name is edited in the tree, and which entities a question is open about. */
export const useEntityAsk = create<{ renaming: string | null; dropping: string[] | null }>(() => ({
  renaming: null,
  dropping: null,
}));

/** What can be done with an entity from anywhere: palette, tree, diagram, keys. Making one belongs to the diagram. */
export function useEntityActions(): void {
  const { data: schema } = useSchema();
  const write = useExportRecords();
  const pick = (target?: { entity?: string }) =>
    target?.entity ?? selectedEntity(useView.getState().selection);
  const picked = (target?: { entity?: string }) => pick(target) !== null;
  const marked = useView((s) => s.marked);
  // One that was dropped, here or by somebody else, is no longer among those that are marked.
  useEffect(() => {
    const there = marked.filter((id) => schema?.entities.some((e) => e.id === id));
    if (schema && there.length < marked.length) useView.getState().mark(there);
  }, [schema, marked]);
  const all = (target?: ActionTarget) =>
    target?.entities ?? (target?.entity ? [target.entity] : chosenEntities(useView.getState()));

  const exportTo = async (entity: Entity) => {
    const path = await platform().pickSavePath({
      title: `Export the records of ${titleOf(entity)}`,
      defaultName: `${titleOf(entity)}.csv`,
      filters: [
        { name: "CSV", extensions: ["csv"] },
        { name: "NDJSON, one record a line", extensions: ["ndjson"] },
      ],
    });
    if (!path) return;
    const format = /\.(nd)?jsonl?$/i.test(path) ? "ndjson" : "csv";
    const count = await write.mutateAsync([entity.id, format, path]);
    toast(`${plural(count, "record")} written to ${fileName(path)}`);
  };

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
      writes: true,
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
      id: "entity.export",
      label: "Export records",
      group: "Entity",
      menu: "entity",
      keywords: "csv ndjson save file",
      when: picked,
      run: (target) => {
        const entity = schema?.entities.find((e) => e.id === pick(target));
        if (entity) void exportTo(entity).catch((error) => toastError(error, "Not exported"));
      },
    },
    {
      id: "entity.drop",
      writes: true,
      label: marked.length > 0 ? `Drop ${plural(marked.length, "entity", "entities")}` : "Drop entity",
      group: "Entity",
      menu: ["entity", "entities"],
      danger: true,
      keywords: "delete remove",
      when: (target) => all(target).length > 0,
      run: (target) => {
        const dropping = all(target);
        if (dropping.length > 0) useEntityAsk.setState({ dropping });
      },
    },
    {
      id: "entity.unmark",
      label: "Unmark entities",
      group: "Entity",
      keys: "Escape",
      when: () => useView.getState().marked.length > 0,
      run: () => useView.getState().select(useView.getState().selection),
    },
  ]);
}
