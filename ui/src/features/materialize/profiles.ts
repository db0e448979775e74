import type { FieldProfile } from "../../api";

/** "1 to 99": smallest and largest value, where the type has an order. Digits are never lost. */
export function range({ smallest, largest }: Pick<FieldProfile, "smallest" | "largest">): string | null {
  if (smallest === null || largest === null) return null;
  return smallest === largest ? String(smallest) : `${smallest} to ${largest}`;
}
