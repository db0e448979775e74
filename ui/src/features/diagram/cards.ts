// From the schema to what a card shows. Pure: no React, no canvas.
import { type Field, holderOf, type Relationship, referencedBy, type Schema, titleOf } from "../../api";
import type { StorageMode } from "../../shared";

export interface CardRow {
  /** The attachment's id, or the relationship's for a row that refers to another entity. */
  id: string;
  kind: "field" | "reference";
  name: string;
  /** The type's word, or the title of the entity referred to. */
  type: string;
  unique: boolean;
  required: boolean;
}

export interface Card {
  id: string;
  title: string;
  name: string;
  mode: StorageMode;
  /** Null until it is known. */
  records: number | null;
  rows: CardRow[];
  /** Rows left out because there are too many; 0 when all are shown. */
  hidden: number;
  /** Whether the rows above the usual number are shown. */
  expanded: boolean;
  width: number;
  height: number;
}

export const HEADER = 36;
export const ROW = 24;
export const CARD_PAD = 4;
/** A card shows at most so many rows until it is unfolded. */
export const MAX_ROWS = 18;
const MIN_WIDTH = 208;
const MAX_WIDTH = 304;

/** What the holder calls it: its own name, or the inverse name of a one-to-many told from the other side. */
export function nameAtHolder(relationship: Relationship): string {
  if (relationship.type !== "one_to_many") return relationship.name;
  return relationship.inverse_name || relationship.field || relationship.name;
}

function fieldRow(field: Field): CardRow {
  return {
    id: field.id,
    kind: "field",
    name: field.name,
    type: field.type,
    unique: field.unique,
    required: field.required,
  };
}

/** The rows worth keeping when not all fit: keys and references, then required and indexed, then the rest as they stand. */
function mostRelevant(rows: CardRow[], indexed: Set<string>): CardRow[] {
  const weight = (row: CardRow, at: number) =>
    (at === 0 || row.unique ? 8 : 0) +
    (row.kind === "reference" ? 8 : 0) +
    (row.required ? 2 : 0) +
    (indexed.has(row.id) ? 2 : 0);
  const kept = rows
    .map((row, at) => ({ row, at, weight: weight(row, at) }))
    .sort((a, b) => b.weight - a.weight || a.at - b.at)
    .slice(0, MAX_ROWS - 1)
    .sort((a, b) => a.at - b.at);
  return kept.map((k) => k.row);
}

// Measured on Inter at 13 and 12 px; wide scripts take twice the room. A guess is enough: what does not fit is ellipsised.
function textWidth(text: string, per: number): number {
  let width = 0;
  for (const char of text.slice(0, 80)) width += (char.codePointAt(0) ?? 0) > 0x2e80 ? per * 1.9 : per;
  return width;
}

function cardWidth(title: string, rows: CardRow[]): number {
  const header = 12 + textWidth(title, 7.4) + 24 + 56;
  const widest = rows.reduce(
    (most, row) => Math.max(most, 12 + 16 + textWidth(row.name, 7) + 16 + textWidth(row.type, 6.4) + 12),
    header,
  );
  return Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, widest)) / 8) * 8;
}

export function cardHeight(rows: number, footer: boolean): number {
  const lines = rows + (footer ? 1 : 0);
  return HEADER + (lines > 0 ? lines * ROW + CARD_PAD * 2 : 0);
}

/** One card for each entity, in the schema's order. */
export function toCards(
  schema: Schema,
  records: ReadonlyMap<string, number>,
  expanded: ReadonlySet<string> = new Set(),
): Card[] {
  const titles = new Map(schema.entities.map((e) => [e.id, titleOf(e)]));
  const references = new Map<string, Relationship[]>();
  for (const relationship of schema.relationships) {
    if (relationship.type === "many_to_many") continue;
    const holder = holderOf(relationship);
    const list = references.get(holder);
    if (list) list.push(relationship);
    else references.set(holder, [relationship]);
  }
  return schema.entities.map((entity) => {
    const fields = [...entity.fields].sort((a, b) => a.order - b.order);
    const own = (references.get(entity.id) ?? []).sort((a, b) => a.order - b.order);
    const all: CardRow[] = [
      ...fields.map(fieldRow),
      ...own.map((r) => ({
        id: r.id,
        kind: "reference" as const,
        name: nameAtHolder(r),
        type: titles.get(referencedBy(r)) ?? "",
        unique: r.type === "one_to_one",
        required: r.required,
      })),
    ];
    const isExpanded = expanded.has(entity.id);
    const tooMany = all.length > MAX_ROWS;
    const indexed = new Set(fields.filter((f) => f.indexed).map((f) => f.id));
    const rows = tooMany && !isExpanded ? mostRelevant(all, indexed) : all;
    const title = titleOf(entity);
    return {
      id: entity.id,
      title,
      name: entity.name,
      mode: entity.storage_mode,
      records: records.get(entity.id) ?? null,
      rows,
      hidden: all.length - rows.length,
      expanded: tooMany && isExpanded,
      width: cardWidth(title, rows),
      height: cardHeight(rows.length, tooMany),
    };
  });
}

/** The vertical middle of a row, from the card's top; undefined when the row is not shown. */
export function rowMiddle(card: Card, rowId: string): number | undefined {
  const at = card.rows.findIndex((row) => row.id === rowId);
  return at < 0 ? undefined : HEADER + CARD_PAD + at * ROW + ROW / 2;
}

/** Keeps the objects that say the same as before, so that a memoised card is not drawn again. */
export function reuseCards(before: ReadonlyMap<string, Card>, after: Card[]): Card[] {
  return after.map((card) => {
    const old = before.get(card.id);
    return old && sameCard(old, card) ? old : card;
  });
}

function sameCard(a: Card, b: Card): boolean {
  return (
    a.title === b.title &&
    a.name === b.name &&
    a.mode === b.mode &&
    a.records === b.records &&
    a.hidden === b.hidden &&
    a.expanded === b.expanded &&
    a.rows.length === b.rows.length &&
    a.rows.every((row, i) => {
      const other = b.rows[i];
      return (
        other !== undefined &&
        row.id === other.id &&
        row.name === other.name &&
        row.type === other.type &&
        row.unique === other.unique &&
        row.required === other.required
      );
    })
  );
}

/** What a screen reader says of a card. */
export function cardName(card: Card, records: string): string {
  return `Entity ${card.title}, ${records}, ${card.mode}`;
}
