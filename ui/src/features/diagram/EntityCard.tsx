import type { NodeProps } from "@xyflow/react";
import { Plus } from "lucide-react";
import { memo, type PointerEvent } from "react";
import { choosesMore, StorageDot, useReadOnly, useView, Writes } from "../../shared";
import css from "./card.module.css";
import type { Card, CardRow } from "./cards";
import { FieldLine } from "./FieldLine";
import { type EntityNode, recordCount } from "./nodes";
import { beginDrawing } from "./startDrawing";
import { setDiagram, toggleExpanded, useDiagram } from "./state";
import { TitleInput } from "./TitleInput";

/**
 * A node of the canvas: only what is in the window and near enough to read has content. What is being edited keeps its
 * card wherever the canvas moves, and with it what was typed.
 */
export const EntityNodeView = memo(function EntityNodeView({ id, data, selected }: NodeProps<EntityNode>) {
  const drawn = useDiagram((s) => (!s.far && s.inView.has(id)) || s.editing?.entity === id);
  return drawn ? <EntityCard card={data.card} selected={selected} /> : null;
});

function EntityCard({ card, selected }: { card: Card; selected: boolean }) {
  const editing = useDiagram((s) => (s.editing?.entity === card.id ? s.editing : null));
  const isTarget = useDiagram((s) => s.drawing?.over === card.id);
  const moved = useDiagram((s) => s.moving.get(card.id));
  const readOnly = useReadOnly() !== null;
  const row = useView(({ selection }) =>
    selection?.kind === "field"
      ? selection.field
      : selection?.kind === "relationship"
        ? selection.relationship
        : null,
  );
  return (
    <div
      className={css.card}
      data-mode={card.mode}
      data-selected={selected || undefined}
      data-target={isTarget || undefined}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the card itself takes the keys (F2 renames) */}
      <div
        className={css.header}
        onDoubleClick={() => setDiagram({ editing: { kind: "title", entity: card.id } })}
      >
        {moved && (
          <span className={css.moved} data-to={moved.to} style={{ width: `${moved.share * 100}%` }} />
        )}
        <StorageDot mode={card.mode} />
        {editing?.kind === "title" ? (
          <TitleInput card={card} />
        ) : (
          <strong className="sw-ellipsis" title={card.title}>
            {card.title}
          </strong>
        )}
        <span className={css.count}>{recordCount(card)}</span>
      </div>
      {card.rows.length > 0 && (
        <div className={css.rows}>
          {card.rows.map((one) =>
            editing?.kind === "row" && editing.row === one.id ? (
              <FieldLine key={one.id} entity={card.id} row={one} draft={editing.draft} />
            ) : (
              <Row key={one.id} entity={card.id} row={one} selected={row === one.id} />
            ),
          )}
          {(card.hidden > 0 || card.expanded) && (
            <button
              type="button"
              tabIndex={-1}
              className={`${css.more} nodrag`}
              onClick={() => toggleExpanded(card.id)}
            >
              {card.expanded ? "Show fewer" : `${card.hidden} more`}
            </button>
          )}
        </div>
      )}
      {(selected || editing?.kind === "add") && !readOnly && (
        <div className={css.below}>
          {editing?.kind === "add" ? (
            <FieldLine entity={card.id} row={null} draft={editing.draft} />
          ) : (
            <button
              type="button"
              className={`${css.add} nodrag nopan`}
              onClick={(event) => {
                event.stopPropagation();
                setDiagram({ editing: { kind: "add", entity: card.id } });
              }}
            >
              <Plus size={13} aria-hidden /> Add field
            </button>
          )}
        </div>
      )}
      <Writes>
        <Handle card={card} side="left" />
        <Handle card={card} side="right" />
      </Writes>
    </div>
  );
}

const Row = memo(function Row(props: { entity: string; row: CardRow; selected: boolean }) {
  const { entity, row, selected } = props;
  const isField = row.kind === "field";
  const mark = isField ? (row.unique ? "◆" : "") : "→";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: fields are reached by keys in the inspector; the card is one tab stop
    // biome-ignore lint/a11y/noStaticElementInteractions: as above
    <div
      className={css.row}
      data-selected={selected || undefined}
      onClick={(event) => {
        const { select } = useView.getState();
        if (choosesMore(event) || useDiagram.getState().drawing) return;
        if (isField) select({ kind: "field", entity, field: row.id });
        else {
          // The row stands for its line: it is that which is selected, not the card.
          event.stopPropagation();
          select({ kind: "relationship", relationship: row.id });
        }
      }}
      onDoubleClick={(event) => {
        event.stopPropagation();
        if (isField) setDiagram({ editing: { kind: "row", entity, row: row.id } });
      }}
    >
      <span className={css.mark} data-kind={row.kind} title={row.unique ? "Unique" : undefined}>
        {mark}
      </span>
      <span className={`${css.name} sw-ellipsis`} data-required={row.required || undefined} title={row.name}>
        {row.name}
        {row.required && (
          <span className={css.required} title="Required">
            *
          </span>
        )}
      </span>
      <span className={`${css.type} sw-ellipsis`} title={row.type}>
        {row.type}
      </span>
    </div>
  );
});

/** Where a relationship is drawn from. */
function Handle({ card, side }: { card: Card; side: "left" | "right" }) {
  const begin = (event: PointerEvent) => beginDrawing(event, card.id);
  return (
    <button
      type="button"
      tabIndex={-1}
      className={`${css.handle} nodrag nopan`}
      data-side={side}
      aria-hidden={side === "left" || undefined}
      aria-label={side === "right" ? `Draw a relationship from ${card.title}` : undefined}
      title="Drag to another entity to draw a relationship"
      onPointerDown={begin}
      onClick={(event) => event.stopPropagation()}
    />
  );
}
