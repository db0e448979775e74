import { useEffect } from "react";
import { platform } from "../platform";
import { commands } from "./bindings";
import { useCommand } from "./call";
import type { ImportProgress } from "./types";

export const useImportFile = () => useCommand(commands.importFile);
export const useCancelImport = () => useCommand(commands.cancelImport);
export const useExportRecords = () => useCommand(commands.exportRecords);

/** Hears how far the running import is. */
export function useImportProgress(hear: (step: ImportProgress) => void): void {
  useEffect(() => {
    const off = platform().listen<ImportProgress>("import-progress", hear);
    return () => void off.then((stop) => stop());
  }, [hear]);
}
