import { useMemo, useRef, useState } from "react";
import { type Entity, type Schema, useOverview, useWorkspace } from "../../../api";
import { NO_LAYOUT, NO_LOOK, useGridView } from "../gridView";
import { columnsOf, includesOf, keyOf } from "../model/columns";
import { whereOf } from "../model/filter";
import { rowsAt } from "../model/scroll";
import { useColumns } from "./useColumns";
import { useDraft } from "./useDraft";
import { useEdits } from "./useEdits";
import { type RecordsRequest, useRecords } from "./useRecords";
import { useRowScroll } from "./useRowScroll";
import { useSelection } from "./useSelection";

const HEADER = 32;
const DRAFT_ROW = 29;

/** Everything the grid of one entity knows: its columns, its window on the records, and what is going on in it. */
export function useGrid(schema: Schema, entity: Entity) {
  // The grid's element comes and goes (there is none while nothing is found), and what measures it follows.
  const [element, attach] = useState<HTMLDivElement | null>(null);
  const box = useRef(element);
  box.current = element;
  const look = useGridView((s) => s.looks[entity.id]) ?? NO_LOOK;
  const keptSort = (useGridView((s) => s.layouts[entity.id]) ?? NO_LAYOUT).sort;
  const { setLook, setLayout } = useGridView();
  const readOnly = useWorkspace().data?.read_only ?? false;
  const hint = useOverview().data?.find((e) => e.id === entity.id)?.records;

  const all = useMemo(() => columnsOf(schema, entity), [schema, entity]);
  // A field that was dropped or renamed since is no longer sorted by.
  const sort = useMemo(
    () => keptSort.filter((key) => all.some((c) => keyOf(c) === key.field)),
    [keptSort, all],
  );
  const selection = useSelection();
  const [total, setTotal] = useState(0);
  const columns = useColumns(entity.id, all, box, selection.focus.column, total);
  const shown = columns.columns;
  const includeKey = JSON.stringify(includesOf(shown));
  const include: string[] = useMemo(() => JSON.parse(includeKey), [includeKey]);
  const where = useMemo(() => whereOf(look.conditions, all), [look.conditions, all]);
  const request: RecordsRequest = useMemo(
    () => ({ where, search: look.search.trim() || null, sort, include }),
    [where, look.search, sort, include],
  );

  const draft = useDraft(entity.id, all);
  const scroll = useRowScroll(element, total, HEADER + (draft.open ? DRAFT_ROW : 0));
  const range = rowsAt(scroll.scale, scroll.offset);
  const records = useRecords(entity.id, request, range, hint);
  // The height of the rows follows what is known of their number.
  if (records.total !== total) setTotal(records.total);

  const edits = useEdits(entity.id, include);
  const [editing, setEditing] = useState<{ row: number; column: number; opening?: string } | null>(null);
  const [removing, setRemoving] = useState<string[] | null>(null);

  return {
    entity,
    schema,
    box,
    attach,
    look,
    setLook: (patch: Partial<typeof look>) => {
      setLook(entity.id, patch);
      // What is chosen must be seen: nobody deletes what they no longer look at.
      selection.clearRows();
      scroll.toTop();
    },
    sort,
    setSort: (next: typeof sort) => {
      setLayout(entity.id, { sort: next });
      scroll.toTop();
    },
    /** A search or a filter leaves some records out. */
    narrowed: where !== null || Boolean(request.search),
    request,
    readOnly,
    all,
    columns,
    shown,
    selection,
    draft,
    total,
    scroll,
    range,
    records,
    edits,
    editing,
    setEditing,
    removing,
    setRemoving,
    /** Place of the row of a record not yet inserted. */
    draftRow: draft.open ? total : -1,
  };
}

export type Grid = ReturnType<typeof useGrid>;
