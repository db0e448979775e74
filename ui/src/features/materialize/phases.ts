/** The phases of a job in the order they run, with the words a person reads. Names as `kdb_jobs` keeps them. */
export const MATERIALIZE_PHASES = ["validate", "create", "copy", "verify", "cut_over", "clean_up"] as const;

export type Phase = (typeof MATERIALIZE_PHASES)[number];

export const PHASE_WORDS: Record<Phase, string> = {
  validate: "Validate",
  create: "Create",
  copy: "Copy",
  verify: "Verify",
  cut_over: "Cut over",
  clean_up: "Clean up",
};

export type PhaseState = "done" | "now" | "waiting" | "failed" | "stopped" | "paused";

export interface PhaseRow {
  phase: Phase;
  label: string;
  state: PhaseState;
}

/** "cutover", "Cut over" and "cut_over" are one phase. Null for what is not a phase, such as "done". */
export function toPhase(name: string): Phase | null {
  const plain = name.toLowerCase().replace(/[^a-z]/g, "");
  return MATERIALIZE_PHASES.find((p) => p.replace("_", "") === plain) ?? null;
}

/**
 * Whether a job in this phase has switched over. From then on the new place is the truth, and there is only the way
 * forward; until the phase of the cut-over ends it has not happened.
 */
export function hasCutOver(phase: Phase): boolean {
  return phase === "clean_up";
}

/** How a job stands: `stopped` and `paused` are those that can go on from where they are. */
export type Outcome = "running" | "finished" | "failed" | "stopped" | "paused";

const HERE: Record<Outcome, PhaseState> = {
  running: "now",
  finished: "done",
  failed: "failed",
  stopped: "stopped",
  paused: "paused",
};

/** How far each phase is, seen from the phase a job is in. `finished` marks all as done. */
export function phaseRows(current: string, outcome: Outcome): PhaseRow[] {
  const phase = toPhase(current);
  const at = phase === null ? 0 : MATERIALIZE_PHASES.indexOf(phase);
  return MATERIALIZE_PHASES.map((p, i) => ({
    phase: p,
    label: PHASE_WORDS[p],
    state: outcome === "finished" || i < at ? "done" : i > at ? "waiting" : HERE[outcome],
  }));
}
