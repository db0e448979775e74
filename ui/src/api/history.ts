import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { commands } from "./bindings";
import { call } from "./call";
import { keys } from "./keys";

/** Every change of the schema, newest first; of one entity when it is named. */
export function useChangelog(entity: string | null = null) {
  return useQuery({
    queryKey: [...keys.changelog, entity],
    queryFn: () => call(commands.changelog(entity)),
  });
}

const undoState = () => call(commands.undoState());

/** What Undo and Redo would do now. */
export function useUndoState() {
  return useQuery({ queryKey: keys.undo, queryFn: undoState });
}

/** Takes one step back or forward in the history; with nothing to undo or redo it does nothing. */
export function useHistorySteps() {
  const client = useQueryClient();
  const [left, setLeft] = useState(0);
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const step = useCallback(
    (way: "undo" | "redo", onError: (thrown: unknown) => void) => {
      const latest = () => client.fetchQuery({ queryKey: keys.undo, queryFn: undoState, staleTime: 0 });
      const one = async () => {
        try {
          if ((await latest())[way] !== null) await call(commands[way]());
          await latest();
        } catch (thrown) {
          onError(thrown);
        }
        setLeft((n) => n - 1);
      };
      setLeft((n) => n + 1);
      last.current = last.current.then(one);
    },
    [client],
  );
  /** `stepping` until the last step asked for is done and known. */
  return { step, stepping: left > 0 };
}
