import { ActionIcon, Button, Checkbox, Popover, TextInput, Tooltip } from "@mantine/core";
import { ArrowLeft, ChevronDown, ChevronUp, Columns3, PanelRight, Plus, Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { namedCount, titleOf } from "../../../api";
import { formatNumber, Kbd, plural, StorageBadge } from "../../../shared";
import { TypeIcon } from "../grid/typeIcons";
import type { Grid } from "../grid/useGrid";
import type { GridActions } from "../grid/useGridActions";
import { useGridView } from "../gridView";
import css from "./bars.module.css";
import { AddFilter } from "./FilterBar";

/** Above the grid: what is shown, how to narrow it, and what to add. */
export function Toolbar({ grid, actions }: { grid: Grid; actions: GridActions }) {
  const { entity, readOnly } = grid;
  const title = titleOf(entity);
  const { trail, back, detailOpen, setDetail } = useGridView();
  const last = trail.at(-1);
  const from = last?.to === entity.id ? grid.schema.entities.find((e) => e.id === last.from) : undefined;
  return (
    <div className={css.toolbar} role="toolbar" aria-label={`Records of ${title}`}>
      {from && (
        <Tooltip label={`Back to ${titleOf(from)} (Alt+←)`}>
          <ActionIcon aria-label={`Back to ${titleOf(from)}`} onClick={back}>
            <ArrowLeft size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      <h2 className={css.title} title={title}>
        {title}
      </h2>
      <StorageBadge mode={entity.storage_mode} />
      <Count grid={grid} />
      <SearchBox key={entity.id} grid={grid} title={title} />
      <AddFilter grid={grid} />
      <span className={css.space} />
      <ColumnsMenu grid={grid} />
      <Tooltip label="Record panel (Space)">
        <ActionIcon
          aria-label="Open record"
          aria-pressed={detailOpen}
          data-on={detailOpen || undefined}
          className={css.toggle}
          onClick={() => setDetail({ detailOpen: !detailOpen })}
        >
          <PanelRight size={16} />
        </ActionIcon>
      </Tooltip>
      {!readOnly && (
        <Button
          leftSection={<Plus size={14} />}
          onClick={actions.newRecord}
          aria-keyshortcuts="Control+N Insert"
        >
          New record
        </Button>
      )}
    </div>
  );
}

function Count({ grid }: { grid: Grid }) {
  const { records, narrowed } = grid;
  if (records.loading) return null;
  const text = narrowed ? `${formatNumber(records.total)} found` : plural(records.total, "record");
  return (
    <span className={css.count} role="status">
      {records.exact ? text : `${text}…`}
    </span>
  );
}

const TYPING_MS = 200;

function SearchBox({ grid, title }: { grid: Grid; title: string }) {
  const [text, setText] = useState(grid.look.search);
  const set = useRef(grid.setLook);
  set.current = grid.setLook;
  const applied = grid.look.search;
  useEffect(() => setText(applied), [applied]);
  useEffect(() => {
    if (text === applied) return;
    const timer = setTimeout(() => set.current({ search: text }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, applied]);
  return (
    <TextInput
      className={css.search}
      id="records-search"
      type="search"
      aria-label={`Search ${title}`}
      placeholder={`Search ${title}`}
      leftSection={<Search size={14} aria-hidden />}
      rightSection={
        text && (
          <ActionIcon size={18} tabIndex={-1} aria-label="Clear the search" onClick={() => setText("")}>
            <X size={12} />
          </ActionIcon>
        )
      }
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && text) {
          event.preventDefault();
          setText("");
        } else if (event.key === "Enter" || event.key === "ArrowDown") {
          event.preventDefault();
          set.current({ search: text });
          grid.box.current?.querySelector<HTMLElement>('[role="gridcell"][tabindex="0"]')?.focus();
        }
      }}
    />
  );
}

function ColumnsMenu({ grid }: { grid: Grid }) {
  const { columns } = grid;
  const hidden = columns.ordered.filter((c) => !columns.isShown(c.id)).length;
  return (
    <Popover position="bottom-end" offset={4} width={280} trapFocus returnFocus>
      <Popover.Target>
        <Button variant="subtle" color="gray" leftSection={<Columns3 size={14} />}>
          Columns{hidden > 0 && <span className={css.faint}>&nbsp;· {hidden} hidden</span>}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={8} aria-label="Columns">
        <ul className={css.columns}>
          {columns.ordered.map((column, index) => (
            <li key={column.id} className={css.columnRow}>
              <Checkbox
                label={
                  <span className={css.columnName}>
                    <TypeIcon column={column} />
                    <span className="sw-ellipsis">{column.title}</span>
                  </span>
                }
                checked={columns.isShown(column.id)}
                // The last one stays: a grid without columns has nothing to put the focus on.
                disabled={columns.isShown(column.id) && grid.shown.length === 1}
                onChange={(event) => columns.show(column.id, event.currentTarget.checked)}
              />
              <span className={css.space} />
              <ActionIcon
                size={22}
                aria-label={`Move ${column.title} left`}
                disabled={index === 0}
                onClick={() => columns.move(column.id, columns.ordered[index - 1]?.id ?? "")}
              >
                <ChevronUp size={13} />
              </ActionIcon>
              <ActionIcon
                size={22}
                aria-label={`Move ${column.title} right`}
                disabled={index === columns.ordered.length - 1}
                onClick={() => columns.move(column.id, columns.ordered[index + 1]?.id ?? "")}
              >
                <ChevronDown size={13} />
              </ActionIcon>
            </li>
          ))}
        </ul>
        <Button variant="subtle" color="gray" size="compact-sm" mt={4} onClick={columns.reset}>
          As the fields say
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Floats over the grid while rows are chosen. */
export function SelectionBar({ grid, actions }: { grid: Grid; actions: GridActions }) {
  const { selection, readOnly, entity } = grid;
  const count = selection.rows.size;
  if (count === 0) return null;
  return (
    <div className={css.floating} role="toolbar" aria-label="Selected records">
      <span className={css.chosen}>{formatNumber(count)} selected</span>
      {!readOnly && (
        <Button variant="subtle" className={css.danger} onClick={() => grid.setRemoving([...selection.rows])}>
          Delete {namedCount(count, entity)}
        </Button>
      )}
      <Button
        variant="subtle"
        color="gray"
        rightSection={<Kbd keys="escape" />}
        onClick={() => {
          selection.clearRows();
          actions.focusCell();
        }}
      >
        Clear
      </Button>
    </div>
  );
}
