import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import {
  type EntityRecord,
  type LinkedRecord,
  listRecords,
  showRecord,
  updateRecord,
  type Value,
} from "../../../api";
import { type AppError, toAppError } from "../../../shared";
import { type Cells, putCell, takeCell } from "../model/cells";
import type { Column } from "../model/columns";
import { sameValue } from "../model/values";

/** A value on its way into a record. `record` is the record as it was read when editing began. */
export interface Edit {
  record: EntityRecord;
  column: Exclude<Column, { kind: "links" }>;
  value: Value;
  /** What stood in the editor, kept when the value is refused. */
  typed: string;
  /** The other record, for a reference: what the cell shows meanwhile. */
  linked?: LinkedRecord | null;
}

/** One step a person can take back. */
interface Done {
  id: string;
  name: string;
  before: Value;
  after: Value;
}

const UNDO_STEPS = 200;
const PASSING = new Set(["connection_lost", "connection_failed", "busy", "timed_out"]);

/** Edits of cells: sent at once, shown at once, and kept at their cell when refused. */
export function useEdits(entity: string, includes: string[]) {
  const client = useQueryClient();
  const [cells, setCells] = useState<Cells>(new Map());
  /** Writes of one record go one after another, each with the version the one before gave. */
  const queues = useRef(new Map<string, Promise<unknown>>());
  const own = useRef(new Map<string, { read: number; now: number }>());
  const undoable = useRef<Done[][]>([]);

  const put = useCallback((id: string, column: string, cell: Parameters<typeof putCell>[3]) => {
    setCells((cells) => putCell(cells, id, column, cell));
  }, []);
  const clear = useCallback(
    (id: string, column: string) => setCells((cells) => takeCell(cells, id, column)),
    [],
  );

  const inTurn = useCallback(<T>(id: string, work: () => Promise<T>): Promise<T> => {
    const turn = (queues.current.get(id) ?? Promise.resolve()).catch(() => undefined).then(work);
    queues.current.set(id, turn);
    return turn;
  }, []);

  /** Marks a refused edit at its cell; one that was only stale may go through after all, and is then returned. */
  const refuse = useCallback(
    async (edit: Edit, error: AppError, write: (edits: Edit[]) => Promise<Done[]>): Promise<Done[]> => {
      const { record, column, typed, value } = edit;
      const theirs =
        error.code === "stale_version" ? await readOne(entity, record.id, includes).catch(() => null) : null;
      if (!theirs) {
        // The line broke, or somebody was in the way for a moment: nothing is wrong with the value.
        const again = PASSING.has(error.code) ? { value, linked: edit.linked } : undefined;
        put(record.id, column.id, { state: "refused", typed, error, again });
        return [];
      }
      showRecord(client, entity, theirs);
      own.current.delete(record.id);
      const before = record.data[column.name] ?? null;
      const now = theirs.data[column.name] ?? null;
      // Somebody changed another field of the record: that is no reason to refuse this one.
      if (sameValue(before, now)) return write([{ ...edit, record: theirs }]);
      if (sameValue(now, value)) clear(record.id, column.id);
      else {
        const mine = { value, linked: edit.linked };
        put(record.id, column.id, { state: "conflict", typed, mine, theirs });
      }
      return [];
    },
    [client, entity, includes, put, clear],
  );

  /** Writes edits of one record in one go; those refused are marked and the others still go through. */
  const write = useCallback(
    async (edits: Edit[]): Promise<Done[]> => {
      const done: Done[] = [];
      let left = edits;
      while (left.length > 0) {
        const { record } = left[0] as Edit;
        const known = own.current.get(record.id);
        const read = record.version;
        const version = known && read >= known.read ? Math.max(known.now, read) : read;
        const patch = Object.fromEntries(left.map((e) => [e.column.name, e.value]));
        try {
          const saved = await updateRecord(entity, record.id, patch, version);
          own.current.set(record.id, { read: Math.min(known?.read ?? version, version), now: saved.version });
          showRecord(client, entity, { ...saved, links: { ...linksOf(left), ...saved.links } });
          for (const e of left) {
            clear(record.id, e.column.id);
            const { name } = e.column;
            done.push({
              id: record.id,
              name,
              before: e.record.data[name] ?? null,
              after: saved.data[name] ?? null,
            });
          }
          return done;
        } catch (thrown) {
          const error = toAppError(thrown);
          const named = fieldOf(error);
          const guilty = left.filter((e) => e.column.name === named);
          const refused = guilty.length > 0 ? guilty : left;
          for (const e of refused) done.push(...(await refuse(e, error, write)));
          left = left.filter((e) => !refused.includes(e));
        }
      }
      return done;
    },
    [client, entity, refuse, clear],
  );

  const remember = useCallback((done: Done[]) => {
    if (done.length > 0) undoable.current = [...undoable.current, done].slice(-UNDO_STEPS);
  }, []);

  /** Saves edits of any records. Returns how many values are in the workspace now; the others are marked at their cells. */
  const save = useCallback(
    async (edits: Edit[]): Promise<number> => {
      const changed = edits.filter((e) => !sameValue(e.record.data[e.column.name] ?? null, e.value));
      for (const e of edits) if (!changed.includes(e)) clear(e.record.id, e.column.id);
      const byRecord = new Map<string, Edit[]>();
      for (const e of changed) byRecord.set(e.record.id, [...(byRecord.get(e.record.id) ?? []), e]);
      for (const e of changed)
        put(e.record.id, e.column.id, { state: "saving", value: e.value, linked: e.linked });
      const done: Done[] = [];
      for (const [id, group] of byRecord) {
        done.push(...(await inTurn(id, () => write(group))));
      }
      remember(done);
      return edits.length - changed.length + done.length;
    },
    [write, inTurn, put, clear, remember],
  );

  /** Puts back what the last save changed; a value somebody changed since stays theirs. Returns how many went back. */
  const undo = useCallback(async (): Promise<number> => {
    const step = undoable.current.pop();
    if (!step) return 0;
    let back = 0;
    for (const { id, name, before, after } of step) {
      const now = await readOne(entity, id, []);
      if (!now || !sameValue(now.data[name] ?? null, after)) continue;
      const saved = await inTurn(id, () => updateRecord(entity, id, { [name]: before }, now.version));
      own.current.set(id, { read: now.version, now: saved.version });
      showRecord(client, entity, saved);
      back += 1;
    }
    return back;
  }, [client, entity, inTurn]);

  return useMemo(
    () => ({ cells, save, put, clear, undo, canUndo: () => undoable.current.length > 0 }),
    [cells, save, put, clear, undo],
  );
}

export type Edits = ReturnType<typeof useEdits>;

/** A record as it is now; null when it is gone. */
async function readOne(entity: string, id: string, include: string[]): Promise<EntityRecord | null> {
  const { records } = await listRecords(entity, { where: `kdb_id = '${id}'`, include, limit: 1 });
  return records[0] ?? null;
}

/** The other records of saved references, by name, so that their cells need not wait for a page to be read again. */
function linksOf(edits: Edit[]): { [name: string]: LinkedRecord[] } {
  return Object.fromEntries(
    edits.flatMap((e) =>
      e.column.kind === "reference" && e.linked !== undefined
        ? [[e.column.key, e.linked ? [e.linked] : []]]
        : [],
    ),
  );
}

/** The field an error is about, where it says so. */
export function fieldOf(error: AppError): string | undefined {
  const details = error.details;
  if (typeof details !== "object" || details === null || !("field" in details)) return undefined;
  return typeof details.field === "string" ? details.field : undefined;
}
