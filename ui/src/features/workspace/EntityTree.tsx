import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { type ActionTarget, runAction, useContextMenu } from "../../actions";
import { formatCount, formatNumber, StorageDot } from "../../shared";
import { InlineName } from "./InlineName";
import css from "./tree.module.css";
import { moveInTree, type TreeEntity, type TreeRow, treeRows, typeAhead } from "./treeRows";

const ROW = 28;

/**
 * The workspace's entities. Focus stays on the tree and `aria-activedescendant` walks, because a row that is scrolled
 * away leaves the page.
 */
export function EntityTree(props: {
  entities: TreeEntity[];
  filter: string;
  folded: string[];
  selected: string | null;
  renaming: string | null;
  onSelect: (entity: string) => void;
  onOpen: (entity: string) => void;
  onToggle: (group: string) => void;
  onRename: (entity: string, label: string | null) => void;
}) {
  const rows = useMemo(
    () => treeRows(props.entities, props.filter, props.folded),
    [props.entities, props.filter, props.folded],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const typed = useRef({ text: "", at: 0 });
  const prefix = useId();
  const { open: openMenu, menu } = useContextMenu();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
    paddingStart: 4,
    paddingEnd: 12,
    // Before the first measurement (and in tests, where nothing has a size) show a screenful rather than nothing.
    initialRect: { width: 232, height: 800 },
  });

  const at = rows.findIndex((r) => r.key === active);
  const go = (index: number) => {
    const row = rows[index];
    if (!row) return;
    setActive(row.key);
    virtual.scrollToIndex(index);
    if (row.kind === "entity") props.onSelect(row.entity.id);
  };

  // What is selected elsewhere (diagram, palette) becomes visible here.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection may scroll the tree
  useEffect(() => {
    const index = rows.findIndex((r) => r.key === props.selected);
    if (index >= 0) {
      setActive(props.selected);
      virtual.scrollToIndex(index);
    }
  }, [props.selected]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || props.renaming) return;
    const row = rows[at];
    const to = moveInTree(rows, at, event.key, 20);
    if (to >= 0) go(to);
    else if (event.key === "Enter" && row) act(row);
    else if (event.key === "ArrowRight" && row?.kind === "group" && !row.open) toggle(row);
    else if (event.key === "ArrowLeft" && row?.kind === "group" && row.open) toggle(row);
    else if (event.key === "ArrowLeft" && row?.kind === "entity") go(groupOf(rows, at));
    else if (event.key === "F2" && row?.kind === "entity")
      runAction("entity.rename", { entity: row.entity.id });
    else if (event.key === "Delete" && row?.kind === "entity")
      runAction("entity.drop", { entity: row.entity.id });
    else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) menuAt(at);
    else if (/^[\p{L}\p{N}]$/u.test(event.key)) {
      const now = Date.now();
      typed.current = {
        text: now - typed.current.at < 700 ? typed.current.text + event.key : event.key,
        at: now,
      };
      const from = typed.current.text.length > 1 ? at - 1 : at;
      go(typeAhead(rows, Math.max(-1, from), typed.current.text));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const toggle = (row: TreeRow) => row.kind === "group" && props.onToggle(row.key.slice("group:".length));
  const act = (row: TreeRow) => (row.kind === "entity" ? props.onOpen(row.entity.id) : toggle(row));
  const menuAt = (index: number) => {
    const row = rows[index];
    const box = scroller.current?.querySelector(`[data-index="${index}"]`)?.getBoundingClientRect();
    if (row?.kind === "entity" && box)
      openMenu({ x: box.left + 24, y: box.bottom }, "entity", target(row.entity));
  };

  return (
    <>
      {rows.length === 0 && <p className={css.none}>No entity has “{props.filter}” in its name.</p>}
      <div
        ref={scroller}
        className={css.tree}
        role="tree"
        aria-label="Entities"
        aria-activedescendant={at >= 0 ? `${prefix}${at}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div className={css.rows} style={{ height: virtual.getTotalSize() }} role="presentation">
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const place = { transform: `translateY(${item.start}px)` };
            if (row.kind === "group") {
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys
                // biome-ignore lint/a11y/useFocusableInteractive: focus stays on the tree, see above
                <div
                  key={row.key}
                  id={`${prefix}${item.index}`}
                  data-index={item.index}
                  role="treeitem"
                  aria-level={1}
                  aria-expanded={row.open}
                  aria-selected={false}
                  aria-label={`${row.label}, ${row.count}`}
                  className={css.group}
                  data-active={row.key === active || undefined}
                  style={place}
                  onClick={() => {
                    setActive(row.key);
                    toggle(row);
                  }}
                >
                  <span className="sw-ellipsis">{row.label}</span>
                  <ChevronRight size={12} className={css.chevron} aria-hidden />
                </div>
              );
            }
            const e = row.entity;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys
              // biome-ignore lint/a11y/useFocusableInteractive: focus stays on the tree, see above
              <div
                key={row.key}
                id={`${prefix}${item.index}`}
                data-index={item.index}
                role="treeitem"
                aria-level={2}
                aria-selected={e.id === props.selected}
                aria-label={e.label}
                aria-description={describe(e)}
                className={css.row}
                data-active={row.key === active || undefined}
                style={place}
                onClick={() => {
                  setActive(row.key);
                  props.onSelect(e.id);
                }}
                onDoubleClick={() => props.onOpen(e.id)}
                onContextMenu={(event) => {
                  setActive(row.key);
                  props.onSelect(e.id);
                  openMenu(event, "entity", target(e));
                }}
              >
                <StorageDot mode={e.storage} />
                {props.renaming === e.id ? (
                  <InlineName
                    label={`New name of ${e.label}`}
                    value={e.label}
                    onDone={(v) => props.onRename(e.id, v)}
                  />
                ) : (
                  <span className="sw-ellipsis" title={e.label}>
                    {e.label}
                  </span>
                )}
                <span className={`${css.count} sw-num`}>
                  {e.records === null ? "" : formatCount(e.records)}
                </span>
              </div>
            );
          })}
        </div>
      </div>
      {menu}
    </>
  );
}

function target(entity: TreeEntity): ActionTarget {
  return { entity: entity.id };
}

function describe(e: TreeEntity): string {
  return e.records === null ? e.storage : `${e.storage}, ${formatNumber(e.records)} records`;
}

function groupOf(rows: TreeRow[], at: number): number {
  for (let i = at; i >= 0; i--) if (rows[i]?.kind === "group") return i;
  return -1;
}
