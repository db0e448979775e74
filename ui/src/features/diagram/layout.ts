// Where cards go when nobody has placed them. Pure: the heavy part is handed in, and runs in a worker.
import { communities } from "./communities";
import { boundsOf, overlaps, type Point, type Rect } from "./geometry";

export interface LayoutNode {
  id: string;
  width: number;
  height: number;
}

export interface LayoutGraph {
  nodes: LayoutNode[];
  /** From the entity referred to, to the one that refers: read from left to right. `row`: how far down it refers. */
  edges: { id: string; from: string; to: string; row?: number }[];
}

export type Positions = Map<string, Point>;

/** What an ELK engine is asked and what it answers; elkjs and its worker both fit. */
export interface ElkGraph {
  id: string;
  layoutOptions?: Record<string, string>;
  children: {
    id: string;
    width: number;
    height: number;
    x?: number;
    y?: number;
    ports?: {
      id: string;
      x: number;
      y: number;
      width: number;
      height: number;
      layoutOptions: Record<string, string>;
    }[];
    layoutOptions?: Record<string, string>;
  }[];
  edges: { id: string; sources: string[]; targets: string[] }[];
}
export type RunElk = (graph: ElkGraph) => Promise<ElkGraph>;

const GAP = 40;
const ROOM = 40;
const LAYER_GAP = 96;
/** More than this are laid out as neighbourhoods: one big layered picture would be slow to make and a tangle to read. */
const MANY = 60;
const BLOCK_GAP = 160;

export const ELK_OPTIONS: Record<string, string> = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.edgeRouting": "POLYLINE",
  "elk.aspectRatio": "1.2",
  "elk.spacing.nodeNode": String(GAP),
  "elk.spacing.edgeNode": "16",
  "elk.spacing.edgeEdge": "8",
  "elk.spacing.componentComponent": "72",
  "elk.layered.spacing.nodeNodeBetweenLayers": String(LAYER_GAP),
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
};

/** Places every node: what is joined in layers, what stands alone in rows beneath. */
export async function layoutAll(graph: LayoutGraph, elk: RunElk): Promise<Positions> {
  const known = new Set(graph.nodes.map((n) => n.id));
  const edges = graph.edges.filter((e) => e.from !== e.to && known.has(e.from) && known.has(e.to));
  const joined = new Set(edges.flatMap((e) => [e.from, e.to]));
  const connected = graph.nodes.filter((n) => joined.has(n.id));
  const alone = graph.nodes.filter((n) => !joined.has(n.id));
  const positions =
    connected.length > MANY
      ? await neighbourhoods({ nodes: connected, edges }, elk)
      : await layered({ nodes: connected, edges }, elk);
  const bounds = boundsOf(rectsOf(connected, positions));
  const width = Math.max(bounds?.width ?? 0, Math.sqrt(alone.length) * 320, 960);
  const start = bounds ? { x: bounds.x, y: bounds.y + bounds.height + 72 } : { x: 0, y: 0 };
  for (const [id, at] of shelves(alone, start, width)) positions.set(id, at);
  return positions;
}

/** Tells the engine at which row each line arrives, so that it can keep lines to neighbouring rows from crossing. */
function withPorts(
  { id, width, height }: LayoutNode,
  edges: LayoutGraph["edges"],
): ElkGraph["children"][number] {
  const port = (name: string, x: number, y: number, side: string) => ({
    id: `${id} ${name}`,
    x,
    y,
    width: 0,
    height: 0,
    layoutOptions: { "elk.port.side": side },
  });
  const arriving = edges.filter((e) => e.to === id);
  return {
    id,
    width,
    height,
    layoutOptions: { "elk.portConstraints": "FIXED_POS" },
    ports: [
      port("out", width, height / 2, "EAST"),
      ...arriving.map((e) => port(e.id, 0, e.row ?? height / 2, "WEST")),
    ],
  };
}

async function layered({ nodes, edges }: LayoutGraph, elk: RunElk): Promise<Positions> {
  if (nodes.length === 0) return new Map();
  const run = async (options: Record<string, string>): Promise<Positions> => {
    const done = await elk({
      id: "root",
      layoutOptions: { ...ELK_OPTIONS, ...options },
      children: nodes.map((node) => withPorts(node, edges)),
      edges: edges.map((e) => ({ id: e.id, sources: [`${e.from} out`], targets: [`${e.to} ${e.id}`] })),
    });
    return new Map(done.children.map((child) => [child.id, rounded(child.x ?? 0, child.y ?? 0)]));
  };
  const plain = await run({});
  const bounds = boundsOf(rectsOf(nodes, plain));
  if (!bounds || nodes.length < 8 || bounds.width < 2 * bounds.height) return plain;
  // A long chain of layers is folded, so that the picture is about as wide as the window and can be read when it fits.
  // Which fold keeps together what is joined depends on the graph: two are tried.
  const folded = await Promise.all(
    ["1", "0.85"].map((factor) =>
      run({
        "elk.layered.wrapping.strategy": "MULTI_EDGE",
        "elk.layered.wrapping.correctionFactor": factor,
      }),
    ),
  );
  const cost = (positions: Positions) => stretch(nodes, edges, positions);
  return folded.reduce((best, other) => (cost(other) < cost(best) ? other : best));
}

