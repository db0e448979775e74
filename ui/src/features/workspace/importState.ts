import { create } from "zustand";
import type { ImportProgress, ImportReport } from "../../api";
import { type AppError, fileName } from "../../shared";

/** The one import there can be at a time, from choosing the entity to its report. */
export interface ImportState {
  path: string;
  /** Needs the name of an entity first: CSV and NDJSON do, a database brings its own. */
  stage: "naming" | "running" | "done" | "failed";
  progress: ImportProgress | null;
  report: ImportReport | null;
  error: AppError | null;
  /** Whether the dialog is in front; closed, the import goes on. */
  shown: boolean;
}

export const useImport = create<{ current: ImportState | null }>(() => ({ current: null }));

export function patchImport(patch: Partial<ImportState>): void {
  useImport.setState(({ current }) => ({ current: current && { ...current, ...patch } }));
}

export function isDatabase(path: string): boolean {
  return /\.(sqlite3?|db3?)$/i.test(path);
}

/** "order lines.csv" → "order lines": what an entity made from the file is called unless the person says otherwise. */
export function entityNameFrom(path: string): string {
  return fileName(path).replace(/\.[^.]+$/, "");
}
