import { useEffect } from "react";
import { platform } from "../platform";
import { commands } from "./bindings";
import { useCommand } from "./call";
import type { CopyProgress, ImportProgress } from "./types";

export const useImportFile = () => useCommand(commands.importFile);
export const useImportDatabase = () => useCommand(commands.importDatabase);
export const useCancelImport = () => useCommand(commands.cancelImport);
export const useExportRecords = () => useCommand(commands.exportRecords);

export const useCopyWorkspace = () => useCommand(commands.copyWorkspace);
export const useCancelCopy = () => useCommand(commands.cancelCopy);

/** Hears how far the running import is. */
export const useImportProgress = (hear: (step: ImportProgress) => void) => useHear("import-progress", hear);

/** Hears how far the running copy is. */
export const useCopyProgress = (hear: (step: CopyProgress) => void) => useHear("copy-progress", hear);

function useHear<T>(event: string, hear: (step: T) => void): void {
  useEffect(() => {
    const off = platform().listen<T>(event, hear);
    return () => void off.then((stop) => stop());
  }, [event, hear]);
}
