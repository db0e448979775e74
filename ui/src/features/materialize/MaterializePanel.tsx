import { ActionIcon } from "@mantine/core";
import { X } from "lucide-react";
import { useEffect, useRef } from "react";
import { editEntities, type Job, type SchemaEdit, useJobs, useLiveJob, useSchema } from "../../api";
import { ErrorNotice, SkeletonLines, selectedEntity, useView } from "../../shared";
import { EditPlanView } from "./EditPlanView";
import { editTitle } from "./editWords";
import { JobProgressView } from "./JobProgressView";
import css from "./materialize.module.css";
import { PlanView } from "./PlanView";
import { ReportView } from "./ReportView";
import { closeMaterialize, leavePanel, useMaterialize } from "./state";
import { jobTitle, nameList, titles } from "./words";

/** The right column while a plan is looked at or a job is watched. Esc closes it; the job goes on. */
export function MaterializePanel() {
  const panel = useMaterialize((s) => s.panel);
  useEffect(() => {
    if (!panel) return;
    const onKey = (event: KeyboardEvent) => {
      if (
        event.key === "Escape" &&
        !event.defaultPrevented &&
        !document.querySelector('[aria-modal="true"], [role="menu"]')
      ) {
        leavePanel();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [panel]);
  useCloseOnLeaving();
  if (!panel) return null;
  if (panel.edit) return <EditOf edit={panel.edit} />;
  return panel.job === null ? <PlanOf {...panel.plan} /> : <JobOf id={panel.job} />;
}

/** Somebody who turns to another entity wants to see that one; a job is still in the status bar. */
function useCloseOnLeaving(): void {
  const selected = useView((s) => selectedEntity(s.selection));
  const { data: schema } = useSchema();
  const { data: jobs } = useJobs();
  const from = useRef(selected);
  useEffect(() => {
    const { panel, followed } = useMaterialize.getState();
    const job = jobs?.find((j) => j.id === panel?.job);
    const planned = job && isPlannedAgain(job) ? job.entity_ids : panel?.plan?.entities;
    const own = panel?.edit ? editEntities(schema, panel.edit) : (planned ?? []);
    // Going from problem to problem is no leaving, whosever records they are.
    if (selected !== null && (own.includes(selected) || selected === followed)) from.current = selected;
    else if (selected !== null && selected !== from.current) closeMaterialize();
  }, [selected, schema, jobs]);
}

function PlanOf({ entities, back }: { entities: string[]; back: boolean }) {
  const { data: schema } = useSchema();
  const title = `${back ? "Bring back" : "Materialize"} ${nameList(titles(schema, entities))}`;
  return (
    <section className={css.panel} aria-label={`Plan to ${title.charAt(0).toLowerCase()}${title.slice(1)}`}>
      <Head title={title} />
      <PlanView key={`${back} ${entities.join()}`} entities={entities} back={back} />
    </section>
  );
}

function EditOf({ edit }: { edit: SchemaEdit }) {
  const { data: schema } = useSchema();
  const title = editTitle(schema, edit);
  return (
    <section className={css.panel} aria-label={`Plan: ${title}`}>
      <Head title={title} />
      <EditPlanView key={JSON.stringify(edit)} edit={edit} />
    </section>
  );
}

function JobOf({ id }: { id: string }) {
  const jobs = useJobs();
  const live = useLiveJob(id);
  const { data: schema } = useSchema();
  const job = jobs.data?.find((j) => j.id === id);
  if (jobs.error) return <ErrorNotice error={jobs.error} />;
  if (!job) return <SkeletonLines lines={6} label="Looking up the job" />;
  if (isPlannedAgain(job)) return <PlanOf entities={job.entity_ids} back={false} />;
  const names = titles(schema, job.entity_ids);
  const name = nameList(names.length > 0 ? names : job.entities);
  const underWay = job.status === "running" || job.status === "paused";
  return (
    <section className={css.panel} aria-label={jobTitle(job, name)}>
      <Head title={jobTitle(job, name)} />
      <div className={css.body}>
        <div className={css.card}>
          {underWay ? (
            <JobProgressView job={job} live={live} title={name} heading={false} />
          ) : (
            <ReportView job={job} />
          )}
        </div>
        {job.status === "running" && (
          <p className={css.note}>You can go on working. This continues when you close the panel.</p>
        )}
      </div>
    </section>
  );
}

/** Values stood in the way: the plan lists them and asks what shall become of them. On the way back none can. */
function isPlannedAgain(job: Job): boolean {
  return job.kind === "materialize" && job.status === "failed" && job.error?.code === "invalid_values";
}

function Head({ title }: { title: string }) {
  return (
    <header className={css.head}>
      <h2 className="sw-ellipsis" title={title}>
        {title}
      </h2>
      <ActionIcon aria-label="Close panel" onClick={leavePanel}>
        <X size={16} />
      </ActionIcon>
    </header>
  );
}
