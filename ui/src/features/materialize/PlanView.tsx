import { Button } from "@mantine/core";
import { useState } from "react";
import { type MaterializeOptions, type OnInvalid, usePlan, useSchema, useWorkspace } from "../../api";
import { ErrorNotice, formatNumber, plural, useReadOnly } from "../../shared";
import { CheckAgain, Checking } from "./Checking";
import { FieldProfiles } from "./FieldProfiles";
import { Fold } from "./Fold";
import { MissingRights } from "./MissingRights";
import css from "./materialize.module.css";
import { PlanLocks } from "./PlanLocks";
import { PlanProblems } from "./PlanProblems";
import { PlanSql } from "./PlanSql";
import { PlanSummary } from "./PlanSummary";
import { closeMaterialize } from "./state";
import { useStartJob } from "./useStartJob";

/** All that stands in the way is listed, whatever shall become of it. */
const OPTIONS: MaterializeOptions = { on_invalid: "abort", batch_size: null };

/** What would happen, in figures and in SQL, before anything moves; and the button that does it. */
export function PlanView({ entities, back }: { entities: string[]; back: boolean }) {
  const [choice, setChoice] = useState<OnInvalid>("abort");
  const { data: schema } = useSchema();
  const kind = useWorkspace().data?.kind;
  const plan = usePlan(entities, OPTIONS, back);
  const start = useStartJob();
  const readOnly = useReadOnly();

  if (plan.error || !plan.data) return <Checking plan={plan} records={!back} />;

  const { statements, problem_count, by_hand, order, missing_rights, fields, locks } = plan.data;
  const better = fields.filter((f) => f.proposal).length;
  return (
    <>
      <div className={css.body}>
        <PlanSummary plan={plan.data} back={back} />

        <MissingRights
          rights={missing_rights}
          kind={kind}
          back={back}
          action={back && <CheckAgain plan={plan} />}
        />

        {!back && (
          <>
            <Fold
              title="Problems"
              note={problem_count === 0 ? "none" : formatNumber(problem_count)}
              tone={problem_count === 0 ? undefined : "danger"}
              action={<CheckAgain plan={plan} />}
            >
              <PlanProblems
                plan={plan.data}
                of={{ entities, options: OPTIONS, checked: plan.dataUpdatedAt }}
                idOf={(name) => schema?.entities.find((e) => e.name === name)?.id}
                choice={choice}
                onChoice={setChoice}
              />
            </Fold>

            <Fold
              title="Fields"
              note={better > 0 ? `${plural(better, "type")} could fit better` : formatNumber(fields.length)}
              tone={better > 0 ? "stone" : undefined}
            >
              <FieldProfiles
                fields={fields}
                several={order.length > 1}
                onChanged={() => void plan.refetch()}
              />
            </Fold>
          </>
        )}

        <Fold title="Locks" note={formatNumber(locks.length)} open={false}>
          <PlanLocks locks={locks} />
        </Fold>

        <PlanSql statements={statements} kind={kind} />
      </div>
      <footer className={css.foot}>
        {start.error && <ErrorNotice error={start.error} />}
        <div className={css.buttons}>
          <Button
            variant="filled"
            onClick={() => (back ? start.bringBack(entities) : start.materialize(entities, choice))}
            loading={start.pending}
            disabled={
              (problem_count > 0 && choice === "abort") ||
              by_hand > 0 ||
              missing_rights.length > 0 ||
              readOnly !== null
            }
            title={readOnly ?? undefined}
          >
            {back ? "Bring back" : "Materialize"}
          </Button>
          <Button onClick={closeMaterialize}>Not now</Button>
        </div>
      </footer>
    </>
  );
}
