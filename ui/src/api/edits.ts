// What an edit of the schema reaches.
import type { Field, FieldSpec, Relationship, RelationshipSpec, Schema, SchemaEdit } from "./types";

/** The entities whose records the edit touches. */
export function editEntities(schema: Schema | undefined, edit: SchemaEdit): string[] {
  if ("entity" in edit) return [edit.entity];
  if (edit.edit === "add_relationship") return [edit.spec.source, edit.spec.target];
  const found = schema?.relationships.find((r) => r.id === edit.relationship);
  return found ? [found.source, found.target] : [];
}

/** Whether it does something to records, or to a table: names and descriptions are ours alone, and cost nothing. */
export function touchesRecords(schema: Schema | undefined, edit: SchemaEdit): boolean {
  if (edit.edit === "update_field") {
    const fields = schema?.entities.find((e) => e.id === edit.entity)?.fields;
    const before = fields?.find((f) => f.id === edit.field);
    return !before || changesColumn(before, edit.spec);
  }
  if (edit.edit === "update_relationship") {
    const before = schema?.relationships.find((r) => r.id === edit.relationship);
    return !before || changesReference(before, edit.spec);
  }
  return true;
}

function changesColumn(before: Field, after: FieldSpec): boolean {
  return (
    before.type !== after.type ||
    before.required !== after.required ||
    before.unique !== after.unique ||
    before.indexed !== after.indexed ||
    before.config.precision !== after.config?.precision ||
    before.config.scale !== after.config?.scale ||
    JSON.stringify(before.default) !== JSON.stringify(after.default)
  );
}

/** Pairs hold nothing to either: they go when one of their ends does. */
function changesReference(before: Relationship, after: RelationshipSpec): boolean {
  if (before.type === "many_to_many") return false;
  return (
    before.required !== after.required ||
    before.on_delete !== after.on_delete ||
    before.on_update !== after.on_update
  );
}
