// A job that is paused while it copies, and goes on: what was written meanwhile is there in the end.
import { writeFileSync } from "node:fs";
import { type App, expect, test } from "../harness/index.ts";
import { exported, inBoth } from "./steps.ts";

/** Batches this small keep a job busy for longer than it takes to reach for a button. */
const SMALL = 1;

/** A workspace with contacts. */
function prepare(app: App, many: number): { path: string; cli: <T>(...args: string[]) => T } {
  const path = app.home.path("shop.db");
  const cli = <T>(...args: string[]) => app.home.cli<T>("-w", path, ...args);
  cli("init");
  cli("entity", "create", "Contact", "--field", "name:string", "--field", "city:string", "--field", "age:integer");
  const file = app.home.path("contacts.ndjson");
  const line = (i: number) => JSON.stringify({ name: `Contact ${i}`, city: `City ${i % 50}`, age: 18 + (i % 70) });
  writeFileSync(file, Array.from({ length: many }, (_, i) => line(i)).join("\n"));
  cli("import", file, "--entity", "Contact");
  return { path, cli };
}

/** Pictures in both themes without a way through the palette: what is to be seen would be over by then. */
async function quickly(app: App, name: string): Promise<void> {
  const key = "data-mantine-color-scheme";
  const first = await app.driver.executeScript<string>("return document.documentElement.getAttribute(arguments[0])", key);
  const other = first === "dark" ? "light" : "dark";
  for (const theme of [other, first]) {
    await app.driver.executeScript("document.documentElement.setAttribute(arguments[0], arguments[1])", key, theme);
    await app.screenshot(`${name}-${theme}`);
  }
}

test("a job is paused while it copies, records are written, it goes on, and they are there", async ({ launch }) => {
  const app = await launch();
  const MANY = 20_000;
  const { path, cli } = prepare(app, MANY);
  await app.openWorkspace(path);
  await app.find("treeitem", "Contact");
  const [entity] = await app.invoke<{ id: string }[]>("overview");
  await app.invoke("start_materialize", { entities: [entity?.id], options: { on_invalid: "abort", batch_size: SMALL } });
  await app.click(["button", /^Materializing Contact/]);
  const running = await app.find("region", "Materializing Contact");
  await app.waitFor(async () => /Copy[\s\S]*of 20,000/.test(await running.getText()), { what: "the copy" });
  // It goes on without the panel, and is there when that is opened again; another window shows it too.
  await app.click(["button", "Close panel"]);
  await app.waitFor(async () => (await app.all("region", "Materializing Contact")).length === 0, { what: "the panel to close" });
  const other = await launch();
  await other.openWorkspace(path);
  await other.click(["button", /^Materializing Contact/]);
  const elsewhere = await other.find("region", "Materializing Contact");
  await other.waitFor(async () => /Copy[\s\S]*of 20,000[\s\S]*left[\s\S]*Run by/.test(await elsewhere.getText()), { what: "the job elsewhere" });
  cli("record", "insert", "Contact", JSON.stringify({ name: "Very first", city: "Here" }));
  await app.click(["button", /^Materializing Contact/]);
  const again = await app.find("region", "Materializing Contact");
  const waits = "1 write made meanwhile, to be carried over";
  await app.waitFor(async () => (await again.getText()).includes(waits), { what: "the write that waits" });
  await other.waitFor(async () => (await elsewhere.getText()).includes(waits), { what: "the write that waits, elsewhere" });
  await quickly(app, "job-running");
  await other.screenshot("job-elsewhere");
  await app.click(await app.find("button", "Pause", { within: again }));

  const paused = await app.find("region", "Materializing Contact, paused");
  expect(await app.all("alert"), "it is no failure").toEqual([]);
  expect(await app.all("button", "Cancel", paused)).toEqual([]);
  await app.find("button", "Undo", { within: paused });
  await inBoth(app, "job-paused");
  const [job] = cli<{ status: string; phase: string; done: number }[]>("job", "list");
  expect(job).toMatchObject({ status: "paused", phase: "copy" });
  expect(job?.done).toBeLessThan(MANY);

  // One that has been copied already, one that has not (the very last is the one made above), one that goes and one that comes.
  const before = exported(app, path, "Contact") as unknown as { id: string }[];
  const id = (at: number) => before.at(at)?.id ?? "";
  cli("record", "update", "Contact", id(0), JSON.stringify({ city: "Moved" }));
  cli("record", "update", "Contact", id(-2), JSON.stringify({ city: "Moved" }));
  cli("record", "delete", "Contact", id(1));
  cli("record", "insert", "Contact", JSON.stringify({ name: "New one", city: "Moved" }));

  await app.waitFor(async () => (await paused.getText()).includes("5 writes made meanwhile, to be carried over"), { what: "the writes that wait" });
  await app.click(await app.find("button", "Resume", { within: paused }));
  const report = await app.find("region", "Materialized Contact", { timeout: 120_000 });
  await app.waitFor(async () => (await report.getText()).includes("5 writes made meanwhile were carried over"), { what: "the report" });
  const log = await (await app.find("region", "Log", { within: report })).getText();
  expect(log).toMatch(/Copy .* records[^]*Copy .* records/);
  expect(log).toMatch(/Cut over .*5 writes made meanwhile carried over/);
  await app.find("button", "Copy log", { within: report });
  expect(await report.getText()).toMatch(/records with age = \d+, of 1,000[^]*(faster|slower|as fast as before)/);
  await inBoth(app, "job-report");
  expect(cli<{ storage_mode: string }[]>("entity", "list")[0]?.storage_mode).toBe("dedicated");
  const after = exported(app, path, "Contact") as unknown as { id: string; data: { name: string; city: string } }[];
  // Two came, one went.
  expect(after).toHaveLength(MANY + 1);
  expect(after.filter((r) => r.data.city === "Moved").map((r) => r.data.name)).toEqual(["Contact 0", `Contact ${MANY - 1}`, "New one"]);
  expect(after.some((r) => r.id === id(1)), "what was deleted stays deleted").toBe(false);
});
