import { beforeEach, describe, expect, it } from "vitest";
import type { EntityRecord } from "../../src/api";
import { impactLines } from "../../src/api";
import { editsOf, targetOf } from "../../src/features/records/grid/paste";
import { pagesOf } from "../../src/features/records/grid/useRecords";
import {
  daysIn,
  dayText,
  monthOf,
  shiftMonth,
  weekday,
  weeksOf,
} from "../../src/features/records/model/calendar";
import { columnsOf } from "../../src/features/records/model/columns";
import { type FakeState, installFake } from "../fake/engine";
import { music } from "../fake/music";

let state: FakeState;
beforeEach(() => {
  state = installFake(music(5));
});

function grid() {
  const album = state.entities.find((e) => e.name === "Album");
  if (!album) throw new Error("no album");
  const schema = { version: 1, entities: state.entities, relationships: state.relationships, library: [] };
  const columns = columnsOf(schema, album);
  const records = (state.records[album.id] ?? []) as unknown as EntityRecord[];
  const only = (...titles: string[]) => titles.flatMap((t) => columns.find((c) => c.title === t) ?? []);
  return { records, only };
}

describe("pasting", () => {
  const at = { top: 3, bottom: 3, left: 1, right: 1 };

  it("covers what is on the clipboard, as far as there are rows and columns", () => {
    const cells = [
      ["a", "b"],
      ["c", "d"],
    ];
    expect(targetOf(cells, at, 100, 10)).toEqual({ top: 3, bottom: 4, left: 1, right: 2 });
    expect(targetOf(cells, at, 4, 2)).toEqual({ top: 3, bottom: 3, left: 1, right: 1 });
  });

  it("fills a range with one cell", () => {
    expect(targetOf([["x"]], { top: 0, bottom: 9, left: 2, right: 4 }, 100, 10)).toEqual({
      top: 0,
      bottom: 9,
      left: 2,
      right: 4,
    });
  });

  it("pairs texts with fields and names with records, and leaves each refusal at its cell", async () => {
    const { records, only } = grid();
    const artist = state.records[state.entities.find((e) => e.name === "Artist")?.id ?? ""]?.[3];
    const cells = [
      ["New title", "1,200.50", String(artist?.data.name)],
      ["Other", "5", "Nobody of that name"],
    ];
    const { edits, refused } = await editsOf(cells, records.slice(0, 2), only("title", "price", "artist"));
    expect(edits.map((e) => e.value)).toEqual(["New title", "1200.50", artist?.id, "Other", "5"]);
    expect(refused.map((r) => [r.record.id, r.column.title, r.typed])).toEqual([
      [records[1]?.id, "artist", "Nobody of that name"],
    ]);
    expect(refused[0]?.error.message).toBe("No Artist is called “Nobody of that name”.");
  });

  it("refuses what is read-only, what is no JSON and what is a list of links", async () => {
    const { records, only } = grid();
    const { edits, refused } = await editsOf(
      [["x", "{no", "mono"]],
      records.slice(0, 1),
      only("barcode", "credits", "tags"),
    );
    expect(edits).toEqual([]);
    expect(refused.map((r) => r.column.title)).toEqual(["barcode", "credits", "tags"]);
  });
});

describe("pages", () => {
  it("are those a range lies on, and the first", () => {
    expect(pagesOf(null)).toEqual([0]);
    expect(pagesOf([0, 40])).toEqual([0]);
    expect(pagesOf([95, 140])).toEqual([0, 1]);
    expect(pagesOf([999_990, 999_999])).toEqual([0, 9999]);
  });
});

describe("the calendar", () => {
  it("knows leap years and weekdays, the year 0 and 9999 included", () => {
    expect(daysIn({ year: 2000, month: 2 })).toBe(29);
    expect(daysIn({ year: 1900, month: 2 })).toBe(28);
    expect(weekday({ year: 2026, month: 1 }, 31)).toBe(5);
    expect(weekday({ year: 1970, month: 1 }, 1)).toBe(3);
    expect(weekday({ year: 2024, month: 2 }, 29)).toBe(3);
    expect(weeksOf({ year: 0, month: 1 }).flat().filter(Boolean)).toHaveLength(31);
    expect(dayText({ year: 9, month: 3 }, 4)).toBe("0009-03-04");
    expect(shiftMonth({ year: 2026, month: 1 }, -1)).toEqual({ year: 2025, month: 12 });
    expect(shiftMonth({ year: 0, month: 1 }, -1)).toEqual({ year: 0, month: 1 });
    expect(monthOf("2026-13-01", new Date(2026, 4, 1))).toEqual({ year: 2026, month: 5 });
  });
});

describe("the figures of a delete", () => {
  it("are told in the entities' own words", () => {
    const [album] = state.entities;
    const count = (entity: string, name: string, count: number) => ({ entity, name, count });
    expect(
      impactLines(
        {
          deletes: [count(album?.id ?? "", "Album", 3), count("gone", "Track", 1)],
          unlinks: [count("gone", "Order", 12_000)],
          links: [count("gone", "Tag", 2)],
          blocked_by: [],
        },
        state.entities,
      ),
    ).toEqual([
      "Deletes 3 albums",
      "Deletes 1 Track",
      "Unlinks 12,000 Order records, which stay without the reference",
      "Takes away 2 links to Tag",
    ]);
  });
});
