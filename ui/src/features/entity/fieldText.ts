// What a field's type and settings look like as text, and back. Pure.
import type { Field, FieldConfig, FieldSpec, FieldType } from "../../api";

type ConfigKey = keyof FieldConfig;

const TEXT: ConfigKey[] = ["min_length", "max_length", "pattern"];
const RANGE: ConfigKey[] = ["min", "max"];

/** Which settings mean something for a type, in the order they are shown. */
export const CONFIG_OF: Record<FieldType, readonly ConfigKey[]> = {
  string: TEXT,
  text: TEXT,
  email: TEXT,
  phone: TEXT,
  url: TEXT,
  select: ["options"],
  multiselect: ["options"],
  integer: RANGE,
  float: RANGE,
  decimal: [...RANGE, "precision", "scale"],
  currency: [...RANGE, "currency", "precision", "scale"],
  percentage: [...RANGE, "precision", "scale"],
  date: RANGE,
  datetime: RANGE,
  bool: [],
  uuid: [],
  json: [],
  binary: [],
  file: [],
  image: [],
};

export const CONFIG_LABELS: Record<ConfigKey, string> = {
  options: "Options",
  min: "Smallest",
  max: "Largest",
  min_length: "Shortest",
  max_length: "Longest",
  pattern: "Pattern",
  precision: "Digits in all",
  scale: "Digits after the point",
  currency: "Currency",
};

export const COUNTED: ReadonlySet<ConfigKey> = new Set<ConfigKey>([
  "min_length",
  "max_length",
  "precision",
  "scale",
]);

/** What the type keeps of a config when a field changes to it: the rest would mean nothing. */
export function configFor(type: FieldType, config: FieldConfig): FieldConfig {
  const kept: Record<string, unknown> = {};
  for (const key of CONFIG_OF[type]) if (config[key] !== undefined) kept[key] = config[key];
  return kept as FieldConfig;
}

/** One setting changed; empty takes it away. Null when the text is not a whole number and should be one. */
export function withSetting(config: FieldConfig, key: ConfigKey, text: string): FieldConfig | null {
  const trimmed = text.trim();
  const { [key]: _, ...rest } = config;
  if (trimmed === "") return rest;
  if (key === "options") {
    const options = text
      .split("\n")
      .map((line) => line.trim())
      .filter((line, i, all) => line !== "" && all.indexOf(line) === i);
    return { ...rest, options };
  }
  if (!COUNTED.has(key)) return { ...rest, [key]: trimmed };
  return /^\d{1,9}$/.test(trimmed) ? { ...rest, [key]: Number(trimmed) } : null;
}

export function settingText(config: FieldConfig, key: ConfigKey): string {
  const value = config[key];
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? value.join("\n") : String(value);
}

const AS_JSON = new Set<FieldType>(["json", "multiselect", "file", "image"]);

/** A default as the engine takes it: empty is none, JSON where the type is JSON, else text, which it checks itself. */
export function defaultFrom(type: FieldType, text: string): FieldSpec["default"] {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  if (type === "bool") return trimmed === "true";
  if (AS_JSON.has(type)) {
    try {
      return JSON.parse(trimmed);
    } catch {
      return trimmed;
    }
  }
  return text;
}

export function defaultText(value: Field["default"]): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** "string · unique", as the list shows it. */
export function fieldSummary(field: Field): string {
  const marks = [
    field.required && "required",
    field.unique && "unique",
    field.indexed && !field.unique && "indexed",
  ].filter(Boolean);
  return [field.type, ...marks].join(" · ");
}

/** The order after one field went to where another is. */
export function movedTo(order: readonly string[], from: number, to: number): string[] {
  const next = [...order];
  const [moved] = next.splice(from, 1);
  if (moved !== undefined) next.splice(Math.max(0, Math.min(next.length, to)), 0, moved);
  return next;
}
