import type { QueryTiming } from "../../api";
import { formatMilliseconds } from "../../shared";
import css from "./materialize.module.css";
import { speed } from "./speed";

/** The same queries before and after a job, as pairs of bars: the longer took the longer. */
export function Timings({ timings }: { timings: QueryTiming[] }) {
  if (timings.length === 0) return null;
  return (
    <div className={css.timings}>
      {timings.map((timing) => {
        const { turn, words } = speed(timing);
        const longest = Math.max(timing.before_ms, timing.after_ms, 0.01);
        const bar = (ms: number) => ({ width: `${(ms / longest) * 100}%` });
        return (
          <section key={timing.query} aria-label={timing.query}>
            <div className={css.timingHead}>
              <span className="sw-selectable">{timing.query}</span>
              <span className="sw-num" data-turn={turn}>
                {words}
              </span>
            </div>
            <div className={css.timing}>
              <span>before</span>
              <span className={css.timingBar} style={bar(timing.before_ms)} aria-hidden />
              <span className="sw-num">{formatMilliseconds(timing.before_ms)}</span>
              <span>now</span>
              <span className={css.timingBar} style={bar(timing.after_ms)} data-now aria-hidden />
              <span className="sw-num">{formatMilliseconds(timing.after_ms)}</span>
            </div>
          </section>
        );
      })}
    </div>
  );
}
