import { create } from "zustand";
import type { WorkspaceEvent } from "./types";

const useLine = create<{ lost: boolean }>(() => ({ lost: false }));

/** Whether the open workspace's server does not answer just now; it is tried again without end. */
export function useConnectionLost(): boolean {
  return useLine((s) => s.lost);
}

/** Called for each event of the workspace, and with null when another one is opened. */
export function noteLine(event: WorkspaceEvent | null): void {
  if (event === null || event.event === "connection_back") useLine.setState({ lost: false });
  else if (event.event === "connection_lost") useLine.setState({ lost: true });
}
