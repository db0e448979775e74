// The part of the stand-in that plays long work: a plan, and a job that steps through its phases.
import type { Entity, Job, WorkspaceEvent } from "../../src/api/bindings";
import { type FakeState, newId } from "./engine";

// biome-ignore lint/suspicious/noExplicitAny: what a command gets is checked by the bindings, not here
type Args = any;

/** Commands on jobs. `entity` finds one by its id or refuses. */
export function jobCommands(
  state: FakeState,
  tell: (event: WorkspaceEvent) => void,
  entity: (id: string) => Entity,
): Record<string, (args: Args) => unknown> {
  return {
    materialize_plan: ({ entities }) => plan(state, (entities as string[]).map(entity)),
    dematerialize_plan: ({ entities }) => backPlan(state, (entities as string[]).map(entity)),
    materialize_problems: ({ entities, after, limit }) => {
      const owner = state.entities.find((e) => e.name === state.problemsOf) ?? entity(entities[0]);
      const from = Number(after ?? 0);
      const to = Math.min(state.problems, from + limit);
      const part = problems(state, owner, () => true, [from, to]);
      return { problems: part, next: to < state.problems ? String(to) : null };
    },
    edit_plan: ({ edit }) => {
      const related = state.relationships.find((r) => r.id === edit.relationship);
      return editPlan(state, entity(edit.spec?.source ?? related?.source ?? edit.entity));
    },
    start_materialize: ({ entities, options }) =>
      runJob(
        state,
        "materialize",
        (entities as string[]).map(entity),
        tell,
        options?.on_invalid === "abort" && state.problems > 0,
      ),
    start_dematerialize: ({ entities }) =>
      runJob(state, "dematerialize", (entities as string[]).map(entity), tell),
    jobs: () => [...state.jobs],
    cancel_job: ({ id }) => {
      state.jobs = state.jobs.map((j) => (j.id === id ? { ...j, status: "cancelled" } : j));
      tell({ event: "job_ended", job: id });
      return null;
    },
    pause_job: ({ id }) => {
      set(state, id, { status: "paused" });
      tell({ event: "job_ended", job: id });
      return null;
    },
    resume_job: ({ id }) => {
      set(state, id, { status: "running" });
      state.goOn?.();
      return state.jobs.find((j) => j.id === id);
    },
    rollback_job: ({ id }) => {
      set(state, id, { status: "rolled_back" });
      tell({ event: "job_ended", job: id });
      return state.jobs.find((j) => j.id === id);
    },
  };
}

function set(state: FakeState, id: string, change: Partial<Job>): void {
  state.jobs = state.jobs.map((j) => (j.id === id ? { ...j, ...change } : j));
}

function plan(state: FakeState, entities: Entity[]) {
  const statements = entities.flatMap((e) => [
    `CREATE TABLE "${e.table}" (\n  "id" TEXT PRIMARY KEY NOT NULL,\n${e.fields
      .map(
        (f) =>
          `  "${f.storage}" ${f.type === "integer" ? "INTEGER" : "TEXT"}${f.required ? " NOT NULL" : ""}`,
      )
      .join(",\n")}\n) STRICT`,
    `INSERT INTO "${e.table}" ("id", ${e.fields.map((f) => `"${f.storage}"`).join(", ")})\nSELECT id, ${e.fields
      .map((f) => `data ->> '$.${f.storage}'`)
      .join(", ")}\nFROM kdb_records WHERE entity_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3`,
  ]);
  const first = entities[0];
  return {
    statements,
    records: entities.reduce((n, e) => n + (state.counts[e.id] ?? 0), 0),
    links: 0,
    problems: problems(state, state.entities.find((e) => e.name === state.problemsOf) ?? first, () => true),
    problem_count: state.problems,
    by_hand: state.byHand ?? 0,
    order: entities.map((e) => e.name),
    estimate_s: 0.4,
    missing_rights: state.missingRights ?? [],
    fields: entities.flatMap((e) => e.fields.map((f, i) => profile(state, e, f, i))),
    locks: [
      {
        phase: "create",
        lock: "RESERVED",
        on: "the whole file",
        seconds: 0.02,
        repeated: false,
        waits: "whoever writes; nobody who reads",
      },
      {
        phase: "copy",
        lock: "RESERVED",
        on: "the whole file",
        seconds: 0.04,
        repeated: true,
        waits: "whoever writes; nobody who reads",
      },
    ],
    disk: { table_bytes: 8_400_000, index_bytes: 2_100_000, peak_bytes: 21_000_000, freed_bytes: 14_000_000 },
  };
}

