// The stand-in's records: kept in arrays, filtered and sorted as the engine would, refused where a test needs a refusal.
// Understands conditions joined by `and`: `"name" = 'x'`, comparisons, `like`, `is null`. It checks required, unique and
// integers, and refuses a stale version.
import type { EntityRecord, Relationship, Value, WorkspaceEvent } from "../../src/api";
import type { FakeRecord, FakeState } from "./engine";
import { newId } from "./engine";

// biome-ignore lint/suspicious/noExplicitAny: what a command gets is checked by the bindings, not here
type Args = any;

/** Pairs of many-to-many relationships, by relationship id. */
export type FakeLinks = Record<string, { source: string; target: string; metadata: Value }[]>;

export function recordCommands(state: FakeState, tell: (event: WorkspaceEvent) => void) {
  const rowsOf = (entity: string) => {
    state.records[entity] ??= [];
    return state.records[entity];
  };
  const links: FakeLinks = state.links ?? {};
  const entityOf = (id: string) => state.entities.find((e) => e.id === id);
  const changed = (...entities: string[]) => {
    for (const id of entities) state.counts[id] = rowsOf(id).length;
    tell({ event: "records_changed", entities });
  };
  const refuse = (code: string, message: string, details: Value = {}) => {
    throw { code, message, details };
  };
  const nameOf = (entity: string, row: FakeRecord): string | null => {
    const field = entityOf(entity)?.fields.find((f) => ["string", "text", "email"].includes(f.type));
    const value = field ? row.data[field.name] : null;
    return typeof value === "string" ? value : null;
  };
  const holder = (r: Relationship) => (r.type === "one_to_many" ? r.target : r.source);
  const referenced = (r: Relationship) => (r.type === "one_to_many" ? r.source : r.target);
  const linkedTo = (entity: string, id: unknown) => {
    const row = rowsOf(entity).find((r) => r.id === id);
    return row ? [{ id: row.id, primary_value: nameOf(entity, row) }] : [];
  };

  const linksOf = (entity: string, row: FakeRecord, include: string[]) => {
    const found: NonNullable<EntityRecord["links"]> = {};
    for (const name of include) {
      for (const r of state.relationships) {
        const forward = r.name === name && r.source === entity;
        const inverse = r.inverse_name === name && r.target === entity;
        if (!forward && !inverse) continue;
        if (r.type !== "many_to_many") found[name] = linkedTo(referenced(r), row.data[r.field ?? ""]);
        else {
          const pairs = (links[r.id] ?? []).filter((p) => (forward ? p.source : p.target) === row.id);
          const other = forward ? r.target : r.source;
          found[name] = pairs.flatMap((p) => linkedTo(other, forward ? p.target : p.source));
        }
      }
    }
    return found;
  };

  const full = (entity: string, row: FakeRecord, include: string[] = []): EntityRecord => ({
    id: row.id,
    version: row.version,
    primary_value: nameOf(entity, row),
    data: row.data,
    links: linksOf(entity, row, include),
    problems: row.problems ?? {},
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    created_by: null,
    updated_by: row.updated_by ?? null,
  });

  const matching = (entity: string, { where, search, sort }: Args): FakeRecord[] => {
    let rows = rowsOf(entity);
    if (where)
      rows = rows.filter((row) =>
        String(where)
          .split(" and ")
          .every((part) => meets(row, part)),
      );
    if (search) {
      rows = rows.filter((row) => nameOf(entity, row)?.toLowerCase().includes(String(search).toLowerCase()));
    }
    for (const key of [...(sort ?? [])].reverse()) {
      const of = (row: FakeRecord) =>
        key.field === "primary_value" ? nameOf(entity, row) : row.data[key.field];
      rows = [...rows].sort((a, b) => order(of(a), of(b)) * (key.descending ? -1 : 1));
    }
    return rows;
  };

  const check = (entity: string, data: FakeRecord["data"], id: string | null) => {
    for (const field of entityOf(entity)?.fields ?? []) {
      const value = data[field.name] ?? null;
      const details = { entity: entityOf(entity)?.name ?? "", field: field.name, value };
      if (value === null && field.required) refuse("required_missing", `${field.name} is required.`, details);
      if (field.type === "integer" && value !== null && !/^-?\d+$/.test(String(value))) {
        refuse("type_mismatch", `${field.name}: “${value}” is not an integer.`, details);
      }
      if (field.unique && value !== null) {
        const other = rowsOf(entity).find((r) => r.id !== id && r.data[field.name] === value);
        if (other)
          refuse("unique_violation", `${field.name}: “${value}” is taken by another record.`, details);
      }
    }
  };

  return {
    list_records: ({ entity, request }: Args) => {
      const rows = matching(entity, request);
      const from = request.offset ?? 0;
      const to = from + (request.limit ?? 50);
      return {
        records: rows.slice(from, to).map((r) => full(entity, r, request.include ?? [])),
        next: to < rows.length ? String(to) : null,
      };
    },
    count_records: ({ entity, request }: Args) => matching(entity, request).length,
    record: ({ entity, id }: Args) => {
      const row = rowsOf(entity).find((r) => r.id === id);
      return row ? full(entity, row) : refuse("unknown_record", `There is no record ${id}.`);
    },
    insert_record: ({ entity, data }: Args) => {
      check(entity, data, null);
      const all: FakeRecord["data"] = {};
      for (const f of entityOf(entity)?.fields ?? []) all[f.name] = data[f.name] ?? f.default ?? null;
      for (const r of state.relationships) {
        if (r.type !== "many_to_many" && holder(r) === entity && r.field)
          all[r.field] = data[r.field] ?? null;
      }
      const row = { id: newId(), version: 1, data: all };
      rowsOf(entity).push(row);
      changed(entity);
      return full(entity, row);
    },
    update_record: ({ entity, id, patch, version }: Args) => {
      const row = rowsOf(entity).find((r) => r.id === id);
      if (!row) return refuse("unknown_record", `There is no record ${id}.`);
      if (version !== null && version !== row.version) {
        refuse("stale_version", `The record is at version ${row.version}, not ${version}.`, {});
      }
      check(entity, { ...row.data, ...patch }, id);
      row.data = { ...row.data, ...patch };
      row.version += 1;
      changed(entity);
      return full(entity, row);
    },
    delete_impact: ({ entity, ids }: Args) => ({
      deletes: [{ entity, name: entityOf(entity)?.name ?? "", count: ids.length }],
      unlinks: [],
      links: [],
      blocked_by: state.relationships
        .filter((r) => r.type !== "many_to_many" && referenced(r) === entity && r.on_delete === "restrict")
        .map((r) => ({
          entity: entityOf(holder(r))?.name ?? "",
          relationship: r.name,
          count: rowsOf(holder(r)).filter((row) => ids.includes(row.data[r.field ?? ""])).length,
          records: [],
        }))
        .filter((b) => b.count > 0),
    }),
    delete_records: ({ entity, ids }: Args) => {
      state.records[entity] = rowsOf(entity).filter((r) => !ids.includes(r.id));
      changed(entity);
      return { deletes: [], unlinks: [], links: [], blocked_by: [] };
    },
    links: ({ relationship, record }: Args) =>
      (links[relationship] ?? [])
        .filter((p) => p.source === record || p.target === record)
        .map((p) => ({ id: newId(), ...p })),
    add_links: ({ relationship, from, record, others, metadata }: Args) => {
      const r = state.relationships.find((x) => x.id === relationship);
      links[relationship] ??= [];
      for (const other of others as string[]) {
        const [source, target] = r?.source === from ? [record, other] : [other, record];
        links[relationship].push({ source, target, metadata: metadata ?? null });
      }
      changed(from);
      return [];
    },
    remove_links: ({ relationship, from, record, others }: Args) => {
      const before = links[relationship] ?? [];
      links[relationship] = before.filter(
        (p) =>
          !(p.source === record && others.includes(p.target)) &&
          !(p.target === record && others.includes(p.source)),
      );
      changed(from);
      return before.length - links[relationship].length;
    },
  };
}

