import { type MaterializePlan, useWorkspace } from "../../api";
import { formatBytes, formatDuration, formatNumber } from "../../shared";
import css from "./plan.module.css";

/** What the plan comes to, in figures. */
export function PlanSummary({ plan, back }: { plan: MaterializePlan; back: boolean }) {
  const { records, links, estimate_s, disk, order } = plan;
  const file = useWorkspace().data?.kind === "sqlite";
  return (
    <section aria-label="Summary">
      <dl className={css.figures}>
        <Figure label="Records" value={formatNumber(records)} />
        {links > 0 && <Figure label="Links" value={formatNumber(links)} />}
        <Figure label="Takes about" value={formatDuration(Math.max(0.1, estimate_s))} />
        <Figure
          label={back ? "Shared rows and indexes" : "Table and indexes"}
          value={formatBytes(disk.table_bytes + disk.index_bytes)}
        />
      </dl>
      <p className={css.note}>
        Needs {formatBytes(disk.peak_bytes)} of free disk while both copies exist.{" "}
        {!back || file
          ? `${formatBytes(disk.freed_bytes)} of the ${file ? "file" : "shared tables"} can be used again afterwards.`
          : `${formatBytes(disk.freed_bytes)} are free again once their own tables are gone.`}
      </p>
      {order.length > 1 && (
        <ol className={css.order} aria-label="In this order">
          {order.map((name) => (
            <li key={name} className="sw-ellipsis" title={name}>
              {name}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

export function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div className={css.figure}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
