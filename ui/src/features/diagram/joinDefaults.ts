// What a new relationship is called and does before a person says otherwise. Pure.
import {
  type Entity,
  freeName,
  namesOn,
  type ReferentialAction,
  type RelationshipType,
  type Schema,
  titleOf,
} from "../../api";

/** `Order Line` → `order_line`; names in other scripts stay as they are. */
export function snake(name: string): string {
  return name
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1_$2")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "");
}

function many(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

const plural = (entity: Entity) =>
  entity.plural_label ? snake(entity.plural_label) : many(snake(titleOf(entity)));
const single = (entity: Entity) => snake(titleOf(entity));

/** Names a relationship after what stands at its other end: one record or many. */
export function defaultNames(
  schema: Schema,
  source: Entity,
  target: Entity,
  kind: RelationshipType,
): { name: string; inverse: string } {
  const self = source.id === target.id;
  const toMany = kind === "one_to_many" || kind === "many_to_many";
  const fromMany = kind === "many_to_one" || kind === "many_to_many";
  const taken = namesOn(schema, source);
  const wish = self ? (toMany ? "children" : "parent") : toMany ? plural(target) : single(target);
  const back = self ? (fromMany ? "children" : "parent") : fromMany ? plural(source) : single(source);
  const name = freeName(wish || "related", taken);
  const takenThere = namesOn(schema, target);
  if (self) takenThere.add(name.toLowerCase());
  const inverse = freeName(self && kind === "many_to_many" ? `${back}_of` : back || "related_to", takenThere);
  return { name, inverse };
}

/** The action that keeps most: an optional reference is emptied, a required one forbids, pairs simply go. */
export function defaultOnDelete(kind: RelationshipType, required: boolean): ReferentialAction {
  if (kind === "many_to_many") return "cascade";
  return required ? "restrict" : "set_null";
}

/** The kind in a sentence, in the words of the two entities. */
export function kindSentence(source: Entity, target: Entity, kind: RelationshipType): string {
  const [one, other] = [titleOf(source), titleOf(target)];
  const many = (entity: Entity) => `many ${entity.plural_label || `records of ${titleOf(entity)}`}`;
  switch (kind) {
    case "many_to_one":
      return `Each ${one} has one ${other}; a ${other} can have ${many(source)}.`;
    case "one_to_many":
      return `Each ${one} can have ${many(target)}; a ${other} has one ${one}.`;
    case "one_to_one":
      return `Each ${one} has one ${other}, and that ${other} no other ${one}.`;
    case "many_to_many":
      return `${one} and ${other} can each have many of the other.`;
  }
}
