// The whole specs the engine wants, made from what stands or from little. Change what you want of one and hand it over.
import type {
  Entity,
  Field,
  FieldSpec,
  FieldType,
  ReferentialAction,
  Relationship,
  RelationshipSpec,
  RelationshipType,
  Schema,
} from "./types";

/** Field types in the order people look for them: plain ones first, then those with a meaning. */
export const FIELD_TYPES: readonly FieldType[] = [
  "string",
  "text",
  "integer",
  "decimal",
  "float",
  "bool",
  "date",
  "datetime",
  "select",
  "multiselect",
  "email",
  "phone",
  "url",
  "currency",
  "percentage",
  "uuid",
  "json",
  "file",
  "image",
  "binary",
];

export const KIND_WORDS: Record<RelationshipType, string> = {
  many_to_one: "many to one",
  one_to_many: "one to many",
  one_to_one: "one to one",
  many_to_many: "many to many",
};

export const ACTION_WORDS: Record<ReferentialAction, string> = {
  cascade: "cascade",
  set_null: "set null",
  restrict: "restrict",
  no_action: "no action",
};

export function newEntitySpec(name: string) {
  return {
    name,
    label: null,
    plural_label: null,
    icon: null,
    description: null,
    application: null,
    scope: "shared" as const,
    access: "public" as const,
  };
}

export function newFieldSpec(name: string, type: FieldType): FieldSpec {
  return {
    name,
    label: null,
    type,
    config: {},
    description: null,
    required: false,
    unique: false,
    indexed: false,
    default: null,
    visible: true,
    read_only: false,
    library: null,
  };
}

export function fieldSpecOf(field: Field): FieldSpec {
  const { name, label, type, config, description, required, unique, indexed, visible, read_only } = field;
  const shared = { name, label, type, config, description, required, unique, indexed, visible, read_only };
  return { ...shared, default: field.default, library: null };
}

export function relationshipSpecOf(relationship: Relationship): RelationshipSpec {
  const { name, type, source, target, inverse_name, description, field, required, on_delete, on_update } =
    relationship;
  return { name, type, source, target, inverse_name, description, field, required, on_delete, on_update };
}

/** Names in use on an entity, folded: its fields, the fields that refer, and its relationships as it calls them. */
export function namesOn(schema: Schema, entity: Entity): Set<string> {
  const names = entity.fields.map((f) => f.name);
  for (const r of schema.relationships) {
    if (r.source === entity.id) names.push(r.name);
    if (r.target === entity.id && r.inverse_name) names.push(r.inverse_name);
  }
  return new Set(names.map((name) => name.toLowerCase()));
}

/** The name itself, or with _2, _3, … where it is taken. */
export function freeName(wish: string, taken: ReadonlySet<string>): string {
  let name = wish;
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${wish}_${n}`;
  return name;
}
