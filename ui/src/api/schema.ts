import { useQuery, useQueryClient } from "@tanstack/react-query";
import { commands } from "./bindings";
import { call, useCommand } from "./call";
import { keys } from "./keys";
import type { Entity, NodePosition, Relationship, Schema, SchemaEdit } from "./types";

/** Entities with their fields, relationships, and the field library. */
export function useSchema() {
  return useQuery({ queryKey: keys.schema, queryFn: () => call(commands.schema()) });
}

/** One line an entity: counts and storage mode, for the tree. */
export function useOverview() {
  return useQuery({ queryKey: keys.overview, queryFn: () => call(commands.overview()) });
}

/** Where entities stand on the diagram; what was never placed is not in it. */
export function useLayout() {
  return useQuery({ queryKey: keys.layout, queryFn: () => call(commands.layout()) });
}

/** Pairs of each many-to-many, by relationship id. */
export function useLinkCounts() {
  return useQuery({ queryKey: keys.linkCounts, queryFn: () => call(commands.linkCounts()) });
}

export function useEntity(id: string | null): Entity | undefined {
  const { data } = useSchema();
  return id === null ? undefined : data?.entities.find((e) => e.id === id);
}

/** What dropping these entities would take with it, for the preview. */
export function useDropImpact(entities: string[] | null) {
  return useQuery({
    queryKey: [...keys.impact, "entities", entities],
    queryFn: () => call(commands.dropImpact(entities ?? [])),
    enabled: entities !== null,
    gcTime: 0,
  });
}

/** What an edit would do. Checked anew each time it is asked for: records may have changed meanwhile. */
export function useEditPlan(edit: SchemaEdit) {
  return useQuery({
    queryKey: [...keys.plan, edit],
    queryFn: () => call(commands.editPlan(edit)),
    gcTime: 0,
    staleTime: 0,
  });
}

/** Does an edit whose plan was looked at. Answers the relationship it made, if it made one. */
export const useApplyEdit = () => useCommand(applyEdit);

async function applyEdit(edit: SchemaEdit): Promise<Relationship | null> {
  switch (edit.edit) {
    case "add_field":
      await commands.addField(edit.entity, edit.spec);
      break;
    case "update_field":
      await commands.updateField(edit.entity, edit.field, edit.spec);
      break;
    case "drop_field":
      await commands.dropField(edit.entity, edit.field);
      break;
    case "add_relationship":
      return commands.addRelationship(edit.spec);
    case "update_relationship":
      await commands.updateRelationship(edit.relationship, edit.spec);
      break;
    case "drop_relationship":
      await commands.dropRelationship(edit.relationship);
      break;
    case "set_keys":
      await commands.setKeys(edit.entity, edit.keys);
      break;
  }
  return null;
}

/** What a person moved: one step of undo. */
export const useMoveNodes = () => usePositions(commands.moveNodes);

/** What an automatic layout found for entities without a place: nothing to undo. */
export const usePlaceNodes = () => usePositions(commands.placeNodes);

/** Shows the new places at once; when the engine refuses, what it holds is shown again. */
function usePositions(command: typeof commands.moveNodes) {
  const client = useQueryClient();
  return useCommand(async (positions: NodePosition[]) => {
    const moved = new Map(positions.map((p) => [p.entity, p]));
    client.setQueryData<NodePosition[]>(keys.layout, (old) => [
      ...(old ?? []).filter((p) => !moved.has(p.entity)),
      ...positions,
    ]);
    try {
      return await call(command(positions));
    } catch (refused) {
      await client.invalidateQueries({ queryKey: keys.layout });
      throw refused;
    }
  });
}

export const useCreateEntity = () => useCommand(commands.createEntity);
export const useUpdateEntity = () => useCommand(commands.updateEntity);
export const useDropEntities = () => useCommand(commands.dropEntities);
export const useSetKeys = () => useCommand(commands.setKeys);
export const useAddField = () => useCommand(commands.addField);
export const useUpdateField = () => useCommand(commands.updateField);
export const useDropField = () => useCommand(commands.dropField);
export const useReorderFields = () => useCommand(commands.reorderFields);
export const useAddRelationship = () => useCommand(commands.addRelationship);
export const useUpdateRelationship = () => useCommand(commands.updateRelationship);
export const useDropRelationship = () => useCommand(commands.dropRelationship);
export const useCreateLibraryField = () => useCommand(commands.createLibraryField);
export const useDeleteLibraryField = () => useCommand(commands.deleteLibraryField);

/** What people read of an entity: its label, or its name where it has none. */
export function titleOf(entity: { name: string; label: string | null }): string {
  return entity.label || entity.name;
}

/** The whole spec of an entity as it stands: change what you want of it and hand it to `useUpdateEntity`. */
export function specOf(entity: Entity) {
  const { name, label, plural_label, icon, description, application, scope, access } = entity;
  return { name, label, plural_label, icon, description, application, scope, access };
}

/** Relationships with the entity at either end. */
export function relationshipsOf(schema: Schema, entity: string): Relationship[] {
  return schema.relationships.filter((r) => r.source === entity || r.target === entity);
}

/** The entity whose records hold the id; for many-to-many the source. */
export function holderOf(relationship: Relationship): string {
  return relationship.type === "one_to_many" ? relationship.target : relationship.source;
}

/** The entity whose id is held; for many-to-many the target. */
export function referencedBy(relationship: Relationship): string {
  return relationship.type === "one_to_many" ? relationship.source : relationship.target;
}

/** Whether the database itself enforces it: both ends dedicated. Else Stoneware does. */
export function isEnforcedByDatabase(schema: Schema, relationship: Relationship): boolean {
  const dedicated = (id: string) => schema.entities.find((e) => e.id === id)?.storage_mode === "dedicated";
  return dedicated(relationship.source) && dedicated(relationship.target);
}
