import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll } from "vitest";
import { type App, expect, Key, type Server, startServer, test } from "../harness/index.ts";
import { psql, workspace } from "./remote.ts";
import {
  addRecord,
  atRest,
  cell,
  choose,
  command,
  exported,
  gridOf,
  gridRows,
  importFile,
  newWorkspace,
  openRecords,
  pickRecord,
  sketchEntity,
  watchProgress,
} from "./steps.ts";

/** Enough that materializing takes as long as a look at it. */
const FROM_FILE = 12_000;
const ALL = FROM_FILE + 3;

interface Summary {
  name: string;
  storage_mode: string;
  records: number;
  table: string | null;
}

/** Where the workspace lies: as the command line says it, how it is opened again, and what the database itself says of it. */
interface Place {
  location: string;
  again: () => Promise<void>;
  count: (table: string) => string;
  /** The foreign keys of a table. */
  keys: (table: string) => string;
  /** What breaks them: nothing. */
  broken: () => string;
}

async function inFile(app: App): Promise<Place> {
  const location = app.home.path("studio.db");
  await newWorkspace(app, location);
  return {
    location,
    again: () => app.restart(location),
    count: (table) => sqlite(location, `SELECT count(*) FROM "${table}"`),
    keys: (table) => sqlite(location, `PRAGMA foreign_key_list("${table}")`),
    broken: () => sqlite(location, "PRAGMA foreign_key_check"),
  };
}

async function onServer(app: App, server: Server): Promise<Place> {
  const { url, schema, open } = await workspace(app, server);
  const keys = `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND connamespace = '${schema}'::regnamespace`;
  return {
    location: url,
    again: async () => {
      await app.restart();
      await open();
    },
    count: (table) => psql(server, `SELECT count(*) FROM ${schema}."${table}"`),
    keys: (table) => psql(server, `${keys} AND conrelid = '${schema}."${table}"'::regclass`),
    broken: () => psql(server, `${keys} AND NOT convalidated`),
  };
}

let server: Server | null;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.leave());

test("the main job: design, fill, see, materialize, close, open again", async ({ launch }) => {
  const app = await launch();
  await mainJob(app, await inFile(app));
});

test("the main job once more, on a server", async ({ launch, skip }) => {
  if (!server) return skip("skipped: no Postgres 15 or newer is installed");
  const app = await launch();
  await mainJob(app, await onServer(app, server));
});

async function mainJob(app: App, place: Place): Promise<void> {
  const file = place.location;

  // Two entities with fields, all on the canvas.
  await sketchEntity(app, "Potter", [["name", "string"], ["born", "integer"]]);
  await sketchEntity(app, "Piece", [["title", "string"], ["height", "decimal"]]);
  await app.find("group", /^Entity Potter, /);

  await joinByDragging(app);

  // An edit of the schema is undone and redone.
  const potter = () => fieldsOf(app, file, "Potter");
  await app.click(["treeitem", "Potter"]);
  await app.click(["group", /^Entity Potter, /]);
  await app.press("f");
  await app.find("form", "New field");
  await app.type("glaze");
  await app.press(Key.ENTER);
  await app.waitFor(async () => potter().includes("glaze"), { what: "the new field in the file" });
  await app.press(Key.ESCAPE);
  await app.press(Key.ESCAPE);
  await app.press(Key.CONTROL, "z");
  await app.waitFor(async () => !potter().includes("glaze"), { what: "the field to be gone again" });
  await app.press(Key.CONTROL, Key.SHIFT, "z");
  await app.waitFor(async () => potter().includes("glaze"), { what: "the field to be back" });
  await app.press(Key.CONTROL, "z");
  await app.waitFor(async () => !potter().includes("glaze"), { what: "the field to be gone for good" });

  // Records in both grids, linked with the picker.
  await openRecords(app, "Potter");
  await addRecord(app, "Potter", ["Lucie Rie", "1902"]);
  await addRecord(app, "Potter", ["Bernard Leach", "1887"]);
  await openRecords(app, "Piece");
  await addRecord(app, "Piece", ["Footed bowl", "9.5"]);
  await addRecord(app, "Piece", ["Bottle vase", "24.25"]);
  await addRecord(app, "Piece", ["Moon jar", "31"]);
  let grid = await gridOf(app, "Piece");
  await pickRecord(app, grid, 1, "potter", "Lucie Rie");
  await pickRecord(app, grid, 2, "potter", "Lucie Rie");
  await pickRecord(app, grid, 3, "potter", "Bernard Leach");
  const pieces = [
    { title: "Footed bowl", height: "9.5", potter: "Lucie Rie" },
    { title: "Bottle vase", height: "24.25", potter: "Lucie Rie" },
    { title: "Moon jar", height: "31", potter: "Bernard Leach" },
  ];
  await app.waitFor(async () => sameRows(await gridRows(app, grid), pieces), { what: "three linked pieces" });

  // What deleting a potter would take along is said before, in figures; nothing is deleted yet.
  await openRecords(app, "Potter");
  grid = await gridOf(app, "Potter");
  await app.click(await cell(app, grid, 1, "name"));
  await app.press(Key.DELETE);
  const ask = await app.find("dialog", /^Delete /);
  await app.waitFor(async () => (await ask.getText()).includes("Deletes 2 Piece records"), { what: "the figures" });
  await app.click(await app.find("button", "Cancel", { within: ask }));
  await app.gone("dialog", /^Delete /);

  // Many more, from a file.
  const csv = app.home.path("pieces.csv");
  const lines = Array.from({ length: FROM_FILE }, (_, i) => `Beaker ${i + 1},${(i % 400) / 10 + 5}`);
  writeFileSync(csv, `title,height\n${lines.join("\n")}\n`);
  await importFile(app, csv, "Piece");
  await openRecords(app, "Piece");
  await app.seeText(`${ALL.toLocaleString("en-US")} records`);
  const before = exported(app, file, "Piece");

  await materializeBoth(app);
  const summary = () => app.home.cli<Summary[]>("-w", file, "entity", "list");
  expect(summary().map((e) => [e.name, e.storage_mode, e.records]).sort()).toEqual([
    ["Piece", "dedicated", ALL],
    ["Potter", "dedicated", 2],
  ]);
  expect(exported(app, file, "Piece"), "the same records as before").toEqual(before);
  const table = summary().find((e) => e.name === "Piece")?.table ?? "";
  expect(place.count(table), "records in a table of their own").toBe(String(ALL));
  expect(place.keys(table), "a real foreign key").toMatch(/kdb_potter.*CASCADE/i);
  expect(place.broken()).toBe("");

  // One comes back.
  await app.click(["treeitem", "Potter"]);
  await app.click(["button", "Bring back"]);
  await app.find("heading", "Brought back Potter", { timeout: 60_000 });
  await app.click(["button", "Done"]);
  await app.find("button", "Materialize");

  // Closed and opened again: all is there.
  await place.again();
  await app.find("tree", "Entities");
  await openRecords(app, "Piece");
  grid = await gridOf(app, "Piece");
  await app.waitFor(async () => sameRows(await gridRows(app, grid), pieces), { what: "the pieces after opening again" });
  await app.seeText(`${ALL.toLocaleString("en-US")} records`);
  await openRecords(app, "Potter");
  grid = await gridOf(app, "Potter");
  await app.waitFor(
    async () => sameRows(await gridRows(app, grid), [{ name: "Lucie Rie", born: "1902" }, { name: "Bernard Leach", born: "1887" }]),
    { what: "the potters after opening again" },
  );
  await app.click(["tab", "Diagram"]);
  await app.find("group", "Entity Potter, 2 records, shared");
  await app.find("group", `Entity Piece, ${ALL.toLocaleString("en-US")} records, dedicated`);
  await app.find("button", "Relationship potter, Piece to Potter, many to one");
  expect(summary().map((e) => [e.name, e.storage_mode, e.records]).sort()).toEqual([
    ["Piece", "dedicated", ALL],
    ["Potter", "shared", 2],
  ]);
  expect(exported(app, file, "Piece")).toEqual(before);
  expect(app.home.cli("-w", file, "relationship", "list")).toMatchObject([
    { name: "potter", type: "many_to_one", source: "Piece", target: "Potter", on_delete: "cascade" },
  ]);
}

