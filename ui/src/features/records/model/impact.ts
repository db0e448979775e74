// The figures of a delete, in words.
import { type Entity, type Impact, titleOf } from "../../../api";
import { plural } from "../../../shared";

/** "3 orders" where the entity says what several are called, else "3 Order records"; "1 Order". */
export function namedCount(count: number, entity: Pick<Entity, "name" | "label" | "plural_label">): string {
  const title = titleOf(entity);
  return plural(count, title, entity.plural_label ?? `${title} records`);
}

/** One line for each thing that would happen: "Deletes 3 Order records", "Unlinks 12 Tag records". */
export function impactLines(impact: Impact): string[] {
  const line = (verb: string, many: Impact["deletes"], tail = "") =>
    many.map(({ name, count }) => `${verb} ${plural(count, `${name} record`)}${tail}`);
  return [
    ...line("Deletes", impact.deletes),
    ...line("Unlinks", impact.unlinks, ", which stay without a reference"),
    ...impact.links.map(({ name, count }) => `Takes away ${plural(count, "link")} to ${name}`),
  ];
}