/** How far one has to look from end to end of a line, in windows of about four by three that the picture fills. */
function stretch(nodes: LayoutNode[], edges: LayoutGraph["edges"], positions: Positions): number {
  const rects = rectsOf(nodes, positions);
  const bounds = boundsOf(rects);
  if (!bounds) return 0;
  const middles = new Map(
    nodes.map((n, i) => {
      const { x = 0, y = 0, width = 0, height = 0 } = rects[i] ?? {};
      return [n.id, { x: x + width / 2, y: y + height / 2 }];
    }),
  );
  const length = edges.reduce((sum, e) => {
    const [a, b] = [middles.get(e.from), middles.get(e.to)];
    return a && b ? sum + Math.hypot(a.x - b.x, a.y - b.y) : sum;
  }, 0);
  return length * Math.max(bounds.width / 1.2, bounds.height);
}

/** Each neighbourhood laid out by itself, then all of them packed, those with lines between them near each other. */
async function neighbourhoods(graph: LayoutGraph, elk: RunElk): Promise<Positions> {
  const sizes = new Map(graph.nodes.map((n) => [n.id, n]));
  const blocks: (LayoutNode & { inside: Positions; left: number; top: number })[] = [];
  for (const [i, ids] of communities(graph).entries()) {
    const members = new Set(ids);
    const nodes = ids.flatMap((id) => sizes.get(id) ?? []);
    const edges = graph.edges.filter((e) => members.has(e.from) && members.has(e.to));
    const inside = await layered({ nodes, edges }, elk);
    const { x, y, width, height } = boundsOf(rectsOf(nodes, inside)) ?? { x: 0, y: 0, width: 0, height: 0 };
    blocks.push({ id: String(i), width, height, inside, left: x, top: y });
  }
  const area = blocks.reduce((sum, b) => sum + (b.width + BLOCK_GAP) * (b.height + BLOCK_GAP), 0);
  const corners = shelves(blocks, { x: 0, y: 0 }, Math.sqrt(area * 1.7), BLOCK_GAP);
  const positions: Positions = new Map();
  for (const block of blocks) {
    const corner = corners.get(block.id);
    for (const [id, at] of block.inside) {
      positions.set(id, rounded(at.x - block.left + (corner?.x ?? 0), at.y - block.top + (corner?.y ?? 0)));
    }
  }
  return positions;
}

/** Rows of cards in the given order, each row as high as its highest card. */
export function shelves(nodes: LayoutNode[], start: Point, width: number, gap = GAP): Positions {
  const positions: Positions = new Map();
  let { x, y } = start;
  let high = 0;
  for (const node of nodes) {
    if (x > start.x && x + node.width > start.x + width) {
      x = start.x;
      y += high + gap;
      high = 0;
    }
    positions.set(node.id, rounded(x, y));
    x += node.width + gap;
    high = Math.max(high, node.height);
  }
  return positions;
}

/**
 * Places `fresh` beside what a person has placed, and never moves that. A few go next to what they are joined to;
 * many are laid out among themselves and put to the right of everything.
 */
export async function placeBeside(
  placed: ReadonlyMap<string, Rect>,
  fresh: LayoutNode[],
  edges: LayoutGraph["edges"],
  elk: RunElk,
): Promise<Positions> {
  const bounds = boundsOf(placed.values());
  if (!bounds) return layoutAll({ nodes: fresh, edges }, elk);
  if (fresh.length > 12) {
    const block = await layoutAll({ nodes: fresh, edges }, elk);
    const own = boundsOf(rectsOf(fresh, block));
    const dx = bounds.x + bounds.width + LAYER_GAP - (own?.x ?? 0);
    const dy = bounds.y - (own?.y ?? 0);
    return new Map([...block].map(([id, at]) => [id, rounded(at.x + dx, at.y + dy)]));
  }
  const taken = new Map(placed);
  const positions: Positions = new Map();
  for (const node of fresh) {
    const neighbour = edges
      .filter((e) => e.from === node.id || e.to === node.id)
      .map((e) => taken.get(e.from === node.id ? e.to : e.from))
      .find((rect) => rect !== undefined);
    const wish = neighbour
      ? { x: neighbour.x + neighbour.width + LAYER_GAP, y: neighbour.y }
      : { x: bounds.x + bounds.width + LAYER_GAP, y: bounds.y };
    const at = freePlace(wish, node, [...taken.values()]);
    positions.set(node.id, at);
    taken.set(node.id, { ...at, width: node.width, height: node.height });
  }
  return positions;
}

/** Steps of 40 pixels around a wish, nearest first; sideways counts a little more than up and down. */
const AROUND: Point[] = Array.from({ length: 61 * 61 }, (_, i) => ({
  x: ((i % 61) - 30) * GAP,
  y: (Math.floor(i / 61) - 30) * GAP,
})).sort((a, b) => Math.hypot(a.x * 1.2, a.y) - Math.hypot(b.x * 1.2, b.y));

/** The free place nearest to the wish; below everything when there is none for a long way around. */
export function freePlace(wish: Point, size: { width: number; height: number }, taken: Rect[]): Point {
  for (const { x, y } of AROUND) {
    const place = { x: wish.x + x, y: wish.y + y, ...size };
    // Lines need room between two cards side by side.
    const room = { ...place, x: place.x - ROOM, width: place.width + 2 * ROOM };
    if (!taken.some((rect) => overlaps(room, rect, 24))) return rounded(place.x, place.y);
  }
  const all = boundsOf(taken);
  return rounded(wish.x, all ? all.y + all.height + GAP : wish.y);
}

function rectsOf(nodes: LayoutNode[], positions: Positions): Rect[] {
  return nodes.flatMap((n) => {
    const at = positions.get(n.id);
    return at ? [{ ...at, width: n.width, height: n.height }] : [];
  });
}

/** The engine keeps whole pixels. */
function rounded(x: number, y: number): Point {
  return { x: Math.round(x), y: Math.round(y) };
}
