import { useMutation } from "@tanstack/react-query";
import { type AppError, toAppError } from "../shared";

/** Waits for a command; what it refuses with is thrown in the one error shape. */
export async function call<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    throw toAppError(thrown);
  }
}

/**
 * A command as a mutation; its arguments go as a list: `add.mutate([entity, spec])`. Nothing is refetched here: the
 * engine says what changed (events.ts).
 */
export function useCommand<A extends unknown[], R>(command: (...args: A) => Promise<R>) {
  return useMutation<R, AppError, A>({ mutationFn: (args) => call(command(...args)) });
}
