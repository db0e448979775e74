import { useCreateWorkspace, useImportDatabase, useImportFile, useWorkspace } from "../../api";
import { platform } from "../../platform";
import { beginImport, type ImportSource, patchImport } from "./importState";
import { WORKSPACE_FILES } from "./workspaceFiles";

/** Starts an import; `entity` is what a CSV or NDJSON file goes into. To be used by what stays while it runs. */
export function useRunImport() {
  const file = useImportFile();
  const database = useImportDatabase();
  return (from: ImportSource, entity: string | null): void => {
    beginImport(from, "running");
    const onSuccess = (report: Parameters<typeof patchImport>[0]["report"]) =>
      patchImport({ stage: "done", report, shown: true });
    if ("path" in from) {
      file.mutate([from.path, null, entity, false], {
        onSuccess,
        onError: (error) => patchImport({ stage: "failed", error, shown: true }),
      });
    } else {
      // Back to the form, which says it where it can be put right.
      database.mutate([from.connection, from.password, from.schemas, false], {
        onSuccess,
        onError: (error) => patchImport({ stage: "connecting", error, shown: true }),
      });
    }
  };
}

/** Makes room for what is imported: the open workspace, else a new one. False when the person wants none. */
export function useRoom() {
  const create = useCreateWorkspace();
  const { data: workspace } = useWorkspace();
  return async (name: string): Promise<boolean> => {
    if (workspace) return true;
    const target = await platform().pickSavePath({
      title: "Where shall the new workspace lie?",
      defaultName: `${name} workspace.db`,
      filters: WORKSPACE_FILES,
    });
    if (target) await create.mutateAsync([target]);
    return target !== null;
  };
}
