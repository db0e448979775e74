import { Check } from "lucide-react";
import { type Job, type LiveJob, useSchema } from "../../api";
import { formatNumber, ProgressBar } from "../../shared";
import css from "./materialize.module.css";
import { type Step, shareOfEntity, shareOfJob } from "./share";
import { doing, nameList, titles } from "./words";

/**
 * How far a job is: one bar, or one for each of its entities. They show the whole way, so none ever goes back. The list
 * of jobs counts the records of all entities together: until the job itself tells at which it is, there is one bar.
 */
export function EntityBars({ job, step, live }: { job: Job; step: Step; live: LiveJob | undefined }) {
  const { data: schema } = useSchema();
  const title = (at: number) => titles(schema, [job.entity_ids[at] ?? ""])[0] ?? job.entities[at] ?? "";
  if (job.entity_ids.length === 1 || step.entity_id === undefined) {
    const name = nameList(job.entity_ids.map((_, i) => title(i)));
    return <ProgressBar label={doing(job.kind, name)} {...bar(shareOfJob(job, step))} />;
  }
  return (
    <ul className={css.bars} aria-label="Entities">
      {job.entity_ids.map((id, at) => {
        const share = shareOfEntity(job, step, id);
        const total = live?.totals[id];
        return (
          <li key={id} className={css.barRow} data-now={step.entity_id === id || undefined}>
            <span className={css.barName} title={title(at)}>
              {title(at)}
            </span>
            <span className={`${css.barFigure} sw-num`}>
              {total !== undefined && formatNumber(total)}
              {share >= 1 ? <Check size={12} aria-hidden /> : <span>{Math.floor(share * 100)}%</span>}
            </span>
            <ProgressBar label={doing(job.kind, title(at))} {...bar(share)} />
          </li>
        );
      })}
    </ul>
  );
}

/** In thousandths, so that it moves smoothly. */
function bar(share: number): { done: number; total: number } {
  return { done: Math.round(share * 1000), total: 1000 };
}
