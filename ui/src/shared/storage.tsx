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
  return <span className={css.dot} data-mode={mode} role="img" aria-label={mode} title={EXPLAIN[mode]} />;
}
