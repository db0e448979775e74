// The stand-in's edits of fields and relationships.
import type { FieldSpec, RelationshipSpec } from "../../src/api/bindings";
import type { FakeState } from "./engine";

// biome-ignore lint/suspicious/noExplicitAny: what a command gets is checked by the bindings, not here
type Args = any;

function taken(name: string, owner: string): never {
  throw {
    code: "name_taken",
    message: `${owner} already has a field named "${name}".`,
    details: { name },
  };
}

export function editCommands(
  state: FakeState,
  change: (kind: string, description: string, entities: string[]) => void,
): Record<string, (args: Args) => unknown> {
  const fieldsOf = (id: string, update: (fields: FakeState["entities"][number]["fields"]) => unknown[]) => {
    state.entities = state.entities.map((e) =>
      e.id === id ? { ...e, fields: update(e.fields) as typeof e.fields } : e,
    );
  };
  return {
    update_field: ({ entity, field, spec }) => {
      const owner = state.entities.find((e) => e.id === entity);
      const wish = spec as FieldSpec;
      if (owner?.fields.some((f) => f.id !== field && f.name === wish.name))
        taken(wish.name ?? "", owner.name);
      fieldsOf(entity, (fields) => fields.map((f) => (f.id === field ? { ...f, ...wish } : f)));
      change("update_field", `Change field ${wish.name}`, [entity]);
      return state.entities.find((e) => e.id === entity)?.fields.find((f) => f.id === field);
    },
    drop_field: ({ entity, field }) => {
      fieldsOf(entity, (fields) => fields.filter((f) => f.id !== field));
      change("drop_field", "Drop field", [entity]);
      return null;
    },
    reorder_fields: ({ entity, order }) => {
      const at = (id: string) => (order as string[]).indexOf(id);
      fieldsOf(entity, (fields) =>
        [...fields].sort((a, b) => at(a.id) - at(b.id)).map((f, i) => ({ ...f, order: i })),
      );
      change("reorder_fields", "Reorder fields", [entity]);
      return null;
    },
    update_relationship: ({ relationship, spec }) => {
      state.relationships = state.relationships.map((r) =>
        r.id === relationship ? ({ ...r, ...(spec as RelationshipSpec) } as typeof r) : r,
      );
      change("update_relationship", "Change relationship", []);
      return state.relationships.find((r) => r.id === relationship);
    },
    drop_relationship: ({ relationship }) => {
      state.relationships = state.relationships.filter((r) => r.id !== relationship);
      change("drop_relationship", "Drop relationship", []);
      return null;
    },
  };
}
