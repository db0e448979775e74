// Relationships as lines: which ends they have, where they touch the cards, how the curve runs. Pure.
import { holderOf, KIND_WORDS, type Relationship, referencedBy, type Schema, titleOf } from "../../api";
import { type Card, rowMiddle } from "./cards";
import type { Point, Rect } from "./geometry";

/** How many records may stand at an end: a foot or a bar, and before it a ring (none is allowed) or a second bar. */
export interface End {
  many: boolean;
  optional: boolean;
}

export interface Edge {
  id: string;
  label: string;
  /** The entity whose records hold the id (the source of a many-to-many). */
  from: string;
  to: string;
  fromEnd: End;
  toEnd: End;
  /** The database itself keeps it, because both entities are dedicated. */
  enforced: boolean;
  manyToMany: boolean;
  /** What a screen reader says. */
  name: string;
}

export function endsOf(relationship: Pick<Relationship, "type" | "required">): { from: End; to: End } {
  const to = { many: relationship.type === "many_to_many", optional: !relationship.required };
  return { from: { many: relationship.type !== "one_to_one", optional: true }, to };
}

export function toEdges(schema: Schema): Edge[] {
  const entities = new Map(schema.entities.map((e) => [e.id, e]));
  return schema.relationships.flatMap((relationship) => {
    const source = entities.get(relationship.source);
    const target = entities.get(relationship.target);
    if (!source || !target) return [];
    const ends = endsOf(relationship);
    const kind = KIND_WORDS[relationship.type];
    return {
      id: relationship.id,
      label: relationship.name,
      from: holderOf(relationship),
      to: referencedBy(relationship),
      fromEnd: ends.from,
      toEnd: ends.to,
      enforced: source.storage_mode === "dedicated" && target.storage_mode === "dedicated",
      manyToMany: relationship.type === "many_to_many",
      name: `Relationship ${relationship.name}, ${titleOf(source)} to ${titleOf(target)}, ${kind}`,
    };
  });
}

export type Side = "left" | "right" | "top" | "bottom";

export interface Port extends Point {
  side: Side;
}

/** Where one edge runs; `c1` and `c2` are the control points between the two stubs. */
export interface Route {
  id: string;
  from: Port;
  to: Port;
  c1: Point;
  c2: Point;
}

export interface Placed extends Rect {
  card: Card;
}

/** Straight piece before the curve begins: the marks stand on it. */
export const STUB = 20;
/** With less room than this between two cards the line goes round the outside. */
const MIN_GAP = 44;

const OUT: Record<Side, Point> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  top: { x: 0, y: -1 },
  bottom: { x: 0, y: 1 },
};

export function out(port: Port, distance: number): Point {
  const d = OUT[port.side];
  return { x: port.x + d.x * distance, y: port.y + d.y * distance };
}

function sidesOf(edge: Edge, from: Rect, to: Rect): [Side, Side] {
  if (edge.from === edge.to) return ["right", "right"];
  if (to.x - (from.x + from.width) >= MIN_GAP) return ["right", "left"];
  if (from.x - (to.x + to.width) >= MIN_GAP) return ["left", "right"];
  // One above the other. A many-to-many hangs on no row and may go straight; the rest goes round the nearer side.
  if (edge.manyToMany) {
    if (to.y - (from.y + from.height) >= MIN_GAP) return ["bottom", "top"];
    if (from.y - (to.y + to.height) >= MIN_GAP) return ["top", "bottom"];
  }
  const left = Math.abs(from.x - to.x);
  const right = Math.abs(from.x + from.width - to.x - to.width);
  return left < right ? ["left", "left"] : ["right", "right"];
}

interface Slot {
  route: { from: Port; to: Port };
  which: "from" | "to";
  card: Placed;
  /** Where the other end is, along this side: keeps lines that arrive side by side from crossing. */
  toward: number;
}

/**
 * A route for each edge whose two cards are placed. Ends without a row of their own are spread along the side they
 * arrive at, in the order of where they come from, so that several between the same pair stay apart.
 */
export function routeEdges(edges: readonly Edge[], placed: ReadonlyMap<string, Placed>): Route[] {
  const slots = new Map<string, Slot[]>();
  const wait = (slot: Slot, side: Side) => {
    const key = `${slot.card.card.id} ${side}`;
    const list = slots.get(key);
    if (list) list.push(slot);
    else slots.set(key, [slot]);
  };
  const drafts: { edge: Edge; from: Port; to: Port }[] = [];
  for (const edge of edges) {
    const from = placed.get(edge.from);
    const to = placed.get(edge.to);
    if (!from || !to) continue;
    const [fromSide, toSide] = sidesOf(edge, from, to);
    const draft = { edge, from: portAt(from, fromSide), to: portAt(to, toSide) };
    const row = edge.manyToMany ? undefined : rowMiddle(from.card, edge.id);
    if (row === undefined)
      wait({ route: draft, which: "from", card: from, toward: along(to, fromSide) }, fromSide);
    else draft.from.y = from.y + row;
    wait({ route: draft, which: "to", card: to, toward: along(from, toSide) + (row ?? 0) }, toSide);
    drafts.push(draft);
  }
  for (const list of slots.values()) spread(list);
  return drafts.map(({ edge, from, to }) => ({ id: edge.id, from, to, ...controls(edge, from, to) }));
}