function order(a: Value | undefined, b: Value | undefined): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  const [x, y] = [Number(a), Number(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return String(a) < String(b) ? -1 : 1;
}

function meets(row: FakeRecord, part: string): boolean {
  const parsed = /^"?([^"]+?)"? (is not null|is null|=|!=|<=|>=|<|>|like)(?: (.*))?$/.exec(part.trim());
  if (!parsed) throw { code: "invalid_input", message: `The stand-in cannot read ${part}`, details: {} };
  const [, name = "", operator, literal = ""] = parsed;
  const value = name === "kdb_id" ? row.id : (row.data[name] ?? null);
  const wanted = literal.replace(/^'|'$/g, "").replaceAll("''", "'");
  switch (operator) {
    case "is null":
      return value === null;
    case "is not null":
      return value !== null;
    case "=":
      return String(value) === wanted;
    case "!=":
      return String(value) !== wanted;
    case "like": {
      const pattern = wanted.replace(/[.*+?^${}()|[\]]/g, "\\$&").replace(/^%|%$/g, "");
      return new RegExp(pattern, "i").test(String(value ?? ""));
    }
    default: {
      const sign = order(value, wanted);
      return operator === "<"
        ? sign < 0
        : operator === "<="
          ? sign <= 0
          : operator === ">"
            ? sign > 0
            : sign >= 0;
    }
  }
}
