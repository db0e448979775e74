import { describe, expect, it } from "vitest";
import { MAX_ROWS, reuseCards, rowMiddle, toCards } from "../../src/features/diagram/cards";
import { toNodes } from "../../src/features/diagram/nodes";
import { cardOf, entity, join, schemaOf } from "./graph";

describe("cards", () => {
  it("list the fields in display order, then what the entity refers to, by the title of the other", () => {
    const customer = { ...entity("customer"), label: "Customer" };
    const order = entity("order");
    const card = cardOf(
      toCards(schemaOf([customer, order], [join("buyer", order, customer)]), new Map()),
      order,
    );
    expect(card.rows.map((r) => [r.kind, r.name, r.type])).toEqual([
      ["field", "f0", "string"],
      ["field", "f1", "string"],
      ["reference", "buyer", "Customer"],
    ]);
    expect(cardOf(toCards(schemaOf([customer, order]), new Map()), customer).title).toBe("Customer");
  });

  it("put a one-to-many on the card of the entity that holds the id", () => {
    const customer = entity("customer");
    const order = entity("order");
    const orders = { ...join("orders", customer, order, "one_to_many"), inverse_name: "customer" };
    const cards = toCards(schemaOf([customer, order], [orders]), new Map());
    expect(cardOf(cards, order).rows.map((r) => r.name)).toContain("customer");
    expect(cardOf(cards, customer).rows).toHaveLength(2);
  });

  it("give a many-to-many no row, for it lies in neither entity", () => {
    const a = entity("a");
    const b = entity("b");
    const cards = toCards(schemaOf([a, b], [join("bs", a, b, "many_to_many")]), new Map());
    expect(cards.map((c) => c.rows.length)).toEqual([2, 2]);
  });

  it("show a wide table's keys and references first, and all of it when it is unfolded", () => {
    const wide = entity("wide", 60);
    const other = entity("other");
    const reference = join("other", wide, other);
    const schema = schemaOf([wide, other], [reference]);
    const card = cardOf(toCards(schema, new Map()), wide);
    expect(card.rows.length, "one line is left for the count of the rest").toBe(MAX_ROWS - 1);
    expect(card.hidden).toBe(61 - (MAX_ROWS - 1));
    expect(rowMiddle(card, reference.id), "the line still finds its row").toBeDefined();
    const unfolded = cardOf(toCards(schema, new Map(), new Set([wide.id])), wide);
    expect(unfolded.rows).toHaveLength(61);
    expect(unfolded.height).toBeGreaterThan(card.height);
  });

  it("stay within their width however long the names are", () => {
    const long = { ...entity("x"), name: "a".repeat(200) };
    expect(toCards(schemaOf([long]), new Map())[0]?.width).toBeLessThanOrEqual(304);
    expect(toCards(schemaOf([{ ...long, fields: [], name: "注文".repeat(40) }]), new Map())[0]?.width).toBe(
      304,
    );
  });

  it("stay the same object while they say the same, so that nothing is drawn twice", () => {
    const schema = schemaOf([entity("a"), entity("b")]);
    const first = toCards(schema, new Map());
    const known = new Map(first.map((c) => [c.id, c]));
    expect(reuseCards(known, toCards(schema, new Map()))).toEqual(first);
    const again = reuseCards(known, toCards(schema, new Map([[first[0]?.id ?? "", 5]])));
    expect(again[0]).not.toBe(first[0]);
    expect(again[1]).toBe(first[1]);
  });
});

describe("toNodes", () => {
  const schema = schemaOf([entity("Album"), entity("b", 2, "dedicated")]);
  const [album, b] = schema.entities;
  const cards = toCards(schema, new Map([[album?.id ?? "", 347]]));
  const places = new Map([[album?.id ?? "", { x: 10, y: 20 }]]);

  it("makes a node of each card that has a place, and says it aloud", () => {
    const nodes = toNodes(cards, places);
    expect(nodes).toHaveLength(1);
    expect(nodes[0]?.ariaLabel).toBe("Entity Album, 347 records, shared");
    expect(nodes[0]).toMatchObject({ position: { x: 10, y: 20 }, width: cards[0]?.width });
  });

  it("keeps the node that has not changed, its selection, and what the hand holds", () => {
    const before = toNodes(cards, places).map((n) => ({ ...n, selected: true }));
    expect(toNodes(cards, places, before)[0]).toBe(before[0]);
    const held = before.map((n) => ({ ...n, dragging: true, position: { x: 99, y: 99 } }));
    expect(toNodes(cards, places, held)[0]?.position, "a refresh never moves what is being dragged").toEqual({
      x: 99,
      y: 99,
    });
    const moved = toNodes(cards, new Map([...places, [b?.id ?? "", { x: 1, y: 1 }]]), before);
    expect(moved.map((n) => n.selected)).toEqual([true, false]);
  });
});
