import { describe, expect, it } from "vitest";
import { isTyping, moved, rangeOf, tabbed } from "../../src/features/records/model/navigation";
import {
  isScaled,
  MAX_HEIGHT,
  ROW_HEIGHT,
  reveal,
  rowsAt,
  scaleOf,
  toOffset,
  toScrollTop,
} from "../../src/features/records/model/scroll";
import { fromTsv, toTsv } from "../../src/features/records/model/tsv";

describe("the scroll bar", () => {
  it("is the browser's own while the rows fit", () => {
    const scale = scaleOf(10_000, 600);
    expect(isScaled(scale)).toBe(false);
    expect(toOffset(scale, 12_345)).toBe(12_345);
    expect(toScrollTop(scale, 12_345)).toBe(12_345);
  });

  it.each([1_000_000, 20_000_000])("reaches the first and the last of %d rows under the cap", (rows) => {
    const scale = scaleOf(rows, 600);
    expect(scale.height).toBeLessThanOrEqual(MAX_HEIGHT);
    expect(rowsAt(scale, toOffset(scale, 0), 0)?.[0]).toBe(0);
    expect(rowsAt(scale, toOffset(scale, scale.maxScroll), 0)?.[1]).toBe(rows - 1);
    const middle = toOffset(scale, scale.maxScroll / 2);
    expect(Math.round(toScrollTop(scale, middle))).toBe(scale.maxScroll / 2);
    expect(rowsAt(scale, middle, 0)?.[0]).toBeCloseTo(rows / 2, -2);
  });

  it("never leaves its ends", () => {
    const scale = scaleOf(1_000_000, 600);
    expect(toOffset(scale, -50)).toBe(0);
    expect(toOffset(scale, 1e12)).toBe(scale.maxOffset);
    expect(toOffset(scaleOf(3, 600), 900)).toBe(0);
    expect(rowsAt(scaleOf(0, 600), 0)).toBeNull();
    expect(rowsAt(scaleOf(3, 600), 0)).toEqual([0, 2]);
  });

  it("moves no further than it must to show a row", () => {
    const scale = scaleOf(1000, 10 * ROW_HEIGHT);
    expect(reveal(scale, 0, 5)).toBe(0);
    expect(reveal(scale, 0, 10)).toBe(ROW_HEIGHT);
    expect(reveal(scale, 50 * ROW_HEIGHT, 20)).toBe(20 * ROW_HEIGHT);
    expect(reveal(scale, 0, 999)).toBe(scale.maxOffset);
  });
});

describe("moving", () => {
  const extent = { rows: 100, columns: 5, page: 10 };
  const press = (key: string, ctrlKey = false) => ({ key, ctrlKey, metaKey: false });
  const at = { row: 50, column: 2 };

  it.each([
    ["ArrowUp", false, 49, 2],
    ["ArrowDown", true, 99, 2],
    ["ArrowLeft", false, 50, 1],
    ["ArrowRight", true, 50, 4],
    ["PageDown", false, 60, 2],
    ["PageUp", false, 40, 2],
    ["Home", false, 50, 0],
    ["Home", true, 0, 0],
    ["End", false, 50, 4],
    ["End", true, 99, 4],
  ] as const)("%s (ctrl %s) leads to row %d, column %d", (key, ctrl, row, column) => {
    expect(moved(at, press(key, ctrl), extent)).toEqual({ row, column });
  });

  it("stays inside, and leaves other keys alone", () => {
    expect(moved({ row: 0, column: 0 }, press("ArrowUp"), extent)).toEqual({ row: 0, column: 0 });
    expect(moved({ row: 95, column: 0 }, press("PageDown"), extent)).toEqual({ row: 99, column: 0 });
    expect(moved(at, press("a"), extent)).toBeNull();
  });

  it("goes on in the next row after the last column", () => {
    expect(tabbed({ row: 3, column: 4 }, false, extent)).toEqual({ row: 4, column: 0 });
    expect(tabbed({ row: 3, column: 0 }, true, extent)).toEqual({ row: 2, column: 4 });
    expect(tabbed({ row: 99, column: 4 }, false, extent)).toEqual({ row: 99, column: 4 });
  });

  it("spans a range whichever way it was drawn", () => {
    expect(rangeOf({ row: 5, column: 1 }, { row: 2, column: 3 })).toEqual({
      top: 2,
      bottom: 5,
      left: 1,
      right: 3,
    });
  });

  it("knows a typed character from a command", () => {
    const key = (key: string, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });
    expect(isTyping(key("a"))).toBe(true);
    expect(isTyping(key("ü"))).toBe(true);
    expect(isTyping(key(" "))).toBe(false);
    expect(isTyping(key("c", { ctrlKey: true }))).toBe(false);
    expect(isTyping(key("F2"))).toBe(false);
  });
});

describe("tab-separated cells", () => {
  it.each([
    [
      [
        ["a", "b"],
        ["c", ""],
      ],
    ],
    [
      [
        ['say "hi"', "tab\there"],
        ["two\nlines", "x"],
      ],
    ],
    [[[""]]],
  ])("come back as they went", (cells) => {
    expect(fromTsv(toTsv(cells))).toEqual(cells);
  });

  it("are read as spreadsheets write them", () => {
    expect(fromTsv("a\tb\r\nc\td\r\n")).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    expect(fromTsv('"a ""b"""\tc')).toEqual([['a "b"', "c"]]);
    expect(fromTsv('12" vinyl\tx')).toEqual([['12" vinyl', "x"]]);
    expect(fromTsv('"never closed\tx')).toEqual([['"never closed', "x"]]);
  });
});
