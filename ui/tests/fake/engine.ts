// A stand-in for the shell, in memory: enough of the engine for component tests and for looking at the window in a
// browser. It answers the same commands and sends the same events; it checks nothing.
import { emit } from "@tauri-apps/api/event";
import { mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import type {
  Entity,
  EntitySpec,
  Field,
  FieldSpec,
  Job,
  KeyPart,
  NodePosition,
  Relationship,
  RelationshipSpec,
  SchemaChange,
  Value,
  WorkspaceEvent,
} from "../../src/api/bindings";
import { connectionCommands, type FakeServer } from "./connections";
import { editCommands } from "./edits";
import { jobCommands } from "./jobs";
import { type FakeLinks, recordCommands } from "./records";

export interface FakeRecord {
  id: string;
  version: number;
  data: { [field: string]: Value };
  problems?: { [field: string]: string };
  updated_by?: string;
}

export interface FakeState {
  open: boolean;
  entities: Entity[];
  relationships: Relationship[];
  layout: NodePosition[];
  records: Record<string, FakeRecord[]>;
  links?: FakeLinks;
  counts: Record<string, number>;
  changes: SchemaChange[];
  jobs: Job[];
  problems: number;
  /** How many of them nobody but a person can settle. */
  byHand?: number;
  /** What the workspace lies in, where that is no file. */
  kind?: "postgres";
  /** What a plan says this user may not do. */
  missingRights?: string[];
  /** Whose record has the problems, where that is none of the plan's. */
  problemsOf?: string;
  /** Milliseconds between two steps of a job. */
  pace: number;
  /** Lets a job that was paused take its next step. */
  goOn?: () => void;
  /** What a file dialog answers. */
  picked: string | null;
  /** The server one can connect to. */
  server?: FakeServer;
  /** A copy has been stopped and not gone on with. */
  copyStopped?: boolean;
  /** Why the workspace may only be read. */
  readOnly?: string;
  /** Commands that are to be refused, and with what. */
  refuse?: Record<string, { code: string; message: string; details: Value }>;
}

let serial = 0;
export function newId(): string {
  serial += 1;
  return `00000000-0000-7000-8000-${String(serial).padStart(12, "0")}`;
}

export function fakeField(spec: FieldSpec, order: number): Field {
  return {
    id: newId(),
    field_id: newId(),
    name: spec.name ?? "field",
    label: spec.label ?? null,
    type: spec.type ?? "string",
    config: spec.config ?? {},
    description: spec.description ?? null,
    storage: spec.name ?? "field",
    order,
    required: spec.required ?? false,
    unique: spec.unique ?? false,
    indexed: spec.indexed ?? false,
    default: spec.default ?? null,
    visible: spec.visible ?? true,
    read_only: spec.read_only ?? false,
    shared: false,
  };
}

export function fakeEntity(
  spec: EntitySpec,
  fields: FieldSpec[],
  storage: "shared" | "dedicated" = "shared",
): Entity {
  return {
    id: newId(),
    name: spec.name ?? "entity",
    label: spec.label ?? null,
    plural_label: null,
    icon: null,
    description: null,
    application: spec.application ?? null,
    storage_mode: storage,
    scope: "shared",
    access: "public",
    table: `kdb_${(spec.name ?? "entity").toLowerCase().replaceAll(" ", "_")}`,
    fields: fields.map(fakeField),
    keys: [],
  };
}

export function fakeRelationship(spec: RelationshipSpec, order = 0): Relationship {
  return {
    id: newId(),
    name: spec.name,
    type: spec.type,
    source: spec.source,
    target: spec.target,
    inverse_name: spec.inverse_name ?? null,
    description: null,
    field: spec.type === "many_to_many" ? null : (spec.field ?? `${spec.name}_id`),
    storage: spec.name,
    required: spec.required ?? false,
    on_delete: spec.on_delete ?? "set_null",
    on_update: spec.on_update ?? "cascade",
    order,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: what a command gets is checked by the bindings, not here
type Args = any;

/** Puts the stand-in in place of the shell. Returns its state, which a test may look at and change. */
export function installFake(state: FakeState): FakeState {
  mockWindows("main");
  const tell = (event: WorkspaceEvent) => void emit("workspace-event", event);
  const entity = (id: string) => {
    const found = state.entities.find((e) => e.id === id);
    if (!found) throw { code: "unknown_entity", message: `There is no entity ${id}.`, details: {} };
    return found;
  };
  const version = () => state.changes[0]?.version ?? 0;
  const change = (kind: string, description: string, entities: string[]) => {
    state.changes.unshift({
      id: newId(),
      version: version() + 1,
      kind,
      description,
      entities,
      at: new Date().toISOString(),
      author: null,
      undone: false,
    });
    tell({ event: "schema_changed", version: version() });
  };
  let location = "/home/someone/roastery.db";
  const info = () => ({
    location,
    name: "Roastery",
    kind: state.kind ?? "sqlite",
    read_only: state.readOnly !== undefined,
    read_only_reason: state.readOnly ?? null,
    schema_version: version(),
  });

  const carry = async (reason: string) => {
    for (let done = 0; done <= 6000; done += 300) {
      await emit("import-progress", { entity: "Track", done, total: 6892 });
      await new Promise((next) => setTimeout(next, state.pace));
    }
    return {
      entities: ["Album", "Artist", "Track"],
      relationships: 9,
      many_to_many: 1,
      records: 6892,
      links: 8715,
      kept: 0,
      not_carried: [{ kind: "trigger", name: "track_audit", reason }],
      seconds: 0.8,
    };
  };

  const commands: Record<string, (args: Args) => unknown> = {
    current_workspace: () => (state.open ? info() : null),
    opening: () =>
      state.open
        ? {
            info: info(),
            schema: commands.schema?.({}),
            layout: state.layout,
            jobs: state.jobs,
            undo: commands.undo_state?.({}),
            overview: commands.overview?.({}),
            link_counts: {},
          }
        : null,
    recent_workspaces: () => [],
    create_workspace: ({ path }) => {
      state.open = true;
      location = path;
      return info();
    },
    open_sample: () => {
      state.open = true;
      return info();
    },
    close_workspace: () => {
      state.open = false;
      return null;
    },
    schema: () => ({
      version: version(),
      entities: state.entities,
      relationships: state.relationships,
      library: [],
    }),
    overview: () =>
      state.entities.map((e) => ({
        id: e.id,
        name: e.name,
        label: e.label,
        storage_mode: e.storage_mode,
        table: e.table,
        records: state.counts[e.id] ?? 0,
        fields: e.fields.length,
        application: e.application,
      })),
    layout: () => state.layout,
    link_counts: () => ({}),
    move_nodes: ({ positions }) => {
      const moved = positions as NodePosition[];
      state.layout = [...state.layout.filter((n) => !moved.some((m) => m.entity === n.entity)), ...moved];
      change(
        "move",
        "Move entities",
        moved.map((m) => m.entity),
      );
      return null;
    },
    place_nodes: ({ positions }) => {
      const homeless = (positions as NodePosition[]).filter(
        (p) => !state.layout.some((n) => n.entity === p.entity),
      );
      state.layout = [...state.layout, ...homeless];
      return null;
    },
    create_entity: ({ spec, fields, position }) => {
      const made = fakeEntity(spec, fields);
      state.entities = [...state.entities, made];
      if (position) state.layout.push({ entity: made.id, x: position[0], y: position[1] });
      change("create_entity", `Create entity ${made.name}`, [made.id]);
      return made;
    },
    update_entity: ({ entity: id, spec }) => {
      const before = entity(id);
      const after = { ...before, ...(spec as EntitySpec) } as Entity;
      state.entities = state.entities.map((e) => (e.id === id ? after : e));
      change("update_entity", `Rename entity ${before.name} to ${after.name}`, [id]);
      return after;
    },
    drop_impact: ({ entities }) => ({
      deletes: (entities as string[]).map((id) => ({
        entity: id,
        name: entity(id).name,
        count: state.counts[id] ?? 0,
      })),
      unlinks: [],
      links: [],
      blocked_by: [],
    }),
    drop_entities: ({ entities }) => {
      const ids = entities as string[];
      const names = ids.map((id) => entity(id).name);
      state.entities = state.entities.filter((e) => !ids.includes(e.id));
      state.relationships = state.relationships.filter(
        (r) => !ids.includes(r.source) && !ids.includes(r.target),
      );
      change("drop_entity", `Drop ${names.join(" and ")}`, ids);
      return null;
    },
    set_keys: ({ entity: id, keys }) => {
      const parts = keys as KeyPart[][];
      const made = parts.map((parts, i) => ({ id: `key-${i}`, name: null, parts }));
      state.entities = state.entities.map((e) => (e.id === id ? { ...e, keys: made } : e));
      change("set_keys", `Change the unique keys of ${entity(id).name}`, [id]);
      return entity(id);
    },
    add_field: ({ entity: id, spec }) => {
      const owner = entity(id);
      const field = fakeField(spec, owner.fields.length);
      state.entities = state.entities.map((e) => (e.id === id ? { ...e, fields: [...e.fields, field] } : e));
      change("add_field", `Add field ${field.name} to ${owner.name}`, [id]);
      return field;
    },
    add_relationship: ({ spec }) => {
      const made = fakeRelationship(spec, state.relationships.length);
      state.relationships = [...state.relationships, made];
      change("add_relationship", `Add relationship ${made.name}`, [made.source, made.target]);
      return made;
    },
    changelog: () => [...state.changes],
    import_file: ({ path }) => carry(`Triggers of ${path} stay in it.`),
    copy_workspace: async ({ to }) => {
      if (to === "taken.db")
        throw { code: "invalid_input", message: "That place is not empty.", details: {} };
      const resumed = state.copyStopped === true;
      state.copyStopped = false;
      for (let done = 0; done <= 100; done += 20) {
        if (state.copyStopped) throw { code: "cancelled", message: "The copy was stopped.", details: {} };
        const step = { entity: "Order", phase: "copy", done, total: 100, rate: 5000, eta_s: 1 };
        await emit("copy-progress", { ...step, overall_done: done, overall_total: 300 });
        await new Promise((next) => setTimeout(next, state.pace));
      }
      return {
        entities: 6,
        relationships: 5,
        records: 1234,
        links: 56,
        resumed,
        job: newId(),
        seconds: 0.4,
      };
    },
    cancel_copy: () => {
      state.copyStopped = true;
      return null;
    },
    undo_state: () => ({
      undo: state.changes.find((c) => !c.undone)?.description ?? null,
      redo: state.changes.findLast((c) => c.undone)?.description ?? null,
      version: version(),
    }),
    undo: () => {
      const at = state.changes.findIndex((c) => !c.undone);
      const undone = state.changes[at];
      if (!undone) throw { code: "nothing_to_undo", message: "There is nothing to undo.", details: {} };
      state.changes[at] = { ...undone, undone: true };
      tell({ event: "schema_changed", version: version() });
      return state.changes[at];
    },
    redo: () => {
      const at = state.changes.findLastIndex((c) => c.undone);
      const redone = state.changes[at];
      if (!redone) throw { code: "nothing_to_redo", message: "There is nothing to redo.", details: {} };
      state.changes[at] = { ...redone, undone: false };
      tell({ event: "schema_changed", version: version() });
      return state.changes[at];
    },
    ...recordCommands(state, tell),
    ...editCommands(state, change),
    ...(state.server &&
      connectionCommands(
        state.server,
        (connection) => {
          state.open = true;
          location = `postgres://${connection.user}@${connection.host}/${connection.database}`;
          return info();
        },
        () => carry("Triggers stay in the database."),
      )),
    ...jobCommands(state, tell, entity),
  };

  mockIPC(
    (command, args) => {
      if (command.startsWith("plugin:dialog|")) return state.picked;
      if (command.startsWith("plugin:")) return null;
      const refusal = state.refuse?.[command];
      if (refusal) throw refusal;
      const run = commands[command];
      if (!run) throw { code: "unsupported", message: `The stand-in has no ${command}.`, details: {} };
      const answer = run((args ?? {}) as Args);
      return answer instanceof Promise ? answer : structuredClone(answer);
    },
    { shouldMockEvents: true },
  );
  return state;
}
