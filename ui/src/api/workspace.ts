import { useQuery, useQueryClient } from "@tanstack/react-query";
import { commands } from "./bindings";
import { call, useCommand } from "./call";
import { forgetProgress } from "./jobs";
import { keys } from "./keys";
import { noteLine } from "./line";
import type { WorkspaceInfo } from "./types";

/** The open workspace, or null on the start screen. */
export function useWorkspace() {
  return useQuery({ queryKey: keys.workspace, queryFn: () => call(commands.currentWorkspace()) });
}

export function useRecentWorkspaces() {
  return useQuery({ queryKey: keys.recent, queryFn: () => call(commands.recentWorkspaces()) });
}

/** After another workspace was opened or this one closed, nothing that was read before holds. */
export function useSwitch<A extends unknown[], R>(
  command: (...args: A) => Promise<R>,
  opened: (answer: R) => WorkspaceInfo | null,
) {
  const client = useQueryClient();
  return useCommand(async (...args: A) => {
    const answer = await call(command(...args));
    await client.cancelQueries();
    forgetProgress();
    noteLine(null);
    client.setQueryData(keys.workspace, opened(answer));
    void client.resetQueries({ predicate: (q) => q.queryKey[0] !== keys.workspace[0] });
    return answer;
  });
}

const same = <T>(info: T) => info;
export const useCreateWorkspace = () => useSwitch(commands.createWorkspace, same);
export const useOpenWorkspace = () => useSwitch(commands.openWorkspace, same);
export const useOpenSample = () => useSwitch(commands.openSample, same);
export const useCloseWorkspace = () => useSwitch(commands.closeWorkspace, same);

export function useForgetWorkspace() {
  const client = useQueryClient();
  return useCommand(async (location: string) => {
    await call(commands.forgetWorkspace(location));
    await client.invalidateQueries({ queryKey: keys.recent });
  });
}
