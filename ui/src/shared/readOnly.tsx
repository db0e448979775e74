// A workspace that may only be read: what would change it is not there, or is disabled with the reason.
import type { ReactNode } from "react";
import { create } from "zustand";
import css from "./components.module.css";

const useStore = create<{ reason: string | null }>(() => ({ reason: null }));

/** Told by the frame: why the open workspace may only be read; null where it may be changed. */
export function setReadOnly(reason: string | null): void {
  useStore.setState({ reason });
}

/** Why the open workspace may only be read; null where it may be changed. */
export function useReadOnly(): string | null {
  return useStore((s) => s.reason);
}

export function isReadOnly(): boolean {
  return useStore.getState().reason !== null;
}

/** What changes the workspace: not there where it may only be read. */
export function Writes({ children }: { children: ReactNode }) {
  return useReadOnly() === null ? children : null;
}

/** Controls that show what there is and change it: there they are disabled, and a pointer at rest says why. */
export function Editable({ children }: { children: ReactNode }) {
  const reason = useReadOnly();
  return (
    <fieldset className={css.editable} disabled={reason !== null} title={reason ?? undefined}>
      {children}
    </fieldset>
  );
}
