import { Button } from "@mantine/core";
import { CircleCheck } from "lucide-react";
import {
  type EditPlan,
  type Relationship,
  type SchemaEdit,
  useApplyEdit,
  useEditPlan,
  useSchema,
  useWorkspace,
} from "../../api";
import { ErrorNotice, formatDuration, formatNumber, plural, useReadOnly, useView } from "../../shared";
import { CheckAgain, Checking } from "./Checking";
import { editVerb } from "./editWords";
import { Fold } from "./Fold";
import { MissingRights } from "./MissingRights";
import css from "./materialize.module.css";
import { PlanLocks } from "./PlanLocks";
import { PlanSql } from "./PlanSql";
import { Figure } from "./PlanSummary";
import { ProblemTable } from "./ProblemTable";
import planCss from "./plan.module.css";
import { closeMaterialize, leavePanel } from "./state";

/** What an edit of a field or a relationship would do, before it is done; and the button that does it. */
export function EditPlanView({ edit }: { edit: SchemaEdit }) {
  const kind = useWorkspace().data?.kind;
  const plan = useEditPlan(edit);
  const apply = useApplyEdit();
  const readOnly = useReadOnly();
  const select = useView((s) => s.select);

  const done = (made: Relationship | null) => {
    closeMaterialize();
    if (made) select({ kind: "relationship", relationship: made.id });
    else if (edit.edit === "drop_relationship") select(null);
  };

  if (plan.error || !plan.data) return <Checking plan={plan} />;

  const { statements, records, links, problem_count, by_hand, estimate_s, locks, missing_rights } = plan.data;
  return (
    <>
      <div className={css.body}>
        <section aria-label="Summary">
          <dl className={planCss.figures}>
            <Figure label="Records changed" value={formatNumber(records)} />
            {links > 0 && <Figure label="Links" value={formatNumber(links)} />}
            <Figure label="Takes about" value={formatDuration(Math.max(0.1, estimate_s))} />
          </dl>
        </section>
        <MissingRights rights={missing_rights} kind={kind} />
        <Fold
          title="Problems"
          note={problem_count === 0 ? "none" : formatNumber(problem_count)}
          tone={by_hand > 0 ? "danger" : undefined}
          action={<CheckAgain plan={plan} />}
        >
          <Problems plan={plan.data} comes={edit.edit === "add_relationship"} />
        </Fold>
        <Fold title="Locks" note={formatNumber(locks.length)} open={false}>
          <PlanLocks locks={locks} />
        </Fold>
        <PlanSql statements={statements} kind={kind} />
      </div>
      <footer className={css.foot}>
        {apply.error && <ErrorNotice error={apply.error} />}
        <div className={css.buttons}>
          <Button
            variant="filled"
            color={editVerb(edit) === "Drop" ? "red" : undefined}
            onClick={() => apply.mutate([edit], { onSuccess: done })}
            loading={apply.isPending}
            disabled={by_hand > 0 || missing_rights.length > 0 || readOnly !== null}
            title={readOnly ?? undefined}
          >
            {editVerb(edit)}
          </Button>
          <Button onClick={leavePanel}>Not now</Button>
        </div>
      </footer>
    </>
  );
}

/** `comes`: the plan is of a reference there is not yet, so there is nowhere to correct a value of it. */
function Problems({ plan, comes }: { plan: EditPlan; comes: boolean }) {
  const { data: schema } = useSchema();
  const { problems, problem_count, by_hand } = plan;
  const stay = problem_count - by_hand;
  if (problem_count === 0) {
    return (
      <p className={css.fine}>
        <CircleCheck size={14} aria-hidden /> Nothing stands in the way.
      </p>
    );
  }
  return (
    <div className={css.section}>
      {stay > 0 && (
        <p className={css.note}>
          {plural(stay, "value")} {stay === 1 ? "does" : "do"} not convert.{" "}
          {stay === 1 ? "It stays" : "They stay"} as {stay === 1 ? "it is" : "they are"}, shown with a
          warning, until somebody corrects {stay === 1 ? "it" : "them"}.
        </p>
      )}
      <ProblemTable
        problems={problems}
        count={problem_count}
        idOf={(name) => (comes ? undefined : schema?.entities.find((e) => e.name === name)?.id)}
      />
      {by_hand > 0 && (
        <p className={css.byHand} role="note">
          {comes
            ? `${plural(by_hand, "record")} would refer to nothing. Add it without Required, fill it in, then require it.`
            : `${plural(by_hand, "value")} ${by_hand === 1 ? "has" : "have"} to be corrected first. Press one to correct it in the grid, then check again.`}
        </p>
      )}
    </div>
  );
}
