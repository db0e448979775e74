// What is going on in single cells, by record and column: a value on its way, one refused, one that met another's change.
import type { EntityRecord, LinkedRecord, Value } from "../../../api";
import type { AppError } from "../../../shared";

/** A value as it was sent. */
export interface Sent {
  value: Value;
  linked?: LinkedRecord | null;
}

export type CellState =
  | { state: "saving"; value: Value; linked?: LinkedRecord | null }
  /** `again`: the value itself was not at fault, and can be sent once more as it is. */
  | { state: "refused"; typed: string; error: AppError; again?: Sent }
  | {
      state: "conflict";
      typed: string;
      mine: Sent;
      theirs: EntityRecord;
    };

export type Cells = ReadonlyMap<string, ReadonlyMap<string, CellState>>;

export function putCell(cells: Cells, record: string, column: string, cell: CellState): Cells {
  return new Map(cells).set(record, new Map(cells.get(record)).set(column, cell));
}

export function takeCell(cells: Cells, record: string, column: string): Cells {
  const row = cells.get(record);
  if (!row?.has(column)) return cells;
  const rest = new Map(row);
  rest.delete(column);
  const next = new Map(cells);
  if (rest.size > 0) next.set(record, rest);
  else next.delete(record);
  return next;
}

/** Cells a person still has to look at. */
export function troubles(
  cells: Cells,
): { record: string; column: string; cell: Exclude<CellState, { state: "saving" }> }[] {
  return [...cells].flatMap(([record, row]) =>
    [...row].flatMap(([column, cell]) => (cell.state === "saving" ? [] : [{ record, column, cell }])),
  );
}
