// One edit of a spec at a time, and the refusal beside the control that asked for it.
import { useState } from "react";
import { usePlanFirst } from "../../actions";
import {
  type Entity,
  type EntitySpec,
  type Field,
  type FieldSpec,
  fieldSpecOf,
  type Relationship,
  type RelationshipSpec,
  relationshipSpecOf,
  type SchemaEdit,
  specOf,
  useUpdateEntity,
  useUpdateField,
  useUpdateRelationship,
} from "../../api";
import { type AppError, nextStep, toAppError } from "../../shared";

export interface Edit<Spec> {
  /** Sends the change, or shows its plan; false when it was refused or is only looked at. `back`: see PlanFirst. */
  set: (patch: Partial<Spec>, back?: () => void) => Promise<boolean>;
  /** What to say beneath the control of that key. */
  errorAt: (key: keyof Spec) => string | undefined;
}

function useEdit<Spec>(
  send: (patch: Partial<Spec>) => Promise<unknown>,
  edit?: (patch: Partial<Spec>) => SchemaEdit,
): Edit<Spec> {
  const plan = usePlanFirst();
  const [refused, setRefused] = useState<{ keys: (keyof Spec)[]; error: AppError } | null>(null);
  return {
    set: async (patch, back) => {
      if (edit && plan.ask(edit(patch), back)) return false;
      try {
        await send(patch);
        setRefused(null);
        return true;
      } catch (thrown) {
        setRefused({ keys: Object.keys(patch) as (keyof Spec)[], error: toAppError(thrown) });
        return false;
      }
    },
    errorAt: (key) => {
      if (!refused?.keys.includes(key)) return undefined;
      const next = nextStep(refused.error);
      return next ? `${refused.error.message} ${next}` : refused.error.message;
    },
  };
}

export function useEntityEdit(entity: Entity): Edit<EntitySpec> {
  const update = useUpdateEntity();
  return useEdit((patch) => update.mutateAsync([entity.id, { ...specOf(entity), ...patch }]));
}

export function useFieldEdit(entity: string, field: Field): Edit<FieldSpec> {
  const update = useUpdateField();
  const spec = (patch: Partial<FieldSpec>): FieldSpec => ({ ...fieldSpecOf(field), ...patch });
  return useEdit(
    (patch) => update.mutateAsync([entity, field.id, spec(patch)]),
    (patch) => ({ edit: "update_field", entity, field: field.id, spec: spec(patch) }),
  );
}

export function useRelationshipEdit(relationship: Relationship): Edit<RelationshipSpec> {
  const update = useUpdateRelationship();
  const { id } = relationship;
  const spec = (patch: Partial<RelationshipSpec>) => ({ ...relationshipSpecOf(relationship), ...patch });
  return useEdit(
    (patch) => update.mutateAsync([id, spec(patch)]),
    (patch) => ({ edit: "update_relationship", relationship: id, spec: spec(patch) }),
  );
}

/** Empty text means "none" in every optional text of the model. */
export function orNull(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === "" ? null : trimmed;
}
