// A big picture is laid out as neighbourhoods: small groups of what belongs together, each readable by itself. Pure.
import type { LayoutGraph } from "./layout";

/** More than this in one group would be a tangle again. */
const MOST = 32;

/**
 * Splits a graph into groups of at most 32. The tightest bonds count first: a line between two entities with few lines
 * says more than one to a hub that everything refers to.
 */
export function communities({ nodes, edges }: LayoutGraph): string[][] {
  const degree = new Map<string, number>();
  const count = (id: string) => degree.set(id, (degree.get(id) ?? 0) + 1);
  for (const edge of edges) {
    count(edge.from);
    count(edge.to);
  }
  const group = new Map(nodes.map((n) => [n.id, [n.id]]));
  const weight = (e: LayoutGraph["edges"][number]) =>
    Math.max(degree.get(e.from) ?? 0, degree.get(e.to) ?? 0) * 100 +
    Math.min(degree.get(e.from) ?? 0, degree.get(e.to) ?? 0);
  const byBond = edges.map((edge) => ({ edge, weight: weight(edge) })).sort((a, b) => a.weight - b.weight);
  for (const { edge } of byBond) {
    const a = group.get(edge.from);
    const b = group.get(edge.to);
    if (!a || !b || a === b || a.length + b.length > MOST) continue;
    a.push(...b);
    for (const id of b) group.set(id, a);
  }
  return inOrder([...new Set(group.values())], edges);
}

/** The biggest group first, then always the one with most lines to those before it. */
function inOrder(groups: string[][], edges: LayoutGraph["edges"]): string[][] {
  const of = new Map(groups.flatMap((group, i) => group.map((id) => [id, i] as const)));
  const lines = groups.map(() => new Map<number, number>());
  for (const edge of edges) {
    const a = of.get(edge.from);
    const b = of.get(edge.to);
    if (a === undefined || b === undefined || a === b) continue;
    lines[a]?.set(b, (lines[a]?.get(b) ?? 0) + 1);
    lines[b]?.set(a, (lines[b]?.get(a) ?? 0) + 1);
  }
  const rest = new Set(groups.keys());
  const pull = groups.map(() => 0);
  const order: string[][] = [];
  while (rest.size > 0) {
    let best = -1;
    for (const i of rest) {
      const better =
        best < 0 ||
        (pull[i] ?? 0) > (pull[best] ?? 0) ||
        (pull[i] === pull[best] && (groups[i]?.length ?? 0) > (groups[best]?.length ?? 0));
      if (better) best = i;
    }
    rest.delete(best);
    order.push(groups[best] ?? []);
    for (const [other, n] of lines[best] ?? []) pull[other] = (pull[other] ?? 0) + n;
  }
  return order;
}
