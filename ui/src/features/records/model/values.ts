// Values as a person reads them, and what a person typed as values. Integers and decimals are text all the way:
// a JavaScript number would lose digits.
import type { EntityRecord, FieldConfig, FieldType, Value } from "../../../api";
import type { Column } from "./columns";

/** A date-time as it is read: `2026-01-31 12:00`, seconds and fraction only where there are any. UTC. */
export function formatDatetime(iso: string): string {
  const parts = /^(\d{4,}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d(?:\.\d+)?))?Z$/.exec(iso);
  if (!parts) return iso;
  const [, day, minutes, seconds] = parts;
  return seconds && Number(seconds) !== 0 ? `${day} ${minutes}:${seconds}` : `${day} ${minutes}`;
}

/** "1234567.50" → "1,234,567.50", digit for digit. */
export function groupDigits(number: string): string {
  const parts = /^([-+]?)(\d+)(.*)$/.exec(number);
  if (!parts) return number;
  const [, sign, whole = "", rest] = parts;
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${rest}`;
}

function currencySign(code: string): string {
  try {
    const parts = new Intl.NumberFormat("en", { style: "currency", currency: code }).formatToParts(0);
    return parts.find((p) => p.type === "currency")?.value ?? code;
  } catch {
    return code;
  }
}

function formatCurrency(amount: string, code: string | null | undefined): string {
  const grouped = groupDigits(amount);
  // A value that is no amount at all (kept aside, marked as a problem) is shown as it is.
  if (!code || !/\d/.test(amount)) return grouped;
  const sign = currencySign(code);
  const gap = /\p{L}$/u.test(sign) ? " " : "";
  return grouped.startsWith("-") ? `-${sign}${gap}${grouped.slice(1)}` : `${sign}${gap}${grouped}`;
}

function formatBinary(hex: string): string {
  const bytes = hex.length / 2;
  const head = hex.slice(0, 32).replace(/(..)(?=.)/g, "$1 ");
  return `${head}${bytes > 16 ? " …" : ""} · ${bytes.toLocaleString("en-US")} B`;
}

/** What a cell shows of a value that is not null. */
export function formatValue(type: FieldType, config: FieldConfig, value: Value): string {
  if (value === null) return "";
  const raw = type === "json" ? rawJson(value) : null;
  // A line break in JSON text is never part of a value.
  if (raw !== null) return raw.replace(/\n\s*/g, " ");
  if (typeof value === "object") {
    if (type === "multiselect" && Array.isArray(value)) return value.map(plain).join(", ");
    if ((type === "file" || type === "image") && !Array.isArray(value) && typeof value.name === "string")
      return value.name;
    return JSON.stringify(value);
  }
  const text = type === "json" ? JSON.stringify(value) : plain(value);
  switch (type) {
    case "datetime":
      return formatDatetime(text);
    case "currency":
      return formatCurrency(text, config.currency);
    case "percentage":
      return /\d/.test(text) ? `${text} %` : text;
    case "binary":
      return formatBinary(text);
    default:
      return text;
  }
}

function plain(value: Value): string {
  return typeof value === "string"
    ? value
    : value === null
      ? ""
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);
}

/** The text an editor opens with, and what copying gives: what was stored, with nothing lost or added. */
export function editText(type: FieldType, value: Value): string {
  if (value === null) return "";
  if (type === "json") return rawJson(value) ?? JSON.stringify(value, null, 2);
  if (type === "multiselect" && Array.isArray(value)) return value.map(plain).join(", ");
  if ((type === "file" || type === "image") && typeof value === "object" && !Array.isArray(value)) {
    return Object.keys(value).length === 1 && typeof value.name === "string"
      ? value.name
      : JSON.stringify(value);
  }
  if (type === "datetime" && typeof value === "string") return formatDatetime(value);
  return plain(value);
}

export type Parsed = { value: Value } | { problem: string };

/** Types for which an empty text is a value of its own, not the lack of one. */
const EMPTY_IS_TEXT: ReadonlySet<FieldType> = new Set(["string", "text"]);

/** What was typed as what is sent. The engine has the last word; only what has no JSON form is refused here. */
export function parseText(type: FieldType, text: string): Parsed {
  if (EMPTY_IS_TEXT.has(type)) return { value: text };
  const trimmed = text.trim();
  if (trimmed === "") return { value: null };
  switch (type) {
    case "bool":
      return parseBool(trimmed);
    case "currency":
      // Pasted amounts come with separators and signs; the digits are what counts.
      return { value: trimmed.replace(/^([-+]?)\s*\p{Sc}\s*/u, "$1").replace(/,(?=\d{3}(?:\D|$))/g, "") };
    case "percentage":
      return { value: trimmed.replace(/\s*%$/, "") };
    case "multiselect":
      return { value: splitList(trimmed) };
    case "json":
      return parseJson(trimmed);
    case "file":
    case "image":
      return trimmed.startsWith("{") ? parseJson(trimmed) : { value: { name: trimmed } };
    default:
      return { value: trimmed };
  }
}

function parseBool(text: string): Parsed {
  if (/^(true|t|yes|y|1|on)$/i.test(text)) return { value: true };
  if (/^(false|f|no|n|0|off)$/i.test(text)) return { value: false };
  return { problem: "is not true or false" };
}

/** JSON with a number that JavaScript would round crosses as its text, under this one key. */
const RAW = "$json";

function rawJson(value: Value): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const text = value[RAW];
  return typeof text === "string" && Object.keys(value).length === 1 ? text : null;
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Whole numbers are kept as 64 bits. */
const LEAST = -(2n ** 63n);
const MOST = 2n ** 64n - 1n;

function digitsOf(number: string): string {
  return number
    .replace(/[eE].*$/, "")
    .replace(/\D/g, "")
    .replace(/^0+|0+$/g, "");
}

/** How a number of JSON text survives: as JavaScript reads it, as text that the engine reads, or not at all. */
function survival(number: string): "number" | "text" | "lost" {
  if (digitsOf(number) === digitsOf(String(Number(number)))) return "number";
  if (!/^-?\d+$/.test(number)) return "lost";
  return BigInt(number) >= LEAST && BigInt(number) <= MOST ? "text" : "lost";
}

function parseJson(text: string): Parsed {
  try {
    const value = JSON.parse(text) as Value;
    const outsideStrings = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
    const fates = (outsideStrings.match(NUMBER) ?? []).map(survival);
    if (fates.includes("lost")) {
      return {
        problem: "has a number of more digits than can be kept: put it in quotes, so that none is lost",
      };
    }
    return { value: fates.includes("text") || rawJson(value) !== null ? { [RAW]: text } : value };
  } catch (error) {
    return { problem: `is not JSON: ${error instanceof Error ? error.message : error}` };
  }
}

export function splitList(text: string): string[] {
  return [...new Set(text.split(",").map((part) => part.trim()))].filter(Boolean);
}

export function sameValue(a: Value, b: Value): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** The stored value of a column; the other's id for a reference, null for links. */
export function storedValue(record: EntityRecord, column: Column): Value {
  return column.kind === "links" ? null : (record.data[column.name] ?? null);
}

/** What copying a cell gives. */
export function copyText(record: EntityRecord, column: Column): string {
  if (column.kind === "field") return editText(column.type, storedValue(record, column));
  const linked = record.links?.[column.key] ?? [];
  if (linked.length > 0) return linked.map((l) => l.primary_value ?? l.id).join(", ");
  return column.kind === "reference" ? plain(storedValue(record, column)) : "";
}

/** What a record is called where it is referred to: its primary value, or the end of its id. */
export function nameOf(record: { id: string; primary_value: string | null }): string {
  return record.primary_value || `#${record.id.slice(-6)}`;
}
