import { Button, CopyButton, Radio } from "@mantine/core";
import { useState } from "react";
import { type OnInvalid, usePlan, useSchema, useWorkspace } from "../../api";
import {
  ErrorNotice,
  formatDuration,
  ProgressBar,
  plural,
  SectionLabel,
  SqlBlock,
  useDelayed,
  useReadOnly,
} from "../../shared";
import css from "./materialize.module.css";
import { ProblemTable } from "./ProblemTable";
import { closeMaterialize } from "./state";
import { useStartJob } from "./useStartJob";

/** What would happen, in figures and in SQL, before anything moves; and the button that does it. */
export function PlanView({ entities }: { entities: string[] }) {
  const [choice, setChoice] = useState<OnInvalid>("abort");
  const { data: schema } = useSchema();
  const kind = useWorkspace().data?.kind;
  const plan = usePlan(entities, { on_invalid: "abort", batch_size: null });
  const start = useStartJob();
  const readOnly = useReadOnly();

  if (plan.error) {
    return (
      <div className={css.body}>
        <ErrorNotice error={plan.error} action={<Button onClick={() => plan.refetch()}>Try again</Button>} />
      </div>
    );
  }
  if (!plan.data) return <Checking />;

  const { statements, records, links, problems, problem_count, order, estimate_s, missing_rights } =
    plan.data;
  const idOf = (name: string) => schema?.entities.find((e) => e.name === name)?.id;
  return (
    <>
      <div className={css.body}>
        <dl className={css.summary}>
          <dt>Moves</dt>
          <dd>
            {plural(records, "record")}
            {links > 0 && ` and ${plural(links, "link")}`}
          </dd>
          <dt>Takes about</dt>
          <dd>{formatDuration(Math.max(0.1, estimate_s))}</dd>
          {order.length > 1 && (
            <>
              <dt>In this order</dt>
              <dd>{order.join(", ")}</dd>
            </>
          )}
        </dl>

        {missing_rights.length > 0 && (
          <section className={css.section} aria-label="Rights that are missing">
            <SectionLabel>Rights are missing</SectionLabel>
            <p className={css.note}>
              You may change records here, but not make their tables. Whoever owns the schema gives you the
              right with:
            </p>
            <SqlBlock label="SQL that gives the rights" kind={kind}>
              {missing_rights.map((right) => `${right.replace(/;\s*$/, "")};`).join("\n")}
            </SqlBlock>
          </section>
        )}

        {problem_count > 0 && (
          <section className={css.section} aria-label="Values that do not fit">
            <SectionLabel>
              {plural(problem_count, "value")} {problem_count === 1 ? "does" : "do"} not fit
            </SectionLabel>
            <ProblemTable problems={problems} count={problem_count} idOf={idOf} />
            <Radio.Group
              label="What shall become of them?"
              value={choice}
              onChange={(value) => setChoice(value as OnInvalid)}
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
          </section>
        )}

        <section className={css.section}>
          <SectionLabel
            action={
              <CopyButton value={`${statements.join(";\n\n")};\n`}>
                {({ copied, copy }) => (
                  <button type="button" className={css.link} onClick={copy}>
                    {copied ? "Copied" : "Copy SQL"}
                  </button>
                )}
              </CopyButton>
            }
          >
            SQL
          </SectionLabel>
          <SqlBlock label="SQL that will run" kind={kind}>
            {statements.map((s) => `${s.replace(/;\s*$/, "")};`).join("\n\n")}
          </SqlBlock>
        </section>
      </div>
      <footer className={css.foot}>
        {start.error && <ErrorNotice error={start.error} />}
        <div className={css.buttons}>
          <Button
            variant="filled"
            onClick={() => start.materialize(entities, choice)}
            loading={start.pending}
            disabled={
              (problem_count > 0 && choice === "abort") || missing_rights.length > 0 || readOnly !== null
            }
            title={readOnly ?? undefined}
          >
            Materialize
          </Button>
          <Button onClick={closeMaterialize}>Not now</Button>
        </div>
      </footer>
    </>
  );
}

/** The plan reads every record, so on a big entity it takes a while. */
function Checking() {
  const late = useDelayed();
  return (
    <div className={css.body}>
      {late && (
        <>
          <ProgressBar label="Checking every record" done={0} total={null} />
          <p className={css.note}>
            Checking every record against its column. You can close this; nothing has moved.
          </p>
        </>
      )}
    </div>
  );
}
