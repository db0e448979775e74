import { Button, CopyButton, Radio } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { type OnInvalid, useJobs, usePlan, useSchema, useStartMaterialize } from "../../api";
import { CodeBlock, ErrorNotice, formatDuration, plural, SectionLabel, SkeletonLines } from "../../shared";
import css from "./materialize.module.css";
import { ProblemTable } from "./ProblemTable";
import { closeMaterialize, type MaterializeRequest, openJob } from "./state";

/** What would happen, in figures and in SQL, before anything moves; and the button that does it. */
export function PlanView({ request }: { request: MaterializeRequest }) {
  const [choice, setChoice] = useState<OnInvalid>("abort");
  const { data: schema } = useSchema();
  const plan = usePlan(request.entities, { on_invalid: "abort", batch_size: null });
  const start = useStartMaterialize();
  const jobs = useJobs();
  const started = useRef(false);

  const run = () => {
    started.current = true;
    start.mutate([request.entities, { on_invalid: choice, batch_size: null }], {
      onSuccess: (job) => {
        void jobs.refetch();
        openJob(job.id);
      },
    });
  };
  const clean = plan.data !== undefined && plan.data.problem_count === 0;

  // "One click": what was started from the button runs as soon as the plan shows that nothing stands in the way.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a plan, whatever else is drawn
  useEffect(() => {
    if (request.start && clean && !plan.isFetching && !started.current) run();
  }, [clean, plan.isFetching]);

  if (plan.error) {
    return (
      <div className={css.body}>
        <ErrorNotice error={plan.error} action={<Button onClick={() => plan.refetch()}>Try again</Button>} />
      </div>
    );
  }
  if (!plan.data || (request.start && clean && !start.error)) {
    return <SkeletonLines lines={8} label="Checking every record" />;
  }

  const { statements, records, links, problems, problem_count, order, estimate_s } = plan.data;
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
          <CodeBlock label="SQL that will run">
            {statements.map((s) => `${s.replace(/;\s*$/, "")};`).join("\n\n")}
          </CodeBlock>
        </section>
      </div>
      <footer className={css.foot}>
        {start.error && <ErrorNotice error={start.error} />}
        <div className={css.buttons}>
          <Button
            variant="filled"
            onClick={run}
            loading={start.isPending}
            disabled={problem_count > 0 && choice === "abort"}
          >
            Materialize
          </Button>
          <Button onClick={closeMaterialize}>Not now</Button>
        </div>
      </footer>
    </>
  );
}
