import { Button } from "@mantine/core";
import { Columns3, Rows3, Table2 } from "lucide-react";
import { useEffect, useMemo } from "react";
import { runAction, useActions } from "../../actions";
import { type Entity, type Schema, titleOf, useSchema } from "../../api";
import {
  EmptyState,
  ErrorNotice,
  plural,
  ResizeHandle,
  SkeletonLines,
  Strip,
  selectedEntity,
  toAppError,
  useDelayed,
  useReadOnly,
  useView,
} from "../../shared";
import { DeleteDialog } from "./bars/DeleteDialog";
import { FilterChips } from "./bars/FilterBar";
import { SelectionBar, Toolbar } from "./bars/Toolbar";
import { RecordDetail } from "./detail/RecordDetail";
import { RecordGrid, rowOf } from "./grid/RecordGrid";
import { useAim } from "./grid/useAim";
import type { Grid } from "./grid/useGrid";
import { useGrid } from "./grid/useGrid";
import { type GridActions, useGridActions } from "./grid/useGridActions";
import { DETAIL, useGridView } from "./gridView";
import { troubles } from "./model/cells";
import { loneRecord } from "./model/filter";
import { recordActions } from "./recordActions";
import css from "./records.module.css";

/** The centre of the tab "Records": the grid of `useView().recordsEntity`; fills its container. */
export function RecordsPanel() {
  const { data: schema, error, isPending, refetch } = useSchema();
  // The tree leads: the entity selected there, or the one shown before something else was selected.
  const id = useView((s) => selectedEntity(s.selection) ?? s.recordsEntity);
  const first = schema?.entities[0]?.id;
  const readOnly = useReadOnly() !== null;
  useEffect(() => {
    // Nothing was chosen yet: the first entity is, so that the tree and the inspector say the same as the grid.
    if (id === null && first) useView.getState().openRecords(first);
  }, [id, first]);
  if (error) {
    return (
      <div className={css.notice}>
        <ErrorNotice error={error} action={<Button onClick={() => void refetch()}>Try again</Button>} />
      </div>
    );
  }
  if (isPending) return <SkeletonLines lines={12} label="Loading the records" />;
  const entity = schema.entities.find((e) => e.id === id);
  if (!entity) {
    return (
      <EmptyState icon={<Table2 size={28} strokeWidth={1.5} />} title="Choose an entity">
        {schema.entities.length === 0
          ? `This workspace has no entities yet.${readOnly ? "" : " Add one in the diagram, or import a file or a database."}`
          : "Its records are shown here."}
      </EmptyState>
    );
  }
  return <EntityRecords key={entity.id} schema={schema} entity={entity} />;
}

