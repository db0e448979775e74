import { describe, expect, it } from "vitest";
import {
  type Edge,
  endMarks,
  endsOf,
  linePath,
  type Placed,
  routeEdges,
  toEdges,
} from "../../src/features/diagram/edges";
import { entity, join, placed, schemaOf } from "./graph";

describe("ends", () => {
  it("say how many may stand there and whether none may", () => {
    const table = (["many_to_one", "one_to_many", "one_to_one", "many_to_many"] as const).map((type) => {
      const { from, to } = endsOf({ type, required: true });
      return [type, from.many, from.optional, to.many, to.optional];
    });
    expect(table).toEqual([
      ["many_to_one", true, true, false, false],
      ["one_to_many", true, true, false, false],
      ["one_to_one", false, true, false, false],
      ["many_to_many", true, true, true, false],
    ]);
    expect(endsOf({ type: "many_to_one", required: false }).to.optional, "an optional one may be none").toBe(
      true,
    );
  });

  it("are drawn as foot or bar, then ring or bar", () => {
    const port = { x: 100, y: 50, side: "right" as const };
    const mandatory = endMarks(port, { many: false, optional: false });
    expect(mandatory.ring).toBe("");
    expect(mandatory.strokes.match(/M/g), "two bars").toHaveLength(2);
    const foot = endMarks(port, { many: true, optional: true });
    expect(foot.strokes, "three toes from one point").toBe("M100 44L110 50L100 56");
    expect(foot.ring).toContain("A3.5");
    expect(endMarks({ ...port, side: "left" }, { many: true, optional: true }).strokes, "mirrored").toContain(
      "90 50",
    );
  });
});

describe("toEdges", () => {
  const customer = entity("customer", 2, "dedicated");
  const order = entity("order", 2, "dedicated");
  const draft = entity("draft");

  it("lead from who holds the id, whichever side told it", () => {
    const [one, many] = toEdges(
      schemaOf([customer, order], [join("c", order, customer), join("o", customer, order, "one_to_many")]),
    );
    expect([one?.from, many?.from]).toEqual([order.id, order.id]);
  });

  it("are kept by the database only when both ends are dedicated", () => {
    const edges = toEdges(
      schemaOf([customer, order, draft], [join("c", order, customer), join("d", draft, order)]),
    );
    expect(edges.map((e) => e.enforced)).toEqual([true, false]);
  });

  it("have a name for those who do not see them", () => {
    const [edge] = toEdges(schemaOf([customer, order], [join("buyer", order, customer)]));
    expect(edge?.name).toBe("Relationship buyer, order to customer, many to one");
  });
});

function routesOf(
  schema: ReturnType<typeof schemaOf>,
  places: Parameters<typeof placed>[1],
): { routes: ReturnType<typeof routeEdges>; edges: Edge[]; at: Map<string, Placed> } {
  const edges = toEdges(schema);
  const at = placed(schema, places);
  return { routes: routeEdges(edges, at), edges, at };
}

describe("routeEdges", () => {
  it("leaves from the row that refers and arrives at the facing side", () => {
    const a = entity("a");
    const b = entity("b");
    const { routes, at } = routesOf(schemaOf([a, b], [join("b", a, b)]), [
      [a, 0, 0],
      [b, 600, 0],
    ]);
    const width = at.get(a.id)?.width ?? 0;
    expect(routes[0]?.from).toEqual({ x: width, y: 36 + 4 + 2 * 24 + 12, side: "right" });
    expect(routes[0]?.to).toMatchObject({ x: 600, side: "left" });
  });

  it("keeps several between the same pair apart at both ends", () => {
    const a = entity("a", 8);
    const b = entity("b", 8);
    const all = [
      join("x", a, b),
      join("y", a, b),
      join("m", a, b, "many_to_many"),
      join("n", a, b, "many_to_many"),
    ];
    const { routes } = routesOf(schemaOf([a, b], all), [
      [a, 0, 0],
      [b, 600, 0],
    ]);
    expect(new Set(routes.map((r) => r.to.y)).size).toBe(4);
    expect(new Set(routes.map((r) => r.from.y)).size).toBe(4);
    expect(new Set(routes.map(linePath)).size).toBe(4);
  });

  it("draws a self-reference as a loop outside the card", () => {
    const a = entity("employee", 4);
    const { routes, at } = routesOf(
      schemaOf([a], [join("boss", a, a), join("peers", a, a, "many_to_many")]),
      [[a, 0, 0]],
    );
    const right = at.get(a.id)?.width ?? 0;
    for (const route of routes) {
      expect(route.from.side).toBe(route.to.side);
      expect(route.from.y, "it does not fall back on itself").not.toBe(route.to.y);
      expect(route.c1.x).toBeGreaterThan(right + 20);
    }
  });

  it("goes round the side when one card stands above the other, and straight when it hangs on no row", () => {
    const a = entity("a");
    const b = entity("b");
    const schema = schemaOf([a, b], [join("b", a, b), join("bs", a, b, "many_to_many")]);
    const { routes } = routesOf(schema, [
      [a, 0, 0],
      [b, 0, 500],
    ]);
    expect([routes[0]?.from.side, routes[0]?.to.side]).toEqual(["right", "right"]);
    expect([routes[1]?.from.side, routes[1]?.to.side]).toEqual(["bottom", "top"]);
  });

  it("arrives in the order of where the lines come from, so that they do not cross", () => {
    const hub = entity("hub", 10);
    const others = [0, 1, 2, 3].map((i) => entity(`o${i}`));
    const schema = schemaOf(
      [hub, ...others],
      others.map((o) => join("hub", o, hub)),
    );
    const { routes } = routesOf(schema, [
      [hub, 0, 300],
      ...others.map((o, i): [typeof o, number, number] => [o, 600, (3 - i) * 200]),
    ]);
    const arrivals = [...routes].sort((r, s) => r.from.y - s.from.y).map((r) => r.to.y);
    expect(arrivals).toEqual([...arrivals].sort((x, y) => x - y));
  });

  it("leaves out what has an end without a place", () => {
    const a = entity("a");
    const b = entity("b");
    expect(routesOf(schemaOf([a, b], [join("b", a, b)]), [[a, 0, 0]]).routes).toEqual([]);
  });
});
