import { create } from "zustand";
import type { CopyProgress, CopyReport } from "../../api";
import type { AppError } from "../../shared";

/** The one copy there can be at a time, from choosing its place to its report. */
export interface CopyState {
  to: string;
  /** Of the server it goes to; forgotten with the dialog. */
  password: string;
  stage: "choosing" | "running" | "done";
  progress: CopyProgress | null;
  report: CopyReport | null;
  error: AppError | null;
  /** Whether the dialog is in front; closed, the copy goes on. */
  shown: boolean;
}

const FRESH: CopyState = {
  to: "",
  password: "",
  stage: "choosing",
  progress: null,
  report: null,
  error: null,
  shown: true,
};

export const useCopy = create<{ current: CopyState | null }>(() => ({ current: null }));

/** Opens the dialog, or brings the running copy to the front. */
export function openCopy(): void {
  useCopy.setState(({ current }) => ({ current: current ? { ...current, shown: true } : FRESH }));
}

/** What ends a copy that the same copy goes on with. */
const GOES_ON = new Set(["cancelled", "connection_lost"]);

export function isUnfinished({ error }: CopyState): boolean {
  return error !== null && GOES_ON.has(error.code);
}

export function patchCopy(patch: Partial<CopyState>): void {
  useCopy.setState(({ current }) => ({ current: current && { ...current, ...patch } }));
}
