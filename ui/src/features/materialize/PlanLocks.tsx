import type { PlanLock } from "../../api";
import { heldFor } from "./held";
import { PHASE_WORDS } from "./phases";
import css from "./plan.module.css";

/** Which locks are taken when, how long about, and who waits. */
export function PlanLocks({ locks }: { locks: PlanLock[] }) {
  return (
    <ul className={css.locks}>
      {locks.map((lock, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the locks of a plan have no identity
        <li key={i} className={css.lock}>
          <div className={css.lockHead}>
            <span>{PHASE_WORDS[lock.phase]}</span>
            <span className={css.lockTime}>
              {heldFor(lock.seconds)}
              {lock.repeated && " at a time"}
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
