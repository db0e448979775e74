import type { EditLock, PlanLock } from "../../api";
import { heldFor } from "./held";
import { PHASE_WORDS } from "./phases";
import css from "./plan.module.css";

const STAGE_WORDS: Record<EditLock["stage"], string> = {
  before: "Ahead of the edit",
  within: "In the edit",
  after: "After the edit",
};

/** Which locks are taken when, how long about, and who waits. */
export function PlanLocks({ locks }: { locks: (PlanLock | EditLock)[] }) {
  return (
    <ul className={css.locks}>
      {locks.map((lock, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the locks of a plan have no identity
        <li key={i} className={css.lock}>
          <div className={css.lockHead}>
            <span>{"phase" in lock ? PHASE_WORDS[lock.phase] : STAGE_WORDS[lock.stage]}</span>
            <span className={css.lockTime}>
              {heldFor(lock.seconds)}
              {"repeated" in lock && lock.repeated && " at a time"}
            </span>
          </div>
          <p>
            <code>{lock.lock}</code> on {lock.on}
          </p>
          <p className={css.waits}>Waits: {lock.waits}</p>
        </li>
      ))}
    </ul>
  );
}