/** Of the way back: no value can stand in it, so that no field is looked at either. */
function backPlan(state: FakeState, entities: Entity[]) {
  const file = { lock: "RESERVED", on: "the whole file", waits: "whoever writes; nobody who reads" };
  return {
    statements: entities.flatMap((e) => [
      `-- again for each of the batches that follow\nINSERT INTO "kdb_records" (id, entity_id, data) SELECT id, '${e.id}', '{}' FROM "${e.table}"`,
      `DROP TABLE "${e.table}"`,
    ]),
    records: entities.reduce((n, e) => n + (state.counts[e.id] ?? 0), 0),
    links: 0,
    problems: [],
    problem_count: 0,
    by_hand: 0,
    order: entities.map((e) => e.name),
    estimate_s: 1.5,
    missing_rights: state.missingRights ?? [],
    fields: [],
    locks: [
      { phase: "copy", ...file, seconds: 0.04, repeated: true },
      { phase: "cut_over", ...file, seconds: 0.09, repeated: false },
    ],
    disk: {
      table_bytes: 11_000_000,
      index_bytes: 3_000_000,
      peak_bytes: 28_000_000,
      freed_bytes: 10_500_000,
    },
  };
}

function editPlan(state: FakeState, entity: Entity) {
  return {
    statements: [
      `ALTER TABLE "${entity.table}" ADD COLUMN "made"`,
      `UPDATE "${entity.table}" SET "made" = 1`,
    ],
    records: state.counts[entity.id] ?? 0,
    links: 0,
    problems: problems(state, entity, (i) => i >= (state.byHand ?? 0)),
    problem_count: state.problems,
    by_hand: state.byHand ?? 0,
    estimate_s: 1.2,
    locks: [
      {
        stage: "within",
        lock: "RESERVED",
        on: "the whole file",
        seconds: 1.2,
        waits: "whoever writes; nobody who reads",
      },
    ],
    missing_rights: [],
  };
}

/** Those from one place of the list to another; a plan has the first 1,000. Each says which it is. */
function problems(
  state: FakeState,
  entity: Entity | undefined,
  settles: (i: number) => boolean,
  [from, to] = [0, Math.min(state.problems, 1000)],
) {
  return Array.from({ length: to - from }, (_, i) => ({
    entity: entity?.name ?? "",
    record: newId(),
    field: entity?.fields[2]?.name ?? "total",
    value: `n/a ${from + i + 1}`,
    reason: "is not a number",
    kind: "misfit",
    settles: settles(i),
  }));
}

/** Every third field is half empty; texts named `code` turn out to be integers. */
function profile(state: FakeState, entity: Entity, field: Entity["fields"][number], i: number) {
  const records = state.counts[entity.id] ?? 0;
  const nulls = i % 3 === 2 ? Math.round(records / 2) : 0;
  const ordered = ["integer", "float", "decimal", "currency"].includes(field.type);
  const text = ["string", "text"].includes(field.type);
  return {
    entity: entity.name,
    entity_id: entity.id,
    field: field.name,
    field_id: field.id,
    type: field.type,
    records,
    nulls,
    distinct: Math.min(records - nulls, 10 ** (i + 1)),
    distinct_exact: i % 2 === 0,
    problems: i === 2 ? state.problems : 0,
    longest: text ? 42 : null,
    smallest: ordered ? "-12.50" : null,
    largest: ordered ? "9223372036854775807" : null,
    proposal:
      text && field.name === "number"
        ? {
            type: "integer",
            config: {},
            reason: `all ${records.toLocaleString("en-US")} values are integers`,
          }
        : null,
  };
}

