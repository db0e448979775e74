import css from "./materialize.module.css";
import { sparkline } from "./sparkPoints";

/** The rate of the copy so far; the number beside it says the same to who cannot see it. */
export function Sparkline({ values }: { values: number[] }) {
  return (
    <svg className={css.spark} viewBox="0 0 280 32" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={sparkline(values, 280, 32)} />
    </svg>
  );
}