function EntityRecords({ schema, entity }: { schema: Schema; entity: Entity }) {
  const grid = useGrid(schema, entity);
  const actions = useGridActions(grid);
  useActions("records", recordActions(grid, actions));
  const aim = useAim(grid);
  const { detailOpen, detailWidth, setDetail } = useGridView();
  const { records, draft, selection } = grid;
  // The bars say nothing of where the grid is scrolled to: they are not drawn again for it.
  const { look, columns, readOnly } = grid;
  const shown = columns.columns.map((c) => c.id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is listed is all the bars show; `actions` reads the latest
  const bar = useMemo(
    () => (
      <>
        <Toolbar grid={grid} actions={actions} />
        <FilterChips grid={grid} />
      </>
    ),
    [schema, entity, look, shown, readOnly, records.total, records.exact, records.loading, grid.sort],
  );
  const current = detailOpen ? records.at(selection.focus.row) : undefined;
  return (
    <div className={css.panel}>
      {bar}
      <div className={css.body}>
        <div className={css.middle}>
          {aim.missed !== null && <MissedStrip grid={grid} field={aim.missed} forget={aim.forget} />}
          <Body grid={grid} actions={actions} current={current?.id ?? null} />
          <TroubleStrip grid={grid} actions={actions} />
          <SelectionBar grid={grid} actions={actions} />
        </div>
        {detailOpen && (
          <>
            <ResizeHandle
              label="Width of the record panel"
              side="right"
              width={detailWidth}
              {...DETAIL}
              onChange={(width) => setDetail({ detailWidth: width })}
            />
            <aside className={css.detail} style={{ width: detailWidth }} aria-label="Record">
              <RecordDetail grid={grid} actions={actions} record={current} />
            </aside>
          </>
        )}
      </div>
      <DeleteDialog grid={grid} actions={actions} />
      {draft.error && (
        <span className="sw-visually-hidden" role="alert">
          {draft.error.message}
        </span>
      )}
    </div>
  );
}

/** The grid, or what stands in its place. */
function Body({ grid, actions, current }: { grid: Grid; actions: GridActions; current: string | null }) {
  const { records, draft, entity, narrowed, readOnly } = grid;
  const late = useDelayed();
  if (records.lost) {
    return (
      <div className={css.notice}>
        <ErrorNotice error={records.error} action={<Button onClick={records.retry}>Try again</Button>} />
      </div>
    );
  }
  if (grid.all.length === 0) {
    return (
      <EmptyState
        icon={<Columns3 size={28} strokeWidth={1.5} />}
        title={`No fields in ${titleOf(entity)} yet`}
      >
        Add one in the inspector at the right; then there is something to fill in.
      </EmptyState>
    );
  }
  if (records.loading && late && records.total === 0)
    return <SkeletonLines lines={14} label="Loading the records" />;
  if (!records.loading && records.total === 0 && records.exact && !draft.open) {
    const lone = loneRecord(grid.look);
    if (lone) return <Gone grid={grid} record={lone} />;
    return narrowed ? (
      <EmptyState
        icon={<Rows3 size={28} strokeWidth={1.5} />}
        title="Nothing found"
        actions={
          <Button onClick={() => grid.setLook({ search: "", conditions: [] })}>
            Clear search and filters
          </Button>
        }
      >
        No record of {titleOf(entity)} meets the search and the filters.
      </EmptyState>
    ) : (
      <EmptyState
        icon={<Rows3 size={28} strokeWidth={1.5} />}
        title={`No records in ${titleOf(entity)} yet`}
        actions={
          !readOnly && (
            <>
              <Button variant="filled" onClick={actions.newRecord}>
                New record
              </Button>
              <Button onClick={() => runAction("workspace.import", { entity: entity.id })}>Import…</Button>
            </>
          )
        }
      >
        {!readOnly && "Add the first one here, or bring them in from a file."}
      </EmptyState>
    );
  }
  return <RecordGrid grid={grid} actions={actions} current={current} />;
}

/** In place of a record that was pointed at and is not there. */
function Gone({ grid, record }: { grid: Grid; record: string }) {
  return (
    <EmptyState
      icon={<Rows3 size={28} strokeWidth={1.5} />}
      title={`Record ${record.slice(-8)} does not exist`}
      actions={<Button onClick={() => grid.setLook({ search: "", conditions: [] })}>Show all records</Button>}
    >
      It has been deleted, or only a link still names it. A link with neither of its records has no place in a
      grid: in the plan, Keep aside and Replace by null settle it.
    </EmptyState>
  );
}

/** Says that a field somebody was led to is none of the grid's columns. */
function MissedStrip({ grid, field, forget }: { grid: Grid; field: string; forget: () => void }) {
  const { schema, entity } = grid;
  // From its target a many-to-many is seen only when that end has a name.
  const pairs = schema.relationships.some(
    (r) => r.type === "many_to_many" && r.target === entity.id && r.name === field,
  );
  return (
    <Strip
      tone="warning"
      role="status"
      actions={
        <Button size="compact-sm" variant="subtle" color="gray" onClick={forget}>
          Close
        </Button>
      }
    >
      <p>
        {pairs
          ? `The links of ${field} have no column in ${titleOf(entity)}: give the relationship an inverse name, and they are shown here.`
          : `${titleOf(entity)} has no field ${field} any more. Check the plan again.`}
      </p>
    </Strip>
  );
}

/** Says that values were refused, wherever they are, until each is mended or let go. */
function TroubleStrip({ grid, actions }: { grid: Grid; actions: GridActions }) {
  const open = troubles(grid.edits.cells);
  const { draft } = grid;
  const [first] = open;
  if (grid.records.error !== null && !grid.records.lost) {
    return (
      <Strip
        tone="danger"
        role="alert"
        actions={
          <Button size="compact-sm" onClick={grid.records.retry}>
            Try again
          </Button>
        }
      >
        <p className="sw-ellipsis">
          Some records could not be read: {toAppError(grid.records.error).message}
        </p>
      </Strip>
    );
  }
  if (!first) {
    return draft.open && draft.error ? (
      <Strip tone="danger" role="alert">
        <p className="sw-ellipsis" title={draft.error.message}>
          The new record was not saved: {draft.error.message}
        </p>
      </Strip>
    ) : null;
  }
  const row = rowOf(grid, first.record);
  const column = grid.shown.findIndex((c) => c.id === first.column);
  const discard = () => {
    for (const { record, column } of open) grid.edits.clear(record, column);
    actions.focusCell();
  };
  return (
    <Strip
      tone="danger"
      role="status"
      actions={
        <>
          {row >= 0 && column >= 0 && (
            <Button
              size="compact-sm"
              onClick={() => {
                actions.moveTo({ row, column });
                setTimeout(actions.focusCell, 0);
              }}
            >
              Go to it
            </Button>
          )}
          <Button size="compact-sm" variant="subtle" color="gray" onClick={discard}>
            Discard
          </Button>
        </>
      }
    >
      <p className="sw-ellipsis">
        {plural(open.length, "value")} {open.length === 1 ? "was" : "were"} not saved
        {first.cell.state === "refused"
          ? `: ${first.cell.error.message}`
          : ": somebody else changed it meanwhile."}
      </p>
    </Strip>
  );
}
