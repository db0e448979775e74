// The figures of a delete, in words.
import { plural } from "../shared";
import { titleOf } from "./schema";
import type { Entity, Impact } from "./types";

/** "3 orders" where the entity says what several are called, else "3 Order records"; "1 Order". */
export function namedCount(count: number, entity: Pick<Entity, "name" | "label" | "plural_label">): string {
  const title = titleOf(entity);
  return plural(count, title, entity.plural_label ?? `${title} records`);
}

/** One line for each thing that would happen: "Deletes 3 orders", "Unlinks 12 Tag records". */
export function impactLines(impact: Impact, entities: Entity[]): string[] {
  const counted = ({ entity, name, count }: Impact["deletes"][number]) =>
    namedCount(count, entities.find((e) => e.id === entity) ?? { name, label: null, plural_label: null });
  return [
    ...impact.deletes.map((c) => `Deletes ${counted(c)}`),
    ...impact.unlinks.map((c) => `Unlinks ${counted(c)}, which stay without the reference`),
    ...impact.links.map((c) => `Takes away ${plural(c.count, "link")} to ${c.name}`),
  ];
}
