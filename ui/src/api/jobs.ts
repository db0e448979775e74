import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { create } from "zustand";
import { commands } from "./bindings";
import { call, useCommand } from "./call";
import { keys } from "./keys";
import type { Job, JobProgress, MaterializeOptions } from "./types";

/** What is known of a running job from its events: the latest step and the rates of its copy so far. */
export interface LiveJob {
  latest: JobProgress;
  /** Records a second, oldest first, at most 60. */
  rates: number[];
  /** Records of each entity, as far as it has been told. */
  totals: Record<string, number>;
}

const useLive = create<{ jobs: Record<string, LiveJob> }>(() => ({ jobs: {} }));

/** Called for each progress event. Returns whether it is the first of a phase after another. */
export function noteProgress(step: JobProgress): boolean {
  const last = useLive.getState().jobs[step.job]?.latest.phase;
  useLive.setState(({ jobs }) => {
    const before = jobs[step.job];
    const rates = before?.rates ?? [];
    return {
      jobs: {
        ...jobs,
        [step.job]: {
          latest: step,
          rates: step.phase === "copy" ? [...rates, step.rate].slice(-60) : rates,
          totals: { ...before?.totals, [step.entity_id]: step.total },
        },
      },
    };
  });
  return last !== undefined && last !== step.phase;
}

export function forgetProgress(job?: string): void {
  useLive.setState(({ jobs }) => {
    if (job === undefined) return { jobs: {} };
    const { [job]: _, ...rest } = jobs;
    return { jobs: rest };
  });
}

/** How often it is asked what others have written while a job is paused. */
const WRITES_MS = 2000;

/** Every job of the workspace, newest first. */
export function useJobs() {
  return useQuery({
    queryKey: keys.jobs,
    queryFn: () => call(commands.jobs()),
    // Nobody tells of what is written while a job is paused.
    refetchInterval: (query) => (query.state.data?.some((j) => j.status === "paused") ? WRITES_MS : false),
  });
}

/** The live state of one job, or undefined before its first event. */
export function useLiveJob(job: string | null | undefined): LiveJob | undefined {
  return useLive((s) => (job ? s.jobs[job] : undefined));
}

/** Live jobs by the entity they are at, for headers that fill as records move. */
export function useLiveJobs(): Record<string, LiveJob> {
  return useLive((s) => s.jobs);
}

/**
 * What materializing these, or bringing them `back`, would do. Made anew each time it is asked for: records may have
 * changed meanwhile.
 */
export function usePlan(entities: string[], options: MaterializeOptions, back: boolean) {
  const ask = back ? commands.dematerializePlan : commands.materializePlan;
  return useQuery({
    queryKey: [...keys.plan, back ? "back" : "there", entities, options],
    queryFn: () => call(ask(entities, options)),
    enabled: entities.length > 0,
    gcTime: 0,
    staleTime: 0,
  });
}

/** Problems that are asked for at once, beyond those a plan carries. */
export const PROBLEMS_STEP = 1000;

/**
 * The problems of a plan part by part, each as it is asked for with `fetchNextPage`. A plan does not say where those it
 * carries end, so the first part holds them again. `checked`: when the plan was made, as another has other problems.
 */
export function useProblems(
  entities: string[],
  options: MaterializeOptions,
  carried: number,
  checked: number,
) {
  return useInfiniteQuery({
    queryKey: [...keys.plan, "problems", entities, options, checked],
    queryFn: ({ pageParam }) => {
      const limit = pageParam === null ? carried + PROBLEMS_STEP : PROBLEMS_STEP;
      return call(commands.materializeProblems(entities, options, pageParam, limit));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: false,
    gcTime: 0,
  });
}

/** What a command says of a job stands in the list at once, unless an event was quicker for a new one. */
function useStart<A extends unknown[]>(command: (...args: A) => Promise<Job>) {
  const client = useQueryClient();
  return useCommand(async (...args: A) => {
    const job = await call(command(...args));
    client.setQueryData<Job[]>(keys.jobs, (old = []) =>
      old.some((j) => j.id === job.id) ? old : [job, ...old],
    );
    return job;
  });
}

/** The same for a job that has been there before. */
function useChange(command: (id: string) => Promise<Job>) {
  const client = useQueryClient();
  return useCommand(async (id: string) => {
    const job = await call(command(id));
    client.setQueryData<Job[]>(keys.jobs, (old) => old?.map((j) => (j.id === id ? job : j)));
    // It may have ended before this was answered.
    void client.invalidateQueries({ queryKey: keys.jobs });
    return job;
  });
}

export const useStartMaterialize = () => useStart(commands.startMaterialize);
export const useStartDematerialize = () => useStart(commands.startDematerialize);
export const useCancelJob = () => useCommand(commands.cancelJob);
export const usePauseJob = () => useCommand(commands.pauseJob);
export const useResumeJob = () => useChange(commands.resumeJob);
export const useRollbackJob = () => useChange(commands.rollbackJob);
