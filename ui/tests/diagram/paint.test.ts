import { describe, expect, it } from "vitest";
import type { LiveJob } from "../../src/api";
import { cardsInView, farBelow, movedEnough } from "../../src/features/diagram/detail";
import { defaultNames, defaultOnDelete, snake } from "../../src/features/diagram/joinDefaults";
import { movingOf } from "../../src/features/diagram/moving";
import { titleLines } from "../../src/features/diagram/paint";
import { entity, join, schemaOf } from "./graph";

describe("titles from afar", () => {
  it("break between words and are cut with a sign that they are", () => {
    expect(titleLines("InvoiceLine", 20, 3)).toEqual(["InvoiceLine"]);
    expect(titleLines("InvoiceLine", 8, 3)).toEqual(["Invoice", "Line"]);
    expect(titleLines("order_line_audit_event", 7, 2)).toEqual(["order_", "line_…"]);
    expect(titleLines("Antidisestablishment", 6, 1)).toEqual(["Antid…"]);
  });
});

describe("detail", () => {
  it("draws a little picture in full where a big one is painted", () => {
    expect(farBelow(100)).toBeLessThan(0.35);
    expect(farBelow(10_000)).toBeGreaterThanOrEqual(0.5);
  });

  it("draws rows only of cards in the window and a little around it", () => {
    const card = (x: number): [string, { x: number; y: number; width: number; height: number }] => [
      String(x),
      { x, y: 0, width: 200, height: 100 },
    ];
    const seen = cardsInView([card(0), card(900), card(3000)], { x: 0, y: 0, zoom: 1 }, 1000, 800);
    expect([...seen]).toEqual(["0", "900"]);
  });

  it("asks anew only after a pan that could show something else", () => {
    const at = { x: 0, y: 0, zoom: 1 };
    expect(movedEnough(null, at)).toBe(true);
    expect(movedEnough(at, { ...at, x: 50 })).toBe(false);
    expect(movedEnough(at, { ...at, x: 150 })).toBe(true);
    expect(movedEnough(at, { ...at, zoom: 1.1 })).toBe(true);
  });
});

describe("the names a new relationship starts with", () => {
  const line = entity("Order Line");
  const category = entity("category");

  it("are those of the other end, one or many", () => {
    const schema = schemaOf([line, category]);
    expect(defaultNames(schema, line, category, "many_to_one")).toEqual({
      name: "category",
      inverse: "order_lines",
    });
    expect(defaultNames(schema, line, category, "one_to_many")).toEqual({
      name: "categories",
      inverse: "order_line",
    });
    expect(defaultNames(schema, line, category, "many_to_many").name).toBe("categories");
    expect(defaultNames(schema, line, line, "many_to_one")).toEqual({ name: "parent", inverse: "children" });
  });

  it("avoid what is taken", () => {
    const schema = schemaOf([line, category], [join("category", line, category)]);
    expect(defaultNames(schema, line, category, "many_to_one").name).toBe("category_2");
  });

  it("are plain words of any script", () => {
    expect(snake("InvoiceLine")).toBe("invoice_line");
    expect(snake("  Größe (cm) ")).toBe("größe_cm");
    expect(snake("注文")).toBe("注文");
  });

  it("come with the action that keeps most", () => {
    expect(defaultOnDelete("many_to_one", false)).toBe("set_null");
    expect(defaultOnDelete("many_to_one", true)).toBe("restrict");
    expect(defaultOnDelete("many_to_many", false)).toBe("cascade");
  });
});

describe("movingOf", () => {
  const live = (latest: Partial<LiveJob["latest"]>): Record<string, LiveJob> => ({
    j: {
      latest: {
        job: "j",
        kind: "materialize",
        status: "running",
        entity: "Order",
        entity_id: "o",
        phase: "copy",
        done: 50,
        total: 200,
        rate: 1,
        eta_s: 1,
        captured: 0,
        waiting: 0,
        ...latest,
      },
      rates: [],
      totals: {},
    },
  });

  it("fills a header as the records move, and leaves it alone when they do not", () => {
    expect(movingOf(live({})).get("o")).toEqual({ share: 0.25, to: "stone" });
    expect(movingOf(live({ phase: "validate" })).get("o")?.share).toBe(0);
    expect(movingOf(live({ phase: "verify" })).get("o")?.share).toBe(1);
    expect(movingOf(live({ kind: "dematerialize" })).get("o")?.to).toBe("clay");
    expect(movingOf(live({ status: "done" })).size).toBe(0);
    expect(movingOf(live({ total: 0, done: 0 })).get("o")?.share, "an empty entity").toBe(0);
  });

  it("leaves those filled that have been copied before, and those empty that come later", () => {
    const shares = (phase: "copy" | "verify") => {
      const { j } = live({ phase });
      const several = { j: { ...j, totals: { before: 10, o: 200, after: 10 } } as LiveJob };
      return [...movingOf(several)].map(([id, moving]) => [id, moving.share]);
    };
    expect(Object.fromEntries(shares("copy"))).toEqual({ before: 1, o: 0.25, after: 0 });
    expect(Object.fromEntries(shares("verify"))).toEqual({ before: 1, o: 1, after: 1 });
  });
});
