import { Radio } from "@mantine/core";
import { CircleCheck } from "lucide-react";
import {
  type MaterializeOptions,
  type MaterializePlan,
  type OnInvalid,
  PROBLEMS_STEP,
  useProblems,
} from "../../api";
import { plural } from "../../shared";
import css from "./materialize.module.css";
import { ProblemTable } from "./ProblemTable";

/** What stands in the way, and what shall become of it. */
export function PlanProblems(props: {
  plan: MaterializePlan;
  /** What it is a plan of, and when it was made. */
  of: { entities: string[]; options: MaterializeOptions; checked: number };
  idOf: (entity: string) => string | undefined;
  choice: OnInvalid;
  onChoice: (choice: OnInvalid) => void;
}) {
  const { problem_count, by_hand, order } = props.plan;
  const { entities, options, checked } = props.of;
  const parts = useProblems(entities, options, props.plan.problems.length, checked);
  const problems = parts.data?.pages.flatMap((page) => page.problems) ?? props.plan.problems;
  const goesOn = parts.data ? parts.hasNextPage : problem_count > problems.length;
  if (problem_count === 0) {
    return (
      <p className={css.fine}>
        <CircleCheck size={14} aria-hidden /> Every value fits its column.
      </p>
    );
  }
  return (
    <div className={css.section}>
      <p className={css.note}>
        <strong>
          {plural(problem_count, "value")} {problem_count === 1 ? "does" : "do"} not fit
        </strong>
        . Press one to correct it in the grid, then check again.
      </p>
      <ProblemTable
        problems={problems}
        count={problem_count}
        idOf={props.idOf}
        several={order.length > 1 || problems.some((p) => !order.includes(p.entity))}
        more={
          goesOn
            ? {
                show: () => void parts.fetchNextPage(),
                step: PROBLEMS_STEP,
                busy: parts.isFetching,
                error: parts.error,
              }
            : null
        }
      />
      {by_hand > 0 && (
        <p className={css.byHand} role="note">
          {plural(by_hand, "value")} {by_hand === 1 ? "has" : "have"} to be corrected by hand: a required
          field cannot be left empty, of a key over several fields nobody knows which part is wrong, and what
          other tables refer to is not changed from here.
        </p>
      )}
      {by_hand < problem_count && (
        <Radio.Group
          label={by_hand > 0 ? "What shall become of the others?" : "What shall become of them?"}
          value={props.choice}
          onChange={(value) => props.onChoice(value as OnInvalid)}
        >
          <div className={css.choices}>
            <Radio
              size="xs"
              value="abort"
              label="Stop"
              description="Nothing moves until you have corrected them"
            />
            <Radio
              size="xs"
              value="keep"
              label="Keep aside"
              description="The column gets null, the value stays beside its record and comes back with Bring back"
            />
            <Radio
              size="xs"
              value="null"
              label="Replace by null"
              description="The values are gone; the report counts them"
            />
          </div>
        </Radio.Group>
      )}
    </div>
  );
}
