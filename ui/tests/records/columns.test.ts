import { describe, expect, it } from "vitest";
import {
  type Column,
  columnNamed,
  columnsOf,
  includesOf,
  keyOf,
} from "../../src/features/records/model/columns";
import { type Condition, operatorsOf, whereOf } from "../../src/features/records/model/filter";
import { album, artist, schema, tag } from "./schema";

const columns = columnsOf(schema, album);
const column = (title: string) => columns.find((c) => c.title === title) as Column;

describe("the columns of an entity", () => {
  it("are its fields in display order, then its relationships", () => {
    expect(columns.map((c) => c.title)).toEqual([
      "title",
      "sold",
      "price",
      "live",
      "released",
      "secret",
      "artist",
      "tags",
      "like",
      "liked_by",
    ]);
    expect(columns.filter((c) => c.hidden).map((c) => c.title)).toEqual(["secret"]);
    expect(new Set(columns.map((c) => c.id)).size).toBe(columns.length);
  });

  it("hold a reference only where the id stands, and links at both ends", () => {
    expect(columnsOf(schema, artist).map((c) => c.title)).toEqual(["name"]);
    expect(columnsOf(schema, tag).map((c) => c.title)).toEqual(["name", "albums"]);
    expect(includesOf(columnsOf(schema, tag))).toEqual(["albums"]);
    expect(keyOf(column("artist"))).toBe("artist_id");
    expect(keyOf(column("tags"))).toBeNull();
  });
});

describe("a column that is meant", () => {
  const named = (entity: string, name: string) => {
    const of = schema.entities.find((e) => e.id === entity) ?? album;
    return columnNamed(columnsOf(schema, of), entity, name)?.title;
  };
  it("is called by its key, or by its relationship from whichever end", () => {
    expect([named("album", "sold"), named("album", "artist_id"), named("album", "artist")]).toEqual([
      "sold",
      "artist",
      "artist",
    ]);
    expect([named("album", "tags"), named("tag", "tags"), named("tag", "albums")]).toEqual([
      "tags",
      "albums",
      "albums",
    ]);
  });
  it("is the source's end where an entity is linked to itself, and none where nothing has the name", () => {
    expect([named("album", "like"), named("album", "liked_by"), named("album", "gone")]).toEqual([
      "like",
      "liked_by",
      undefined,
    ]);
  });
});

describe("the filter", () => {
  const where = (title: string, operator: Condition["operator"], value = "") =>
    whereOf([{ column: column(title).id, operator, value }], columns);

  it("writes text in quotes and numbers without", () => {
    expect(where("title", "eq", "Rock 'n' Roll")).toBe(`"title" = 'Rock ''n'' Roll'`);
    expect(where("sold", "gt", "9223372036854775807")).toBe('"sold" > 9223372036854775807');
    expect(where("price", "le", "€1,200.50")).toBe('"price" <= 1200.50');
    expect(where("released", "ge", "2026-01-31")).toBe(`"released" >= '2026-01-31'`);
    expect(where("live", "true")).toBe('"live" = true');
    expect(where("artist", "null")).toBe('"artist_id" is null');
    expect(where("title", "in", "a, b")).toBe(`"title" in ('a', 'b')`);
  });

  it("takes what a person looks for literally", () => {
    expect(where("title", "contains", "50%_\\")).toBe(`"title" like '%50\\%\\_\\\\%'`);
    expect(where("sold", "eq", "1 or 1=1")).toBe(`"sold" = '1 or 1=1'`);
  });

  it("leaves out what is not finished, and joins the rest", () => {
    expect(where("title", "contains", " ")).toBeNull();
    expect(whereOf([{ column: "gone", operator: "eq", value: "x" }], columns)).toBeNull();
    expect(
      whereOf(
        [
          { column: "id", operator: "eq", value: "0192" },
          { column: column("live").id, operator: "false", value: "" },
        ],
        columns,
      ),
    ).toBe(`kdb_id = '0192' and "live" = false`);
  });

  it("offers what means something for the type", () => {
    expect(operatorsOf(column("live"))).toEqual(["true", "false", "null", "not_null"]);
    expect(operatorsOf(column("title"))[0]).toBe("contains");
    expect(operatorsOf(column("tags"))).toEqual([]);
  });
});