/** Drags from the handle of Piece onto Potter and answers what the line asks. */
async function joinByDragging(app: App): Promise<void> {
  await app.click(["treeitem", "Piece"]);
  await app.click(["button", "Fit"]);
  await atRest(app, "button", "Draw a relationship from Piece");
  await app.drag(["button", "Draw a relationship from Piece"], ["group", /^Entity Potter, /]);
  const ask = await app.find("dialog", "New relationship from Piece to Potter");
  await choose(app, "Kind", "Many to one");
  await choose(app, "On delete", "cascade");
  await app.click(await app.find("button", "Create relationship", { within: ask }));
  await app.gone("dialog", "New relationship from Piece to Potter");
  await app.find("button", "Relationship potter, Piece to Potter, many to one");
}

/** Both at once, by the plan; the bar, its phases and the report are all seen. */
async function materializeBoth(app: App): Promise<void> {
  await command(app, "Materialize every shared entity");
  const plan = await app.find("region", /^Plan to materialize /);
  await app.waitFor(async () => /CREATE TABLE/i.test(await plan.getText()), { what: "the SQL of the plan", timeout: 60_000 });
  const seen = await watchProgress(app);
  await app.click(await app.find("button", "Materialize", { within: plan }));
  await app.find("heading", /^Materialized /, { timeout: 90_000 });
  const sightings = await seen();
  const piece = sightings.filter((s) => s.name === "Materializing Piece");
  expect(piece.length, "the bar says what it is about").toBeGreaterThan(0);
  expect(piece.every((s) => s.phase !== null), "and a phase stands beside it").toBe(true);
  const copied = piece.filter((s) => s.phase === "Copy").map((s) => s.done ?? 0);
  expect(copied, "the count never goes back").toEqual([...copied].sort((a, b) => a - b));
  const report = await app.find("region", /^Materialized /);
  await app.waitFor(async () => (await report.getText()).includes(`${ALL.toLocaleString("en-US")} records`), { what: "the report" });
  await app.click(await app.find("button", "Done", { within: report }));
}

function fieldsOf(app: App, file: string, entity: string): string[] {
  const shown = app.home.cli<{ fields: { name: string }[] }>("-w", file, "entity", "show", entity);
  return shown.fields.map((f) => f.name);
}

/** Whether the first rows show at least these values. */
function sameRows(rows: Record<string, string>[], wanted: Record<string, string>[]): boolean {
  return wanted.every((want, i) => Object.entries(want).every(([column, text]) => rows[i]?.[column] === text));
}

/** What any other program sees in the file. */
function sqlite(file: string, statement: string): string {
  const run = spawnSync("sqlite3", ["-readonly", file, statement], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`sqlite3: ${run.stderr || run.error?.message}`);
  return run.stdout.trim();
}
