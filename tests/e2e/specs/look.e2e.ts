import { existsSync } from "node:fs";
import { join } from "node:path";
import { type App, expect, repository, test } from "../harness/index.ts";
import { command, gridOf, gridRows, importFile, inBoth, newWorkspace, openRecords, useTheme } from "./steps.ts";

/** Databases of the wild, where somebody has put them beside the repository. */
const DATA = join(repository, "../shared");

interface Sight {
  title: string;
  file: string;
  entities: number;
  records: number;
  look: { entity: string; rows: number };
  /** A job is over too soon for two pictures, so each database shows it in another theme. */
  progress: "dark" | "light";
}

const SIGHTS: Sight[] = [
  { title: "Chinook", file: "data/chinook/Chinook_Sqlite.sqlite", entities: 10, records: 6892, look: { entity: "Album", rows: 347 }, progress: "dark" },
  { title: "Sakila", file: "data/sakila/sakila.sqlite", entities: 16, records: 46_273, look: { entity: "film", rows: 1000 }, progress: "light" },
];

for (const sight of SIGHTS) {
  const source = join(DATA, sight.file);
  test(`${sight.title} is fit to be seen, dark and light`, async ({ launch, skip }) => {
    if (!existsSync(source)) {
      console.log("skipped: no ../shared");
      skip();
    }
    const app = await launch();
    const name = sight.title.toLowerCase();
    await newWorkspace(app, app.home.path(`${name}.db`));
    await importFile(app, source);

    await app.waitFor(async () => (await cards(app)) === sight.entities, { what: `${sight.entities} cards` });
    const listed = app.home.cli<{ records: number }[]>("-w", app.home.path(`${name}.db`), "entity", "list");
    expect(listed.reduce((sum, e) => sum + e.records, 0), "every record came along").toBe(sight.records);
    // Drawn as it should be at first sight, without anybody having moved the canvas.
    await inBoth(app, `${name}-diagram`);

    await openRecords(app, sight.look.entity);
    const grid = await gridOf(app, sight.look.entity);
    await app.waitFor(async () => (await gridRows(app, grid)).length > 20, { what: "rows" });
    await app.seeText(`${sight.look.rows.toLocaleString("en-US")} records`);
    expect(await grid.getAttribute("aria-rowcount"), "its rows and its header").toBe(String(sight.look.rows + 1));
    await inBoth(app, `${name}-records`);

    await app.click(["tab", "Diagram"]);
    await command(app, "Materialize every shared entity");
    const plan = await app.find("region", /^Plan to materialize /);
    await app.waitFor(async () => /CREATE TABLE/i.test(await plan.getText()), { timeout: 60_000, what: "SQL in the plan" });
    await inBoth(app, `${name}-plan`);

    await useTheme(app, sight.progress);
    await app.click(await app.find("button", "Materialize", { within: plan }));
    // One for each entity.
    const bars = async () => (await app.all("progressbar", /^Materializing /)).length > 1;
    await app.waitFor(bars, { what: "a bar for each entity" });
    await app.screenshot(`${name}-progress-${sight.progress}`);
    await app.find("heading", /^Materialized /, { timeout: 120_000 });
    await inBoth(app, `${name}-materialized`);
    await app.waitFor(async () => (await app.all("group", /, dedicated$/)).length === sight.entities, { what: "all dedicated" });
  });
}

async function cards(app: App): Promise<number> {
  return (await app.all("group", /^Entity .*, (shared|dedicated)$/)).length;
}
