import { useQuery, useQueryClient } from "@tanstack/react-query";
import { commands } from "./bindings";
import { call, useCommand } from "./call";
import { forgetProgress } from "./jobs";
import { keys } from "./keys";
import type { WorkspaceInfo } from "./types";

/** The open workspace, or null on the start screen. */
export function useWorkspace() {
  return useQuery({ queryKey: keys.workspace, queryFn: () => call(commands.currentWorkspace()) });
}

export function useRecentWorkspaces() {
  return useQuery({ queryKey: keys.recent, queryFn: () => call(commands.recentWorkspaces()) });
}

/** After another workspace was opened or this one closed, nothing that was read before holds. */
function useSwitch<A extends unknown[], R extends WorkspaceInfo | null>(command: (...args: A) => Promise<R>) {
  const client = useQueryClient();
  return useCommand(async (...args: A) => {
    const info = await call(command(...args));
    await client.cancelQueries();
    forgetProgress();
    client.setQueryData(keys.workspace, info);
    void client.resetQueries({ predicate: (q) => q.queryKey[0] !== keys.workspace[0] });
    return info;
  });
}

export const useCreateWorkspace = () => useSwitch(commands.createWorkspace);
export const useOpenWorkspace = () => useSwitch(commands.openWorkspace);
export const useOpenSample = () => useSwitch(commands.openSample);
export const useCloseWorkspace = () => useSwitch(commands.closeWorkspace);

export function useForgetWorkspace() {
  const client = useQueryClient();
  return useCommand(async (location: string) => {
    await call(commands.forgetWorkspace(location));
    await client.invalidateQueries({ queryKey: keys.recent });
  });
}
