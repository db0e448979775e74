import css from "./components.module.css";

/** Where an entity's rows lie. Clay and dashed is shared, stone and solid is dedicated, everywhere. */
export type StorageMode = "shared" | "dedicated";

const EXPLAIN: Record<StorageMode, string> = {
  shared: "Shared: records lie in the one flexible table",
  dedicated: "Dedicated: records lie in a table of their own",
};

export function StorageBadge({ mode }: { mode: StorageMode }) {
  return (
    <span className={css.badge} data-mode={mode} title={EXPLAIN[mode]}>
      {mode}
    </span>
  );
}

/** The small mark in lists: a dashed outline or a filled square, so that shape tells as well as colour. */
export function StorageDot({ mode }: { mode: StorageMode }) {
  return (
    <svg className={css.dot} data-mode={mode} viewBox="0 0 10 10" role="img" aria-label={mode}>
      <title>{EXPLAIN[mode]}</title>
      {/* Eight even dashes: a dashed border of this size is drawn differently by every browser. */}
      <rect x="0.75" y="0.75" width="8.5" height="8.5" rx="2.25" pathLength={16} />
    </svg>
  );
}
