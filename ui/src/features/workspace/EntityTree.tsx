import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { type ActionTarget, runAction, useContextMenu } from "../../actions";
import { choosesMore, formatCount, formatNumber, StorageDot } from "../../shared";
import { InlineName } from "./InlineName";
import css from "./tree.module.css";
import { between, moveInTree, type TreeEntity, type TreeRow, toggled, treeRows, typeAhead } from "./treeRows";

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
  /** Those chosen together with it, itself among them; none where it is chosen alone. */
  marked: string[];
  renaming: string | null;
  onSelect: (entity: string) => void;
  onMark: (entities: string[]) => void;
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
  // Where a range begins: the row that was last gone to without Shift.
  const anchor = useRef<string | null>(null);
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
    anchor.current = row.key;
    virtual.scrollToIndex(index);
    if (row.kind === "entity") props.onSelect(row.entity.id);
  };
  const { marked } = props;
  const chosen = (entity: string) => entity === props.selected || marked.includes(entity);
  const markTo = (index: number) => {
    const from = rows.findIndex((r) => r.key === anchor.current);
    const range = between(rows, from < 0 ? index : from, index);
    setActive(rows[index]?.key ?? null);
    virtual.scrollToIndex(index);
    if (range.length > 0) props.onMark(range);
  };
  const click = (event: MouseEvent, index: number, row: TreeRow & { kind: "entity" }) => {
    if (event.shiftKey) return markTo(index);
    setActive(row.key);
    anchor.current = row.key;
    const before = marked.length > 0 || !props.selected ? marked : [props.selected];
    if (choosesMore(event)) props.onMark(toggled(before, row.entity.id));
    else props.onSelect(row.entity.id);
  };

  const several = marked.length > 0;
  // What is selected elsewhere (diagram, palette) becomes visible here, and what stays selected when no other is marked.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection may scroll the tree
  useEffect(() => {
    // While several are marked here, the row the keys are at is not the selected one.
    if (several && document.activeElement === scroller.current) return;
    anchor.current = props.selected;
    const index = rows.findIndex((r) => r.key === props.selected);
    if (index >= 0) {
      setActive(props.selected);
      virtual.scrollToIndex(index);
    }
  }, [props.selected, several]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || props.renaming) return;
    const row = rows[at];
    const to = moveInTree(rows, at, event.key, 20);
    if (to >= 0) event.shiftKey ? markTo(to) : go(to);
    else if (event.key === "Enter" && row) act(row);
    else if (event.key === "ArrowRight" && row?.kind === "group" && !row.open) toggle(row);
    else if (event.key === "ArrowLeft" && row?.kind === "group" && row.open) toggle(row);
    else if (event.key === "ArrowLeft" && row?.kind === "entity") go(groupOf(rows, at));
    else if (event.key === "F2" && row?.kind === "entity")
      runAction("entity.rename", { entity: row.entity.id });
    else if (event.key === "Delete" && row?.kind === "entity") runAction("entity.drop", target(row.entity));
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
  /** Of one that is marked with others, the menu is about all of them. */
  const target = ({ id }: TreeEntity): ActionTarget =>
    marked.includes(id) ? { entity: id, entities: marked } : { entity: id };
  const menuOf = (row: TreeRow, at: MouseEvent | { x: number; y: number }) => {
    if (row.kind === "group") {
      if (row.application !== null) openMenu(at, "application", { application: row.application });
      return;
    }
    const about = target(row.entity);
    openMenu(at, about.entities ? "entities" : "entity", about);
  };
  const menuAt = (index: number) => {
    const row = rows[index];
    const box = scroller.current?.querySelector(`[data-index="${index}"]`)?.getBoundingClientRect();
    if (row && box) menuOf(row, { x: box.left + 24, y: box.bottom });
  };

  return (
    <>
      {rows.length === 0 && <p className={css.none}>No entity has “{props.filter}” in its name.</p>}
      <div
        ref={scroller}
        className={css.tree}
        role="tree"
        aria-label="Entities"
        aria-multiselectable
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
                    anchor.current = row.key;
                    toggle(row);
                  }}
                  onContextMenu={(event) => {
                    setActive(row.key);
                    menuOf(row, event);
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
                aria-selected={chosen(e.id)}
                aria-label={e.label}
                aria-description={describe(e)}
                className={css.row}
                data-active={row.key === active || undefined}
                style={place}
                onClick={(event) => click(event, item.index, row)}
                onDoubleClick={(event) => {
                  if (!choosesMore(event)) props.onOpen(e.id);
                }}
                onContextMenu={(event) => {
                  setActive(row.key);
                  if (!marked.includes(e.id)) props.onSelect(e.id);
                  menuOf(row, event);
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

function describe(e: TreeEntity): string {
  return e.records === null ? e.storage : `${e.storage}, ${formatNumber(e.records)} records`;
}

function groupOf(rows: TreeRow[], at: number): number {
  for (let i = at; i >= 0; i--) if (rows[i]?.kind === "group") return i;
  return -1;
}
