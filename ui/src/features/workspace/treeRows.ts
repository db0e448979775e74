import type { StorageMode } from "../../shared";

/** What the tree shows of an entity. */
export interface TreeEntity {
  id: string;
  name: string;
  label: string;
  storage: StorageMode;
  /** Null while they are still being counted. */
  records: number | null;
  application: string | null;
}

export type TreeRow =
  | {
      kind: "group";
      key: string;
      label: string;
      /** Null for those that belong to none. */
      application: string | null;
      count: number;
      open: boolean;
    }
  | { kind: "entity"; key: string; entity: TreeEntity };

const UNGROUPED = "Other";

/**
 * The tree as a flat list, groups first by name, entities by label. One group alone needs no heading. While filtering,
 * every group with a hit is open, folded or not.
 */
export function treeRows(entities: TreeEntity[], filter: string, folded: string[]): TreeRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = entities.filter((e) => {
    const text = `${e.label} ${e.name}`.toLowerCase();
    return words.every((w) => text.includes(w));
  });
  const groups = new Map<string, TreeEntity[]>();
  for (const e of hits) {
    const key = e.application ?? "";
    const list = groups.get(key);
    if (list) list.push(e);
    else groups.set(key, [e]);
  }
  const compare = new Intl.Collator("en", { sensitivity: "base", numeric: true }).compare;
  // What has no application stands last.
  const keys = [...groups.keys()].sort((a, b) => (a === "" ? 1 : b === "" ? -1 : compare(a, b)));
  const headings = keys.length > 1 || (keys[0] ?? "") !== "";
  return keys.flatMap((key): TreeRow[] => {
    const members = (groups.get(key) ?? []).sort((a, b) => compare(a.label, b.label));
    const rows = members.map((entity): TreeRow => ({ kind: "entity", key: entity.id, entity }));
    if (!headings) return rows;
    const open = words.length > 0 || !folded.includes(key);
    const heading: TreeRow = {
      kind: "group",
      key: `group:${key}`,
      label: key || UNGROUPED,
      application: key || null,
      count: members.length,
      open,
    };
    return open ? [heading, ...rows] : [heading];
  });
}

/** The entities from one row to another, in the order one comes by them. */
export function between(rows: TreeRow[], from: number, to: number): string[] {
  const part = rows.slice(Math.min(from, to), Math.max(from, to) + 1);
  const entities = part.flatMap((r) => (r.kind === "entity" ? r.entity.id : []));
  return from <= to ? entities : entities.reverse();
}

/** Those chosen, with one more or, where it is among them, without it. */
export function toggled(chosen: string[], entity: string): string[] {
  return chosen.includes(entity) ? chosen.filter((e) => e !== entity) : [...chosen, entity];
}

/** The row the keys lead to from `at`, or -1 when there is none. */
export function moveInTree(rows: TreeRow[], at: number, key: string, page: number): number {
  const last = rows.length - 1;
  if (last < 0) return -1;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, at + 1);
    case "ArrowUp":
      return Math.max(0, at - 1);
    case "PageDown":
      return Math.min(last, at + page);
    case "PageUp":
      return Math.max(0, at - page);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return -1;
  }
}

/** The first row after `at` (going round) whose label starts with what was typed. */
export function typeAhead(rows: TreeRow[], at: number, typed: string): number {
  const text = typed.toLowerCase();
  for (let i = 1; i <= rows.length; i++) {
    const index = (at + i) % rows.length;
    const row = rows[index];
    const label = row?.kind === "entity" ? row.entity.label : row?.label;
    if (label?.toLowerCase().startsWith(text)) return index;
  }
  return -1;
}
