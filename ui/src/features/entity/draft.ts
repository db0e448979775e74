// What was typed where a plan was asked from: the plan takes the inspector's place, and who leaves it finds it there.
import { useState } from "react";
import type { FieldType } from "../../api";

type Draft =
  | { kind: "field"; of: string; name: string; type: FieldType }
  | { kind: "key"; of: string; parts: string[] }
  | { kind: "text"; of: string; text: string };

let kept: Draft | null = null;

/** Kept until the inspector is there again. `of`: the entity, or for a text the field and the setting. */
export function keepDraft(draft: Draft): void {
  kept = draft;
}

export function forgetDraft(): void {
  kept = null;
}

/** What was kept for this place, as it was when the place came into sight. */
export function useKeptDraft<K extends Draft["kind"]>(kind: K, of: string) {
  const [found] = useState(() => (kept?.kind === kind && kept.of === of ? kept : null));
  return found as Extract<Draft, { kind: K }> | null;
}