function portAt(rect: Rect, side: Side): Port {
  return {
    side,
    x: side === "left" ? rect.x : side === "right" ? rect.x + rect.width : rect.x + rect.width / 2,
    y: side === "top" ? rect.y : side === "bottom" ? rect.y + rect.height : rect.y + rect.height / 2,
  };
}

function along(rect: Rect, side: Side): number {
  return side === "left" || side === "right" ? rect.y : rect.x + rect.width / 2;
}

function spread(list: Slot[]): void {
  list.sort((a, b) => a.toward - b.toward);
  list.forEach((slot, i) => {
    const port = slot.route[slot.which];
    const vertical = port.side === "left" || port.side === "right";
    const room = (vertical ? slot.card.height : slot.card.width) - 24;
    const step = Math.min(18, room / list.length);
    const offset = (i - (list.length - 1) / 2) * step;
    if (vertical) port.y += offset;
    else port.x += offset;
  });
}

function controls(edge: Edge, from: Port, to: Port): { c1: Point; c2: Point } {
  if (from.side === to.side) {
    // Round the outside: far enough to clear both cards, a little farther the longer the way.
    const d = OUT[from.side];
    const reach = edge.from === edge.to ? 44 : 36 + Math.min(80, Math.abs(from.y - to.y) * 0.12);
    const x = d.x > 0 ? Math.max(from.x, to.x) + reach : Math.min(from.x, to.x) - reach;
    return { c1: { x, y: from.y }, c2: { x, y: to.y } };
  }
  const vertical = from.side === "top" || from.side === "bottom";
  const distance = vertical ? Math.abs(to.y - from.y) : Math.abs(to.x - from.x);
  const pull = Math.max(STUB + 12, distance / 2);
  return { c1: out(from, pull), c2: out(to, pull) };
}

const n = (value: number) => Math.round(value * 10) / 10;

/** The line as an SVG path. */
export function linePath({ from, to, c1, c2 }: Route): string {
  const a = out(from, STUB);
  const b = out(to, STUB);
  return `M${n(from.x)} ${n(from.y)}L${n(a.x)} ${n(a.y)}C${n(c1.x)} ${n(c1.y)} ${n(c2.x)} ${n(c2.y)} ${n(b.x)} ${n(b.y)}L${n(to.x)} ${n(to.y)}`;
}

/** The middle of the curve, where the label stands. */
export function midOf({ from, to, c1, c2 }: Route): Point {
  const a = out(from, STUB);
  const b = out(to, STUB);
  return { x: (a.x + 3 * c1.x + 3 * c2.x + b.x) / 8, y: (a.y + 3 * c1.y + 3 * c2.y + b.y) / 8 };
}

export function routeBox({ from, to, c1, c2 }: Route): Rect {
  const left = Math.min(from.x, to.x, c1.x, c2.x);
  const top = Math.min(from.y, to.y, c1.y, c2.y);
  return {
    x: left - 8,
    y: top - 8,
    width: Math.max(from.x, to.x, c1.x, c2.x) - left + 16,
    height: Math.max(from.y, to.y, c1.y, c2.y) - top + 16,
  };
}

/** A line that crosses the picture stands back behind those that stay near. In canvas pixels. */
export function isLong({ from, to }: Route): boolean {
  return Math.abs(from.x - to.x) + Math.abs(from.y - to.y) > 1800;
}

/** Crow's foot or bar, then ring or second bar, as SVG paths in canvas pixels. `ring` is filled so that the line ends at it. */
export function endMarks(port: Port, end: End): { strokes: string; ring: string } {
  const d = OUT[port.side];
  const at = (along: number, across: number): string =>
    `${n(port.x + d.x * along + d.y * across)} ${n(port.y + d.y * along + d.x * across)}`;
  const bar = (along: number) => `M${at(along, -5)}L${at(along, 5)}`;
  const first = end.many ? `M${at(0, -6)}L${at(10, 0)}L${at(0, 6)}` : bar(6);
  const second = end.many ? 14 : 11;
  if (!end.optional) return { strokes: first + bar(second), ring: "" };
  const [near, far] = [at(end.many ? 10 : 9, 0), at(end.many ? 17 : 16, 0)];
  return { strokes: first, ring: `M${near}A3.5 3.5 0 1 1 ${far}A3.5 3.5 0 1 1 ${near}` };
}
