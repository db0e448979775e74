// What a grid of an entity shows: its fields in display order, then the relationships it can be reached from.
import {
  type Entity,
  type EntityRecord,
  type Field,
  type FieldType,
  holderOf,
  type Relationship,
  referencedBy,
  type Schema,
  titleOf,
} from "../../../api";

interface Base {
  /** Attachment id or relationship id: kept view settings name a column by it. */
  id: string;
  title: string;
  required: boolean;
  readOnly: boolean;
  /** Not shown until a person asks for it. */
  hidden: boolean;
}

export interface FieldColumn extends Base {
  kind: "field";
  /** Key in a record's data. */
  name: string;
  field: Field;
  type: FieldType;
}

/** The one record this one refers to. */
export interface ReferenceColumn extends Base {
  kind: "reference";
  /** Key in a record's data, where the other's id stands. */
  name: string;
  /** Name it is asked for by. */
  include: string;
  /** Key in a record's links. */
  key: string;
  relationship: Relationship;
  target: Entity;
}

/** The records at the other end of a many-to-many. */
export interface LinksColumn extends Base {
  kind: "links";
  include: string;
  key: string;
  relationship: Relationship;
  target: Entity;
}

export type Column = FieldColumn | ReferenceColumn | LinksColumn;

/** What several records of it are called. */
export function pluralOf(entity: Entity): string {
  return entity.plural_label ?? `${titleOf(entity)} records`;
}

export function columnsOf(schema: Schema, entity: Entity): Column[] {
  const byId = new Map(schema.entities.map((e) => [e.id, e]));
  const fields = [...entity.fields].sort((a, b) => a.order - b.order).map(fieldColumn);
  const relationships = [...schema.relationships].sort((a, b) => a.order - b.order);
  const references: Column[] = [];
  const links: Column[] = [];
  for (const relationship of relationships) {
    if (relationship.type === "many_to_many") {
      for (const end of ["source", "target"] as const) {
        const column = linksColumn(relationship, entity, end, byId);
        if (column) links.push(column);
      }
      continue;
    }
    const target = byId.get(referencedBy(relationship));
    if (holderOf(relationship) !== entity.id || !target || !relationship.field) continue;
    // Seen from its source a relationship goes by its name, from its target by the inverse one.
    const forward = relationship.source === entity.id;
    const inverse = relationship.inverse_name;
    references.push({
      kind: "reference",
      id: relationship.id,
      title: forward ? relationship.name : (inverse ?? relationship.field),
      name: relationship.field,
      include: forward ? relationship.name : (inverse ?? relationship.field),
      key: forward ? relationship.name : (inverse ?? relationship.name),
      required: relationship.required,
      readOnly: false,
      hidden: false,
      relationship,
      target,
    });
  }
  return [...fields, ...references, ...links];
}

function fieldColumn(field: Field): FieldColumn {
  return {
    kind: "field",
    id: field.id,
    title: titleOf(field),
    name: field.name,
    required: field.required,
    readOnly: field.read_only,
    hidden: !field.visible,
    field,
    type: field.type,
  };
}

/** One end of a many-to-many. From the target it can be asked for only when that end has a name. */
function linksColumn(
  relationship: Relationship,
  entity: Entity,
  end: "source" | "target",
  byId: Map<string, Entity>,
): LinksColumn | null {
  const include = end === "source" ? relationship.name : relationship.inverse_name;
  const target = byId.get(end === "source" ? relationship.target : relationship.source);
  if (relationship[end] !== entity.id || !include || !target) return null;
  return {
    kind: "links",
    // Both ends of a many-to-many from an entity to itself are columns of the same grid.
    id: end === "source" ? relationship.id : `${relationship.id}:inverse`,
    title: include,
    include,
    key: include,
    required: false,
    readOnly: false,
    hidden: false,
    relationship,
    target,
  };
}

/** Names to include so that every shown relationship has its linked records. */
export function includesOf(columns: Column[]): string[] {
  return columns.flatMap((c) => (c.kind === "field" ? [] : [c.include]));
}

/** The key a column is sorted and filtered by, where it can be. */
export function keyOf(column: Column): string | null {
  return column.kind === "links" ? null : column.name;
}

/**
 * The column a problem is about: named by its key, or as what refers to nothing is, by the relationship. A pair goes by
 * that name at its target too; where both ends could be meant, it is the source's.
 */
export function columnNamed(columns: Column[], entity: string, name: string): Column | undefined {
  const ties = columns.filter((c) => c.kind !== "field" && c.relationship.name === name);
  return (
    columns.find((c) => keyOf(c) === name) ??
    ties.find((c) => c.kind !== "field" && c.relationship.source === entity) ??
    ties[0] ??
    columns.find((c) => c.kind !== "field" && c.include === name)
  );
}

const RIGHT: ReadonlySet<FieldType> = new Set(["integer", "float", "decimal", "currency", "percentage"]);

export function isNumeric(column: Column): boolean {
  return column.kind === "field" && RIGHT.has(column.type);
}

const WIDTH: Partial<Record<FieldType, number>> = {
  string: 200,
  text: 280,
  bool: 84,
  integer: 100,
  float: 110,
  decimal: 110,
  currency: 120,
  percentage: 100,
  date: 112,
  datetime: 160,
  uuid: 290,
  json: 220,
  url: 220,
  email: 220,
  multiselect: 200,
};

/** Width a column starts with, in pixels: what its type needs, or its title where that is longer. */
export function widthOf(column: Column): number {
  const byType = column.kind === "field" ? (WIDTH[column.type] ?? 140) : column.kind === "links" ? 220 : 180;
  return Math.min(320, Math.max(byType, 56 + column.title.length * 7));
}

/** The linked records a cell shows. */
export function linkedOf(record: EntityRecord, column: ReferenceColumn | LinksColumn) {
  return record.links?.[column.key] ?? [];
}
