import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ArrowUpRight } from "lucide-react";
import { useState } from "react";
import {
  type Entity,
  type EntityRecord,
  holderOf,
  type Relationship,
  recordCount,
  recordPage,
  referencedBy,
  titleOf,
  useLinks,
} from "../../../api";
import { formatNumber, plural, SectionLabel } from "../../../shared";
import { Editor } from "../editors";
import { Chip } from "../grid/CellView";
import type { Grid } from "../grid/useGrid";
import type { GridActions } from "../grid/useGridActions";
import { useGridView } from "../gridView";
import { type LinksColumn, linkedOf } from "../model/columns";
import { quoteName, text } from "../model/filter";
import { nameOf } from "../model/values";
import css from "./detail.module.css";

/** Most links and referring records shown here; the grid has the rest. */
const MOST = 5;

/** Each many-to-many, with what its links say of themselves. */
export function LinkSections(props: { grid: Grid; actions: GridActions; record: EntityRecord }) {
  const columns = props.grid.all.filter((c) => c.kind === "links");
  return columns.map((column) => <LinkSection key={column.id} {...props} column={column} />);
}

function LinkSection(props: { grid: Grid; actions: GridActions; record: EntityRecord; column: LinksColumn }) {
  const { grid, actions, record, column } = props;
  const [editing, setEditing] = useState(false);
  const { data: pairs } = useLinks(column.relationship.id, record.id);
  const linked = linkedOf(record, column);
  const metadataOf = (id: string) =>
    pairs?.find(
      (p) => (p.source === id && p.target === record.id) || (p.target === id && p.source === record.id),
    )?.metadata;
  return (
    <section className={css.section} aria-label={column.title}>
      <SectionLabel
        action={
          !grid.readOnly && (
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setEditing(true)}>
              Edit links
            </Button>
          )
        }
      >
        {column.title} <span className={css.count}>{formatNumber(linked.length)}</span>
      </SectionLabel>
      {editing && (
        <span className={css.editor}>
          <Editor
            entity={grid.entity.id}
            column={column}
            record={record}
            onCancel={() => setEditing(false)}
            onCommit={() => setEditing(false)}
            onRefuse={() => setEditing(false)}
          />
        </span>
      )}
      {linked.length === 0 && !editing && <p className={css.none}>No {column.target.name} is linked.</p>}
      <ul className={css.links}>
        {linked.map((other) => {
          const metadata = other.metadata ?? metadataOf(other.id);
          return (
            <li key={other.id}>
              <Chip other={other} column={column} jump={actions.jump} />
              {metadata !== null && metadata !== undefined && (
                <code className={css.meta}>{JSON.stringify(metadata)}</code>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** What refers to the record, by relationship: how many, the first few, and the way to all of them. */
export function Incoming({ grid, record }: { grid: Grid; record: EntityRecord }) {
  const relationships = grid.schema.relationships.filter(
    (r) => r.type !== "many_to_many" && referencedBy(r) === grid.entity.id && r.field,
  );
  return relationships.map((r) => {
    const holder = grid.schema.entities.find((e) => e.id === holderOf(r));
    return holder && <Referring key={r.id} grid={grid} record={record} relationship={r} holder={holder} />;
  });
}

function Referring(props: { grid: Grid; record: EntityRecord; relationship: Relationship; holder: Entity }) {
  const { grid, record, relationship, holder } = props;
  const where = `${quoteName(relationship.field ?? "")} = ${text(record.id)}`;
  const { data: page } = useQuery(recordPage(holder.id, { where, limit: MOST }));
  const { data: count } = useQuery(recordCount(holder.id, { where }));
  const jump = useGridView((s) => s.jump);
  const back = relationship.type === "one_to_many" ? relationship.name : relationship.inverse_name;
  const name = nameOf(record);
  const all = () =>
    jump(grid.entity.id, holder.id, {
      column: relationship.id,
      operator: "eq",
      value: record.id,
      shown: name,
    });
  const one = (r: EntityRecord) =>
    jump(grid.entity.id, holder.id, { column: "id", operator: "eq", value: r.id, shown: nameOf(r) });
  return (
    <section className={css.section} aria-label={`${titleOf(holder)} that refer to it`}>
      <SectionLabel>
        {back ?? titleOf(holder)}{" "}
        <span className={css.count}>{count === undefined ? "" : formatNumber(count)}</span>
      </SectionLabel>
      {page?.records.length === 0 && <p className={css.none}>No {titleOf(holder)} refers to it.</p>}
      <ul className={css.referring}>
        {page?.records.map((r) => (
          <li key={r.id}>
            <button
              type="button"
              className={css.open}
              onClick={() => one(r)}
              title={`Open in ${titleOf(holder)}`}
            >
              <span className="sw-ellipsis">{nameOf(r)}</span>
              <ArrowUpRight size={12} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      {(count ?? 0) > 0 && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={all}>
          Show {count === 1 ? "it" : `all ${plural(count ?? 0, "record")}`} in {titleOf(holder)}
        </Button>
      )}
    </section>
  );
}
