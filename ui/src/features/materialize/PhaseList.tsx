import { Check, Pause, X } from "lucide-react";
import type { ReactNode } from "react";
import css from "./materialize.module.css";
import { type Outcome, type Phase, type PhaseState, phaseRows } from "./phases";

const SAY: Record<PhaseState, string> = {
  done: "done",
  now: "running",
  waiting: "waiting",
  failed: "failed",
  stopped: "stopped here",
  paused: "paused here",
};

/** The phases of a job, with what there is to say of each at its right. */
export function PhaseList(props: {
  phase: string;
  outcome: Outcome;
  notes: Partial<Record<Phase, ReactNode>>;
}) {
  return (
    <ol className={css.phases} aria-label="Phases">
      {phaseRows(props.phase, props.outcome).map((row) => (
        <li
          key={row.phase}
          className={css.phase}
          data-state={row.state}
          aria-current={row.state === "now" ? "step" : undefined}
        >
          <span className={css.phaseMark} aria-hidden>
            {row.state === "done" && <Check size={14} />}
            {row.state === "failed" && <X size={14} />}
            {row.state === "paused" && <Pause size={14} />}
            {(row.state === "now" || row.state === "stopped") && <span className={css.phaseNow} />}
          </span>
          <span>{row.label}</span>
          <span className="sw-visually-hidden">{SAY[row.state]}</span>
          <span className={`${css.phaseNote} sw-num`}>{props.notes[row.phase]}</span>
        </li>
      ))}
    </ol>
  );
}
