import { describe, expect, it } from "vitest";
import {
  between,
  moveInTree,
  type TreeEntity,
  toggled,
  treeRows,
  typeAhead,
} from "../src/features/workspace/treeRows";

function entity(label: string, application: string | null = null): TreeEntity {
  return { id: label, name: label.toLowerCase(), label, storage: "shared", records: 0, application };
}
const show = (rows: ReturnType<typeof treeRows>) =>
  rows.map((r) => (r.kind === "group" ? `# ${r.label} ${r.count}` : r.entity.label));

describe("treeRows", () => {
  it("needs no heading when nothing belongs to an application", () => {
    expect(
      show(treeRows([entity("Track"), entity("album"), entity("Zone 10"), entity("Zone 9")], "", [])),
    ).toEqual(["album", "Track", "Zone 9", "Zone 10"]);
  });

  const grouped = [
    entity("Order", "Sales"),
    entity("Tag"),
    entity("Product", "Catalogue"),
    entity("Line", "Sales"),
  ];

  it("groups by application and puts the rest last", () => {
    expect(show(treeRows(grouped, "", []))).toEqual([
      "# Catalogue 1",
      "Product",
      "# Sales 2",
      "Line",
      "Order",
      "# Other 1",
      "Tag",
    ]);
  });

  it("hides the members of a folded group, but not from a search", () => {
    expect(show(treeRows(grouped, "", ["Sales"]))).toContain("# Sales 2");
    expect(show(treeRows(grouped, "", ["Sales"]))).not.toContain("Order");
    expect(show(treeRows(grouped, "ord", ["Sales"]))).toEqual(["# Sales 1", "Order"]);
  });

  it("stays quick with ten thousand entities", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => entity(`Entity ${i}`, `App ${i % 20}`));
    expect(treeRows(many, "", [])).toHaveLength(10_020);
  });
});

describe("keys in the tree", () => {
  const rows = treeRows([entity("Album"), entity("Artist"), entity("Track")], "", []);
  it.each([
    [0, "ArrowDown", 1],
    [2, "ArrowDown", 2],
    [-1, "ArrowDown", 0],
    [0, "ArrowUp", 0],
    [0, "End", 2],
    [2, "Home", 0],
    [0, "x", -1],
  ])("from %i, %s leads to %i", (at, key, to) => expect(moveInTree(rows, at, key, 20)).toBe(to));

  it("finds by the first letters, going round", () => {
    expect(typeAhead(rows, 0, "a")).toBe(1);
    expect(typeAhead(rows, 1, "a")).toBe(0);
    expect(typeAhead(rows, -1, "t")).toBe(2);
    expect(typeAhead(rows, 0, "zz")).toBe(-1);
  });
});

describe("several in the tree", () => {
  const rows = treeRows([entity("Order", "Sales"), entity("Line", "Sales"), entity("Tag")], "", []);
  it("takes the entities between two rows, the last one last, and no heading", () => {
    expect(show(rows)).toEqual(["# Sales 2", "Line", "Order", "# Other 1", "Tag"]);
    expect(between(rows, 1, 4)).toEqual(["Line", "Order", "Tag"]);
    expect(between(rows, 4, 0)).toEqual(["Tag", "Order", "Line"]);
    expect(between(rows, 3, 3)).toEqual([]);
  });

  it("adds one, or takes it away", () => {
    expect(toggled(["a"], "b")).toEqual(["a", "b"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  });
});
