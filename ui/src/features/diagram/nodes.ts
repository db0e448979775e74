// Cards with a place become nodes of the canvas. Pure, and sparing: what has not changed stays the same object.
import type { Node } from "@xyflow/react";
import { formatNumber, plural } from "../../shared";
import { type Card, cardName } from "./cards";
import type { Placed } from "./edges";
import type { Point } from "./geometry";

export type EntityNode = Node<{ card: Card }, "entity">;

/**
 * One node for each card that has a place. A node being dragged keeps where the hand holds it, and selection is kept.
 */
export function toNodes(
  cards: readonly Card[],
  positions: ReadonlyMap<string, Point>,
  before: readonly EntityNode[] = [],
): EntityNode[] {
  const old = new Map(before.map((node) => [node.id, node]));
  return cards.flatMap((card) => {
    const known = old.get(card.id);
    const place = known?.dragging ? known.position : positions.get(card.id);
    if (!place) return [];
    if (known?.data.card === card && known.position.x === place.x && known.position.y === place.y) {
      return known;
    }
    return {
      id: card.id,
      type: "entity" as const,
      position: { x: place.x, y: place.y },
      width: card.width,
      height: card.height,
      selected: known?.selected ?? false,
      dragging: known?.dragging ?? false,
      ariaLabel: cardName(card, card.records === null ? "records unknown" : plural(card.records, "record")),
      data: { card },
    };
  });
}

export function placedOf(nodes: readonly EntityNode[]): Map<string, Placed> {
  return new Map(
    nodes.map(({ id, position, data: { card } }) => [
      id,
      { x: position.x, y: position.y, width: card.width, height: card.height, card },
    ]),
  );
}

/** The records of a card as its header shows them. */
export function recordCount(card: Card): string {
  return card.records === null ? "" : formatNumber(card.records);
}
