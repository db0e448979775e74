import { describe, expect, it } from "vitest";
import type { FieldType, Value } from "../../src/api";
import {
  editText,
  formatDatetime,
  formatValue,
  groupDigits,
  parseText,
} from "../../src/features/records/model/values";

describe("values as they are read", () => {
  it.each<[FieldType, Value, string]>([
    ["integer", "9223372036854775807", "9223372036854775807"],
    ["decimal", "0.10000000000000000000000001", "0.10000000000000000000000001"],
    ["percentage", "12.5", "12.5 %"],
    ["datetime", "2026-01-31T12:00:00Z", "2026-01-31 12:00"],
    ["multiselect", ["a", "b"], "a, b"],
    ["file", { name: "plan.pdf", size: 12 }, "plan.pdf"],
    ["json", { a: [1, null] }, '{"a":[1,null]}'],
    ["json", "text", '"text"'],
    ["binary", "00ff", "00 ff · 2 B"],
    ["bool", true, "true"],
    ["string", "", ""],
  ])("%s %j reads %s", (type, value, text) => {
    expect(formatValue(type, {}, value)).toBe(text);
  });

  it("sets an amount with its sign, digit for digit", () => {
    expect(formatValue("currency", { currency: "EUR" }, "12345678901234567890.50")).toBe(
      "€12,345,678,901,234,567,890.50",
    );
    expect(formatValue("currency", { currency: "USD" }, "-7.00")).toBe("-$7.00");
    expect(formatValue("currency", { currency: "CHF" }, "7.00")).toBe("CHF 7.00");
    expect(formatValue("currency", { currency: "not a code" }, "7")).toBe("not a code 7");
    expect(groupDigits("-1234.5678")).toBe("-1,234.5678");
  });

  it("shows seconds only where there are any", () => {
    expect(formatDatetime("2026-01-31T12:00:05Z")).toBe("2026-01-31 12:00:05");
    expect(formatDatetime("2026-01-31T12:00:00.25Z")).toBe("2026-01-31 12:00:00.25");
    expect(formatDatetime("not a time")).toBe("not a time");
  });
});

describe("what was typed", () => {
  it.each<[FieldType, string, Value]>([
    ["string", "", ""],
    ["text", " kept ", " kept "],
    ["integer", " 9223372036854775807 ", "9223372036854775807"],
    ["integer", "", null],
    ["decimal", "0.1000000000000000000001", "0.1000000000000000000001"],
    ["currency", "€1,234.50", "1234.50"],
    ["currency", "-$7", "-7"],
    ["percentage", "12.5 %", "12.5"],
    ["bool", "yes", true],
    ["bool", "0", false],
    ["email", "", null],
    ["multiselect", "a, b,, a", ["a", "b"]],
    ["json", '{"a": 1}', { a: 1 }],
    ["file", "plan.pdf", { name: "plan.pdf" }],
    ["datetime", "2026-01-31 12:00", "2026-01-31 12:00"],
  ])("%s %j is %j", (type, text, value) => {
    expect(parseText(type, text)).toEqual({ value });
  });

  it("is refused only where it has no JSON form", () => {
    expect(parseText("json", "{nope")).toHaveProperty("problem");
    expect(parseText("bool", "perhaps")).toHaveProperty("problem");
    expect(parseText("json", '{"n": 123456789012345678901}')).toHaveProperty("problem");
    expect(parseText("json", '{"n": 0.12345678901234567890}')).toHaveProperty("problem");
    expect(parseText("json", '{"n": "12345678901234567890"}')).toHaveProperty("value");
    expect(parseText("integer", "n/a")).toEqual({ value: "n/a" });
  });

  it("keeps long whole numbers within JSON as numbers, by their text", () => {
    const text = '{"id": 9007199254740993, "least": -9223372036854775808, "half": 0.30000000000000004}';
    const raw = { $json: text };
    expect(parseText("json", text)).toEqual({ value: raw });
    expect(editText("json", raw)).toBe(text);
    expect(formatValue("json", {}, { $json: '{\n  "id": 9007199254740993\n}' })).toBe(
      '{ "id": 9007199254740993 }',
    );
    expect(parseText("json", '{"n": 0.30000000000000004}')).toEqual({ value: { n: 0.1 + 0.2 } });
  });

  it("sends JSON that looks like such a text as text too, so that it comes back as it was", () => {
    const odd = '{"$json": "1"}';
    expect(parseText("json", odd)).toEqual({ value: { $json: odd } });
  });

  it.each<[FieldType, Value]>([
    ["integer", "9223372036854775807"],
    ["json", { b: [1, "x"] }],
    ["json", { $json: "[9007199254740993]" }],
    ["multiselect", ["a", "b"]],
    ["file", { name: "a", size: 3 }],
    ["image", { name: "a" }],
    ["string", "plain"],
  ])("%s %j is unchanged by opening and closing its editor", (type, value) => {
    expect(parseText(type, editText(type, value))).toEqual({ value });
  });
});
