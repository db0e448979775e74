import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { type EntityRecord, insertRecord, type LinkedRecord, type Value } from "../../../api";
import { keys } from "../../../api/keys";
import { type AppError, toAppError } from "../../../shared";
import type { Entry } from "../editors";
import type { CellState } from "../model/cells";
import type { Column } from "../model/columns";
import { fieldOf } from "./useEdits";

export const DRAFT_ID = "draft";

interface Typed {
  value: Value;
  typed: string;
  linked?: LinkedRecord | null;
}

const EMPTY: EntityRecord = {
  id: DRAFT_ID,
  version: 0,
  primary_value: null,
  data: {},
  created_at: "",
  updated_at: "",
  created_by: null,
  updated_by: null,
};

/** A record on its way: what was typed, by column, until one insert takes all of it. */
export function useDraft(entity: string, columns: Column[]) {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [values, setValues] = useState<ReadonlyMap<string, Typed>>(new Map());
  const [errors, setErrors] = useState<ReadonlyMap<string, AppError>>(new Map());
  /** What is wrong with the whole of it, where no column is to blame. */
  const [error, setError] = useState<AppError | null>(null);
  const saving = useRef(false);

  const record: EntityRecord = useMemo(() => {
    const data: EntityRecord["data"] = {};
    const links: NonNullable<EntityRecord["links"]> = {};
    for (const column of columns) {
      const typed = values.get(column.id);
      if (column.kind === "links") continue;
      data[column.name] = typed?.value ?? null;
      if (column.kind === "reference" && typed?.linked) links[column.key] = [typed.linked];
    }
    return { ...EMPTY, data, links };
  }, [columns, values]);

  const cells = useMemo(() => {
    const cells = new Map<string, CellState>();
    for (const [id, error] of errors)
      cells.set(id, { state: "refused", typed: values.get(id)?.typed ?? "", error });
    return cells;
  }, [errors, values]);

  const start = (from?: ReadonlyMap<string, Typed>) => {
    setOpen(true);
    setValues(from ?? new Map());
    setErrors(new Map());
    setError(null);
  };
  const close = () => setOpen(false);

  const put = (column: Column, entry: Entry) => {
    setValues((old) => new Map(old).set(column.id, entry));
    setErrors((old) => {
      const rest = new Map(old);
      rest.delete(column.id);
      return rest;
    });
    setError(null);
  };

  /** Keeps a text that is no value yet at its cell. */
  const refuse = (column: Column, typed: string, error: AppError) => {
    setValues((old) => new Map(old).set(column.id, { value: null, typed }));
    setErrors((old) => new Map(old).set(column.id, error));
  };

  const blame = (thrown: unknown) => {
    const error = toAppError(thrown);
    const field = fieldOf(error);
    const guilty = columns.find((c) => c.kind !== "links" && c.name === field);
    if (guilty) setErrors(new Map([[guilty.id, error]]));
    setError(error);
    return guilty;
  };

  /** Inserts it. The new record, or the column to go to when it was refused. */
  const submit = async (): Promise<{ record: EntityRecord } | { refused: Column | undefined } | null> => {
    if (saving.current) return null;
    // A text that is no value must not go in as null unseen.
    const [unfit] = [...errors.keys()].filter(
      (id) => values.get(id)?.value === null && values.get(id)?.typed,
    );
    if (unfit) return { refused: columns.find((c) => c.id === unfit) };
    saving.current = true;
    try {
      const data: { [field: string]: Value } = {};
      for (const column of columns) {
        const typed = values.get(column.id);
        // What was not touched is left to the defaults.
        if (typed && column.kind !== "links") data[column.name] = typed.value;
      }
      const record = await insertRecord(entity, data);
      setOpen(false);
      setValues(new Map());
      await client.invalidateQueries({ queryKey: [...keys.records, entity] });
      return { record };
    } catch (thrown) {
      return { refused: blame(thrown) };
    } finally {
      saving.current = false;
    }
  };

  return { open, record, cells, error, touched: values.size > 0, values, start, close, put, refuse, submit };
}

export type Draft = ReturnType<typeof useDraft>;
