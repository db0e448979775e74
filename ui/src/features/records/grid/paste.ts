// Cells from the clipboard as edits: each text becomes a value of its column, each failure stays with its cell.
import { type EntityRecord, type LinkedRecord, listRecords } from "../../../api";
import type { AppError } from "../../../shared";
import type { Column, ReferenceColumn } from "../model/columns";
import type { Range } from "../model/navigation";
import { parseText } from "../model/values";
import type { Edit } from "./useEdits";

export interface Refusal {
  record: EntityRecord;
  column: Column;
  typed: string;
  error: AppError;
}

/** What pasting `cells` at `at` covers. One cell pasted into a range fills it. */
export function targetOf(cells: string[][], at: Range, rows: number, columns: number): Range {
  const height = cells.length;
  const width = Math.max(...cells.map((row) => row.length));
  const fill = height === 1 && width === 1;
  return {
    top: at.top,
    left: at.left,
    bottom: Math.min(rows - 1, fill ? at.bottom : at.top + height - 1),
    right: Math.min(columns - 1, fill ? at.right : at.left + width - 1),
  };
}

const refusal = (message: string): AppError => ({ code: "type_mismatch", message });

/** Pairs texts with records and columns; references are looked up by name. */
export async function editsOf(
  cells: string[][],
  records: EntityRecord[],
  columns: Column[],
): Promise<{ edits: Edit[]; refused: Refusal[] }> {
  const edits: Edit[] = [];
  const refused: Refusal[] = [];
  const names = new Map<string, Promise<LinkedRecord | AppError>>();
  const single = cells.length === 1 && cells[0]?.length === 1;
  for (const [i, record] of records.entries()) {
    for (const [j, column] of columns.entries()) {
      const typed = single ? cells[0]?.[0] : cells[i]?.[j];
      if (typed === undefined) continue;
      const refuse = (error: AppError) => refused.push({ record, column, typed, error });
      if (column.readOnly) refuse(refusal(`${column.title} is read-only.`));
      else if (column.kind === "links") {
        if (typed !== "") refuse(refusal("Links are added one by one: open the cell."));
      } else if (column.kind === "reference") {
        if (typed.trim() === "") {
          edits.push({ record, column, typed, value: null, linked: null });
          continue;
        }
        const key = `${column.id}\0${typed}`;
        const search = names.get(key) ?? lookUp(column, typed.trim());
        names.set(key, search);
        const other = await search;
        if ("code" in other) refuse(other);
        else edits.push({ record, column, typed, value: other.id, linked: other });
      } else {
        const parsed = parseText(column.type, typed);
        if ("problem" in parsed) refuse(refusal(`${column.title} ${parsed.problem}.`));
        else edits.push({ record, column, typed, value: parsed.value });
      }
    }
  }
  return { edits, refused };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The one record that is called so. */
async function lookUp(column: ReferenceColumn, name: string): Promise<LinkedRecord | AppError> {
  const { target } = column;
  if (UUID.test(name)) {
    const { records } = await listRecords(target.id, { where: `kdb_id = '${name.toLowerCase()}'`, limit: 1 });
    return records[0] ?? { code: "dangling_reference", message: `No ${target.name} has the id ${name}.` };
  }
  const { records } = await listRecords(target.id, { search: name, limit: 100 });
  const same = records.filter((r) => r.primary_value === name);
  const [only] = same;
  if (!only) return { code: "dangling_reference", message: `No ${target.name} is called “${name}”.` };
  if (same.length > 1) {
    return {
      code: "dangling_reference",
      message: `${same.length} ${target.name} records are called “${name}”: choose one in the cell.`,
    };
  }
  return { id: only.id, primary_value: only.primary_value };
}
