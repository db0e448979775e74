import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { commands } from "./bindings";
import { call, useCommand } from "./call";
import { forgetProgress } from "./jobs";
import { keys } from "./keys";
import { noteLine } from "./line";
import type { Opening, WorkspaceInfo } from "./types";

/** The open workspace, or null on the start screen. What is shown of it at first comes with it. */
export function useWorkspace() {
  return useQuery({
    queryKey: keys.workspace,
    queryFn: async ({ client }) => {
      const opening = await call(commands.opening());
      if (opening) keep(client, opening);
      return opening?.info ?? null;
    },
  });
}

/** Everything by one command instead of one each: the workspace's server may be far away. */
function keep(client: QueryClient, opening: Opening): void {
  client.setQueryData(keys.schema, opening.schema);
  client.setQueryData(keys.layout, opening.layout);
  client.setQueryData(keys.jobs, opening.jobs);
  client.setQueryData(keys.undo, opening.undo);
  client.setQueryData(keys.overview, opening.overview);
  client.setQueryData(keys.linkCounts, opening.link_counts);
}
const KEPT: readonly unknown[] = [
  keys.schema,
  keys.layout,
  keys.jobs,
  keys.undo,
  keys.overview,
  keys.linkCounts,
].map(([root]) => root);

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
    const info = opened(answer);
    // Whatever it is that cannot be read will say so itself, where it is shown.
    const opening = info && (await call(commands.opening()).catch(() => null));
    await client.cancelQueries();
    forgetProgress();
    noteLine(null);
    if (opening) keep(client, opening);
    client.setQueryData(keys.workspace, info);
    const known = [keys.workspace[0], ...(opening ? KEPT : [])];
    void client.resetQueries({ predicate: (q) => !known.includes(q.queryKey[0]) });
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
