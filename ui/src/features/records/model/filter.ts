// The filter builder's conditions and the `where` expression they make.
import type { FieldType, Value } from "../../../api";
import { type Column, keyOf } from "./columns";
import { parseText } from "./values";

export type Operator =
  | "contains"
  | "starts"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "in"
  | "true"
  | "false"
  | "null"
  | "not_null";

export interface Condition {
  /** Column id, or "id" for the record itself. */
  column: string;
  operator: Operator;
  /** As typed; an id for a reference. Several are separated by commas for `in`. */
  value: string;
  /** What stands for `value` on the chip, where the value is an id. */
  shown?: string;
}

const WORDS: Record<Operator, string> = {
  contains: "contains",
  starts: "starts with",
  eq: "is",
  ne: "is not",
  lt: "less than",
  le: "at most",
  gt: "more than",
  ge: "at least",
  in: "is any of",
  true: "is true",
  false: "is false",
  null: "is empty",
  not_null: "is not empty",
};

const DATE_WORDS: Partial<Record<Operator, string>> = { lt: "before", le: "until", gt: "after", ge: "from" };

export function operatorWord(operator: Operator, column?: Column): string {
  const dated = column?.kind === "field" && (column.type === "date" || column.type === "datetime");
  return (dated ? DATE_WORDS[operator] : undefined) ?? WORDS[operator];
}

const ORDERED: ReadonlySet<FieldType> = new Set([
  "integer",
  "float",
  "decimal",
  "currency",
  "percentage",
  "date",
  "datetime",
]);

/** The operators that mean something for a column, the likeliest first. */
export function operatorsOf(column: Column): Operator[] {
  const empty: Operator[] = ["null", "not_null"];
  if (column.kind === "links") return [];
  if (column.kind === "reference") return ["eq", "ne", ...empty];
  if (column.type === "bool") return ["true", "false", ...empty];
  if (column.type === "select") return ["eq", "ne", "in", ...empty];
  if (ORDERED.has(column.type)) return ["eq", "ne", "lt", "le", "gt", "ge", ...empty];
  if (["json", "binary", "file", "image", "multiselect"].includes(column.type)) return empty;
  if (column.type === "uuid") return ["eq", "ne", ...empty];
  return ["contains", "eq", "ne", "starts", "in", ...empty];
}

/** The condition that keeps records with just this value; null where no condition says so. */
export function conditionOf(column: Column, value: Value, shown?: string): Condition | null {
  const can = operatorsOf(column);
  const of = (operator: Operator, text = ""): Condition | null =>
    can.includes(operator) ? { column: column.id, operator, value: text, shown } : null;
  if (column.kind === "links") return null;
  if (value === null) return of("null");
  if (typeof value === "boolean") return of(value ? "true" : "false");
  return typeof value === "object" ? null : of("eq", String(value));
}

/** The one record that is looked at, when that is all that is asked for. */
export function loneRecord({
  search,
  conditions,
}: {
  search: string;
  conditions: Condition[];
}): string | null {
  const [only, ...more] = conditions;
  const lone = only?.column === "id" && only.operator === "eq" && more.length === 0 && search.trim() === "";
  return lone ? only.value : null;
}

export function needsValue(operator: Operator): boolean {
  return !["true", "false", "null", "not_null"].includes(operator);
}

const SIGNS: Partial<Record<Operator, string>> = { eq: "=", ne: "!=", lt: "<", le: "<=", gt: ">", ge: ">=" };

/** The expression for all conditions together; null when there is nothing to ask. Incomplete ones are left out. */
export function whereOf(conditions: Condition[], columns: Column[]): string | null {
  const parts = conditions.flatMap((condition) => {
    if (condition.column === "id") return [`kdb_id = ${text(condition.value)}`];
    const column = columns.find((c) => c.id === condition.column);
    const key = column && keyOf(column);
    return key ? (clause(quoteName(key), condition, column) ?? []) : [];
  });
  return parts.length === 0 ? null : parts.join(" and ");
}

function clause(name: string, { operator, value }: Condition, column: Column): string | null {
  switch (operator) {
    case "true":
    case "false":
      return `${name} = ${operator}`;
    case "null":
      return `${name} is null`;
    case "not_null":
      return `${name} is not null`;
  }
  if (value.trim() === "") return null;
  switch (operator) {
    case "contains":
      return `${name} like ${text(`%${likeText(value)}%`)}`;
    case "starts":
      return `${name} like ${text(`${likeText(value)}%`)}`;
    case "in": {
      const items = value.split(",").flatMap((v) => (v.trim() ? [literal(v.trim(), column)] : []));
      return items.length > 0 ? `${name} in (${items.join(", ")})` : null;
    }
    default:
      return `${name} ${SIGNS[operator]} ${literal(value, column)}`;
  }
}

/** A name in double quotes: any name works so, reserved or with spaces. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** `%` and `_` stand for themselves. */
function likeText(value: string): string {
  return value.replace(/[\\%_]/g, "\\$&");
}

const NUMBERS: ReadonlySet<FieldType> = new Set(["integer", "float", "decimal", "currency", "percentage"]);

function literal(value: string, column: Column): string {
  if (column.kind !== "field") return text(value);
  const parsed = parseText(column.type, value);
  const written = "value" in parsed && typeof parsed.value === "string" ? parsed.value : value;
  return NUMBERS.has(column.type) && /^[-+]?\d+(\.\d+)?$/.test(written) ? written : text(written);
}
