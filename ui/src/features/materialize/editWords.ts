import { type Schema, type SchemaEdit, titleOf } from "../../api";

/** What the edit is called on its plan's heading: "Change code of Part". */
export function editTitle(schema: Schema | undefined, edit: SchemaEdit): string {
  const entity = (id: string) => {
    const found = schema?.entities.find((e) => e.id === id);
    return found ? titleOf(found) : "an entity";
  };
  const field = (id: string, of: string) =>
    schema?.entities.find((e) => e.id === of)?.fields.find((f) => f.id === id)?.name ?? "a field";
  const relationship = (id: string) =>
    schema?.relationships.find((r) => r.id === id)?.name ?? "a relationship";
  switch (edit.edit) {
    case "add_field":
      return `Add ${edit.spec.name} to ${entity(edit.entity)}`;
    case "update_field":
      return `Change ${field(edit.field, edit.entity)} of ${entity(edit.entity)}`;
    case "drop_field":
      return `Drop ${field(edit.field, edit.entity)} of ${entity(edit.entity)}`;
    case "add_relationship":
      return `Relate ${entity(edit.spec.source)} to ${entity(edit.spec.target)}`;
    case "update_relationship":
      return `Change relationship ${relationship(edit.relationship)}`;
    case "drop_relationship":
      return `Drop relationship ${relationship(edit.relationship)}`;
    case "set_keys":
      return `Change the unique keys of ${entity(edit.entity)}`;
  }
}

/** The verb on the button that does it. */
export function editVerb(edit: SchemaEdit): string {
  if (edit.edit.startsWith("drop")) return "Drop";
  return edit.edit.startsWith("add") ? "Add" : "Change";
}
