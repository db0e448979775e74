import { useQuery } from "@tanstack/react-query";
import { commands } from "./bindings";
import { call, useCommand } from "./call";
import { keys } from "./keys";

/** Every change of the schema, newest first; of one entity when it is named. */
export function useChangelog(entity: string | null = null) {
  return useQuery({
    queryKey: [...keys.changelog, entity],
    queryFn: () => call(commands.changelog(entity)),
  });
}

/** What Undo and Redo would do now. */
export function useUndoState() {
  return useQuery({ queryKey: keys.undo, queryFn: () => call(commands.undoState()) });
}

export const useUndo = () => useCommand(commands.undo);
export const useRedo = () => useCommand(commands.redo);
