// Relationships as one of their entities sees them. Pure.
import { type Relationship, relationshipsOf, type Schema, titleOf } from "../../api";

export interface Seen {
  relationship: Relationship;
  /** What this side calls it; empty where it has no name for it. */
  name: string;
  arrow: "→" | "←" | "↔";
  other: string;
  otherTitle: string;
  /** Unique among what is listed: a self-reference is seen from both sides. */
  key: string;
}

/** Both directions; a self-reference stands twice, once from each end. */
export function seenFrom(schema: Schema, entity: string): Seen[] {
  const titles = new Map(schema.entities.map((e) => [e.id, titleOf(e)]));
  return relationshipsOf(schema, entity).flatMap((relationship) => {
    const pairs = relationship.type === "many_to_many";
    const seen: Seen[] = [];
    if (relationship.source === entity) {
      seen.push({
        relationship,
        name: relationship.name,
        arrow: pairs ? "↔" : relationship.type === "one_to_many" ? "←" : "→",
        other: relationship.target,
        otherTitle: titles.get(relationship.target) ?? "",
        key: `${relationship.id} out`,
      });
    }
    if (relationship.target === entity) {
      seen.push({
        relationship,
        name: relationship.inverse_name ?? "",
        arrow: pairs ? "↔" : relationship.type === "one_to_many" ? "→" : "←",
        other: relationship.source,
        otherTitle: relationship.inverse_name
          ? (titles.get(relationship.source) ?? "")
          : `${titles.get(relationship.source)}.${relationship.name}`,
        key: `${relationship.id} in`,
      });
    }
    return seen;
  });
}
