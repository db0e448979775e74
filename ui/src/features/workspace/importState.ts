import { create } from "zustand";
import type { Connection, ImportProgress, ImportReport } from "../../api";
import { type AppError, fileName } from "../../shared";
import { EMPTY } from "./connectState";

/** The tables of a database on a server. */
export interface ServerSource {
  connection: Connection;
  /** Forgotten with the dialog. */
  password: string | null;
  /** None: every one. */
  schemas: string[];
}

export type ImportSource = { path: string } | ServerSource;

/** The one import there can be at a time, from choosing what and whereto, to its report. */
export interface ImportState {
  from: ImportSource;
  /** A CSV or NDJSON file needs the name of an entity first, a server how it is reached; a database file needs nothing. */
  stage: "naming" | "connecting" | "running" | "done" | "failed";
  progress: ImportProgress | null;
  report: ImportReport | null;
  error: AppError | null;
  /** Whether the dialog is in front; closed, the import goes on. */
  shown: boolean;
}

export const useImport = create<{ current: ImportState | null }>(() => ({ current: null }));

export function beginImport(from: ImportSource, stage: ImportState["stage"]): void {
  useImport.setState({
    current: { from, stage, progress: null, report: null, error: null, shown: true },
  });
}

export function patchImport(patch: Partial<ImportState>): void {
  useImport.setState(({ current }) => ({ current: current && { ...current, ...patch } }));
}

/** Brings the import that is running to the front; false when none is. */
export function showRunning(): boolean {
  const running = useImport.getState().current?.stage === "running";
  if (running) patchImport({ shown: true });
  return running;
}

/** Opens the form for a database on a server. */
export function openImportDatabase(): void {
  if (!showRunning()) beginImport({ connection: EMPTY, password: null, schemas: [] }, "connecting");
}

/** What is imported, in a word. */
export function sourceName(from: ImportSource): string {
  return "path" in from
    ? fileName(from.path)
    : from.connection.database || from.connection.host || "Postgres";
}

export function isDatabase(path: string): boolean {
  return /\.(sqlite3?|db3?)$/i.test(path);
}

/** "order lines.csv" → "order lines": what an entity made from the file is called unless the person says otherwise. */
export function entityNameFrom(path: string): string {
  return fileName(path).replace(/\.[^.]+$/, "");
}
