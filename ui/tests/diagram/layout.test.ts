// The layout with the real engine, called in this process; in the window it runs in a worker.
import ELK from "elkjs/lib/elk.bundled.js";
import { describe, expect, it } from "vitest";
import { communities } from "../../src/features/diagram/communities";
import { overlaps, type Rect } from "../../src/features/diagram/geometry";
import {
  type ElkGraph,
  freePlace,
  type LayoutGraph,
  layoutAll,
  type Positions,
  placeBeside,
  type RunElk,
} from "../../src/features/diagram/layout";

const engine = new ELK();
const elk: RunElk = (graph) => engine.layout(graph) as Promise<ElkGraph>;

function node(id: string, height = 120) {
  return { id, width: 208, height };
}

/** A tree of `count` nodes with some further lines, the same at every run. */
function graph(count: number): LayoutGraph {
  const edges = Array.from({ length: count - 1 }, (_, i) => ({
    id: `e${i}`,
    from: `n${Math.floor((i * 7) % (i + 1))}`,
    to: `n${i + 1}`,
  }));
  return { nodes: Array.from({ length: count }, (_, i) => node(`n${i}`, 80 + (i % 5) * 48)), edges };
}

function rects(g: LayoutGraph, positions: Positions): Rect[] {
  return g.nodes.map((n) => ({
    ...(positions.get(n.id) ?? { x: Number.NaN, y: 0 }),
    width: n.width,
    height: n.height,
  }));
}

function overlapping(all: Rect[]): number {
  let count = 0;
  for (const [i, a] of all.entries()) for (const b of all.slice(i + 1)) if (overlaps(a, b)) count += 1;
  return count;
}

describe("layoutAll", () => {
  it.each([1, 2, 12, 57, 150])("places %i entities, none over another, on whole pixels", async (count) => {
    const g = graph(count);
    const positions = await layoutAll(g, elk);
    expect(positions.size).toBe(count);
    expect(overlapping(rects(g, positions))).toBe(0);
    for (const { x, y } of positions.values()) expect(Number.isInteger(x) && Number.isInteger(y)).toBe(true);
  });

  it("reads from what is referred to, on the left, to what refers", async () => {
    const g = {
      nodes: [node("order"), node("customer")],
      edges: [{ id: "e", from: "customer", to: "order" }],
    };
    const positions = await layoutAll(g, elk);
    expect(positions.get("customer")?.x).toBeLessThan(positions.get("order")?.x ?? 0);
  });

  it("puts what stands alone beneath the rest, in rows", async () => {
    const g = graph(12);
    const alone = Array.from({ length: 30 }, (_, i) => node(`alone${i}`));
    const positions = await layoutAll({ nodes: [...g.nodes, ...alone], edges: g.edges }, elk);
    const low = Math.max(...g.nodes.map((n) => positions.get(n.id)?.y ?? 0));
    const rows = new Set(alone.map((n) => positions.get(n.id)?.y));
    expect(Math.min(...[...rows].map((y) => y ?? 0))).toBeGreaterThan(low);
    expect(rows.size).toBeGreaterThan(1);
  });

  it("takes self-references and lines to nowhere in its stride", async () => {
    const edges = [
      { id: "self", from: "a", to: "a" },
      { id: "lost", from: "a", to: "gone" },
    ];
    expect((await layoutAll({ nodes: [node("a")], edges }, elk)).size).toBe(1);
    expect((await layoutAll({ nodes: [], edges: [] }, elk)).size).toBe(0);
  });

  it("gives the same answer twice", async () => {
    const g = graph(90);
    expect([...(await layoutAll(g, elk))]).toEqual([...(await layoutAll(g, elk))]);
  });
});

describe("placeBeside", () => {
  const placed = new Map([
    ["a", { x: 0, y: 0, width: 208, height: 120 }],
    ["b", { x: 320, y: 0, width: 208, height: 400 }],
  ]);

  it("never moves what has its place, and puts a newcomer near what it is joined to", async () => {
    const positions = await placeBeside(placed, [node("c")], [{ id: "e", from: "a", to: "c" }], elk);
    expect([...positions.keys()]).toEqual(["c"]);
    const at = { ...(positions.get("c") ?? { x: 0, y: 0 }), width: 208, height: 120 };
    for (const rect of placed.values()) expect(overlaps(at, rect)).toBe(false);
    expect(Math.hypot(at.x, at.y)).toBeLessThan(700);
  });

  it("puts many newcomers in a block to the right", async () => {
    const g = graph(40);
    const positions = await placeBeside(placed, g.nodes, g.edges, elk);
    expect(positions.size).toBe(40);
    expect(Math.min(...[...positions.values()].map((p) => p.x))).toBeGreaterThan(528);
    expect(overlapping(rects(g, positions))).toBe(0);
  });

  it("lays everything out when nothing has a place yet", async () => {
    const g = graph(5);
    expect((await placeBeside(new Map(), g.nodes, g.edges, elk)).size).toBe(5);
  });
});

describe("freePlace", () => {
  it("is the wish itself when it is free, else the nearest that is", () => {
    const taken = [{ x: 0, y: 0, width: 208, height: 120 }];
    expect(freePlace({ x: 900, y: 0 }, { width: 208, height: 120 }, taken)).toEqual({ x: 900, y: 0 });
    const beside = freePlace({ x: 10, y: 10 }, { width: 208, height: 120 }, taken);
    expect(overlaps({ ...beside, width: 208, height: 120 }, taken[0] as Rect)).toBe(false);
    expect(Math.hypot(beside.x, beside.y)).toBeLessThan(260);
  });
});

describe("communities", () => {
  it("hold every entity once, few enough to read, and what is tightly joined together", () => {
    const g = graph(200);
    const groups = communities(g);
    expect(groups.flat().sort()).toEqual(g.nodes.map((n) => n.id).sort());
    expect(Math.max(...groups.map((group) => group.length))).toBeLessThanOrEqual(32);
    const pair = communities({
      nodes: ["hub", "a", "b", ...Array.from({ length: 80 }, (_, i) => `x${i}`)].map((id) => node(id)),
      edges: [
        ...Array.from({ length: 80 }, (_, i) => ({ id: `h${i}`, from: "hub", to: `x${i}` })),
        { id: "ab", from: "a", to: "b" },
        { id: "ha", from: "hub", to: "a" },
      ],
    });
    expect(
      pair.find((group) => group.includes("a")),
      "a bond counts more than a hub",
    ).toContain("b");
  });
});
