// A schema by few words, for the tests of the diagram's pure parts.
import type { Entity, Relationship, RelationshipType, Schema } from "../../src/api";
import { type Card, toCards } from "../../src/features/diagram/cards";
import { placedOf, toNodes } from "../../src/features/diagram/nodes";
import { fakeEntity, fakeRelationship } from "../fake/engine";

export function schemaOf(entities: Entity[], relationships: Relationship[] = []): Schema {
  return { version: 1, entities, relationships, library: [] };
}

export function entity(name: string, fields = 2, storage: "shared" | "dedicated" = "shared"): Entity {
  return fakeEntity(
    { name },
    Array.from({ length: fields }, (_, i) => ({ name: `f${i}`, type: "string" as const, unique: i === 0 })),
    storage,
  );
}

export function join(
  name: string,
  source: Entity,
  target: Entity,
  type: RelationshipType = "many_to_one",
  required = false,
): Relationship {
  return fakeRelationship({ name, source: source.id, target: target.id, type, required });
}

/** The cards of a schema, each at its place. */
export function placed(schema: Schema, places: [Entity, number, number][]) {
  const cards = toCards(schema, new Map());
  return placedOf(toNodes(cards, new Map(places.map(([e, x, y]) => [e.id, { x, y }]))));
}

export function cardOf(cards: readonly Card[], of: Entity): Card {
  const card = cards.find((c) => c.id === of.id);
  if (!card) throw new Error(`no card for ${of.name}`);
  return card;
}
