import { Button } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { History, Redo2, Undo2 } from "lucide-react";
import { useRef } from "react";
import { runAction } from "../../actions";
import { type SchemaChange, titleOf, useChangelog, useSchema, useUndoState } from "../../api";
import { EmptyState, ErrorNotice, formatWhen, Kbd, SkeletonLines, useReadOnly, useView } from "../../shared";
import css from "./history.module.css";

/** The tab "History": every change of the schema, newest first, with what is undone marked as such. */
export function HistoryPanel() {
  const log = useChangelog();
  const { data: state } = useUndoState();
  const readOnly = useReadOnly();
  return (
    <section className={css.panel} aria-label="History">
      <header className={css.bar}>
        <Button
          leftSection={<Undo2 size={14} aria-hidden />}
          rightSection={<Kbd keys="mod+z" />}
          aria-label="Undo"
          disabled={!state?.undo || readOnly !== null}
          onClick={() => runAction("edit.undo")}
        >
          Undo
        </Button>
        <Button
          leftSection={<Redo2 size={14} aria-hidden />}
          rightSection={<Kbd keys="mod+shift+z" />}
          aria-label="Redo"
          disabled={!state?.redo || readOnly !== null}
          onClick={() => runAction("edit.redo")}
        >
          Redo
        </Button>
        <span className={css.hint}>{state?.undo ? `Next to undo: ${state.undo}` : "Nothing to undo"}</span>
      </header>
      {log.isPending && <SkeletonLines lines={10} label="Loading the history" />}
      {log.error && <ErrorNotice error={log.error} />}
      {log.data?.length === 0 && (
        <EmptyState icon={<History size={24} />} title="Nothing has changed yet">
          Every edit of the schema will stand here, with its way back.
        </EmptyState>
      )}
      {log.data && log.data.length > 0 && <ChangeList changes={log.data} />}
    </section>
  );
}

function ChangeList({ changes }: { changes: SchemaChange[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: changes.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 32,
    overscan: 16,
    initialRect: { width: 800, height: 800 },
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable to be scrolled by keys
    <div ref={scroller} className={css.scroll} tabIndex={0}>
      <ol className={css.list} style={{ height: virtual.getTotalSize() }} aria-label="Schema changes">
        {virtual.getVirtualItems().map((item) => {
          const change = changes[item.index];
          return change && <ChangeRow key={change.id} change={change} top={item.start} />;
        })}
      </ol>
    </div>
  );
}

function ChangeRow({ change, top }: { change: SchemaChange; top: number }) {
  const { data: schema } = useSchema();
  const select = useView((s) => s.select);
  const entities = change.entities.flatMap((id) => schema?.entities.find((e) => e.id === id) ?? []);
  return (
    <li
      className={css.row}
      data-undone={change.undone || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span className={`${css.version} sw-num`}>v {change.version}</span>
      <span className={`${css.what} sw-ellipsis`} title={change.description}>
        {change.description}
      </span>
      {change.undone && <span className={css.undone}>undone</span>}
      <span className={css.entities}>
        {entities.slice(0, 2).map((e) => (
          <button key={e.id} type="button" onClick={() => select({ kind: "entity", entity: e.id })}>
            {titleOf(e)}
          </button>
        ))}
        {entities.length > 2 && <span>+{entities.length - 2}</span>}
      </span>
      <time className={css.when} dateTime={change.at} title={new Date(change.at).toLocaleString("en")}>
        {formatWhen(change.at)}
      </time>
    </li>
  );
}
