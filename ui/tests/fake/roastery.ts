// A small coffee business for tests and previews: both storage modes, several relationship kinds.
import { type FakeState, fakeEntity, fakeRelationship, newId } from "./engine";

export function roastery(): FakeState {
  const customer = fakeEntity(
    { name: "customer", label: "Customer", application: "Sales" },
    [
      { name: "email", type: "email", unique: true, required: true },
      { name: "name", type: "string" },
      { name: "tier", type: "select", config: { options: ["bronze", "silver", "gold"] } },
      { name: "joined", type: "date" },
    ],
    "dedicated",
  );
  const order = fakeEntity({ name: "order", label: "Order", application: "Sales" }, [
    { name: "number", type: "string", unique: true },
    { name: "status", type: "select", indexed: true },
    { name: "total", type: "currency" },
    { name: "placed_at", type: "datetime" },
  ]);
  const line = fakeEntity({ name: "order line", label: "Order line", application: "Sales" }, [
    { name: "quantity", type: "integer" },
    { name: "price", type: "currency" },
  ]);
  const shipment = fakeEntity({ name: "shipment", label: "Shipment", application: "Sales" }, [
    { name: "tracking", type: "string", unique: true },
    { name: "carrier", type: "select" },
  ]);
  const product = fakeEntity(
    { name: "product", label: "Product", application: "Catalogue" },
    [
      { name: "sku", type: "string", unique: true },
      { name: "name", type: "string" },
      { name: "price", type: "currency" },
      { name: "photo", type: "image" },
    ],
    "dedicated",
  );
  const tag = fakeEntity({ name: "tag", label: "Tag", application: "Catalogue" }, [
    { name: "name", type: "string" },
    { name: "colour", type: "select" },
  ]);
  const rel = (
    name: string,
    source: string,
    target: string,
    type: "many_to_one" | "many_to_many" = "many_to_one",
  ) => fakeRelationship({ name, source, target, type });
  const entities = [customer, order, line, shipment, product, tag];
  const at = (entity: string, x: number, y: number) => ({ entity, x, y });
  const records = Array.from({ length: 480 }, (_, i) => ({
    id: newId(),
    version: 1,
    data: {
      number: `R-${1000 + i}`,
      status: "paid",
      total: `${12 + i}.50`,
      placed_at: "2026-01-31T12:00:00Z",
    },
  }));
  return {
    open: true,
    entities,
    relationships: [
      rel("customer", order.id, customer.id),
      rel("order", line.id, order.id),
      rel("product", line.id, product.id),
      rel("order", shipment.id, order.id),
      rel("tags", product.id, tag.id, "many_to_many"),
    ],
    layout: [
      at(customer.id, 0, 0),
      at(order.id, 300, -32),
      at(shipment.id, 620, 8),
      at(tag.id, 0, 290),
      at(line.id, 300, 260),
      at(product.id, 620, 270),
    ],
    records: { [order.id]: records },
    counts: {
      [customer.id]: 12_480,
      [order.id]: 48_112,
      [line.id]: 190_244,
      [shipment.id]: 41_377,
      [product.id]: 1204,
      [tag.id]: 37,
    },
    changes: [
      {
        id: newId(),
        version: 41,
        kind: "update_field",
        description: "Rename field total",
        entities: [order.id],
        at: new Date(Date.now() - 3e5).toISOString(),
        author: null,
        undone: false,
      },
      {
        id: newId(),
        version: 40,
        kind: "add_relationship",
        description: "Add relationship tags",
        entities: [product.id, tag.id],
        at: new Date(Date.now() - 9e6).toISOString(),
        author: null,
        undone: false,
      },
      {
        id: newId(),
        version: 39,
        kind: "create_entity",
        description: "Create entity tag",
        entities: [tag.id],
        at: new Date(Date.now() - 9e7).toISOString(),
        author: null,
        undone: false,
      },
    ],
    jobs: [],
    problems: 0,
    pace: 150,
    picked: null,
  };
}