const PHASES = ["validate", "create", "copy", "verify", "cut_over", "clean_up"] as const;

/** Steps through the phases, a few steps each, and moves the entities at the end. */
function runJob(
  state: FakeState,
  kind: "materialize" | "dematerialize",
  entities: Entity[],
  tell: (event: WorkspaceEvent) => void,
  invalid = false,
): Job {
  const now = new Date().toISOString();
  const total = state.counts[entities[0]?.id ?? ""] ?? 1000;
  const job: Job = {
    id: newId(),
    kind,
    entities: entities.map((e) => e.name),
    entity_ids: entities.map((e) => e.id),
    status: "running",
    phase: "validate",
    done: 0,
    total,
    captured: 0,
    waiting: 0,
    error: null,
    reports: [],
    log: [],
    by: "Somebody (in a window)",
    here: true,
    started_at: now,
    updated_at: now,
  };
  state.jobs = [job, ...state.jobs];
  const steps = PHASES.flatMap((phase) => {
    const parts = phase === "copy" ? 20 : 2;
    return Array.from({ length: parts }, (_, i) => ({ phase, part: (i + 1) / parts }));
  });
  let at = 0;
  const step = () => {
    const current = steps[at];
    if (state.jobs.find((j) => j.id === job.id)?.status !== "running") {
      state.goOn = () => setTimeout(step, state.pace);
      return;
    }
    const first = entities[0];
    if (invalid && current?.phase === "create") {
      const error = { code: "invalid_values" as const, message: "Nothing was moved.", details: {} };
      state.jobs = state.jobs.map((j) => (j.id === job.id ? { ...j, status: "failed", error } : j));
      tell({ event: "job_ended", job: job.id });
      return;
    }
    if (!current || !first) {
      const mode = kind === "materialize" ? "dedicated" : "shared";
      state.entities = state.entities.map((e) =>
        entities.some((x) => x.id === e.id) ? { ...e, storage_mode: mode } : e,
      );
      state.jobs = state.jobs.map((j) =>
        j.id === job.id
          ? {
              ...j,
              status: "done",
              phase: "clean_up",
              reports: entities.map((e) => ({
                entity: e.name,
                entity_id: e.id,
                table: e.table,
                records: state.counts[e.id] ?? 0,
                links: 0,
                kept_aside: 0,
                nulled: 0,
                captured: 3,
                seconds: 0.42,
                job: job.id,
                timings: [{ query: "records with age = 41, of 20,000", before_ms: 38.1, after_ms: 2.9 }],
              })),
            }
          : j,
      );
      tell({ event: "job_ended", job: job.id });
      return;
    }
    at += 1;
    if (state.jobs.find((j) => j.id === job.id)?.log.at(-1)?.phase !== current.phase) {
      const entry = { phase: current.phase, began_at: now, seconds: 0.1, records: 0, captured: 0 };
      const log = [...(state.jobs.find((j) => j.id === job.id)?.log ?? []), entry];
      set(state, job.id, { phase: current.phase, log });
    }
    tell({
      event: "job_progress",
      job: job.id,
      kind,
      status: "running",
      entity: first.name,
      entity_id: first.id,
      phase: current.phase,
      done: Math.round(total * current.part),
      total,
      rate: current.phase === "copy" ? Math.round(180_000 + 40_000 * Math.sin(at / 2)) : 0,
      eta_s: Math.ceil((steps.length - at) / 8),
      captured: at > 10 ? 3 : 0,
      waiting: at > 5 && at <= 10 ? 3 : 0,
    });
    setTimeout(step, state.pace);
  };
  setTimeout(step, state.pace);
  return job;
}
