import { type App, expect, Key, test } from "../harness/index.ts";
import { cell, command, gridOf, inBoth, newWorkspace, openRecords } from "./steps.ts";

/** As long as a name may be. */
const LONG = `${"Long".repeat(24)} ünïcode ${"name".repeat(24)}`.slice(0, 200);
const FIELD = LONG.slice(0, 180);

test("names of 200 characters leave every control whole", async ({ launch }) => {
  const app = await launch();
  const file = app.home.path("long.db");
  await newWorkspace(app, file);
  app.home.cli("-w", file, "entity", "create", LONG, "--field", `${FIELD}:string:required`, "--field", "b:integer");
  app.home.cli("-w", file, "entity", "create", "Short", "--field", "name:string");
  app.home.cli("-w", file, "relationship", "add", "Short", LONG.slice(0, 190), LONG, "--type", "many_to_one");
  app.home.cli("-w", file, "record", "insert", LONG, JSON.stringify({ [FIELD]: "x".repeat(500), b: 5 }));

  await app.restart(file);
  await app.click(["treeitem", LONG]);
  await app.find("button", "Materialize");
  expect(await cut(app), "on the diagram").toEqual([]);

  await app.click(["button", "Add unique key"]);
  await app.find("form", "New unique key");
  await app.screenshot("long-names-key");
  expect(await cut(app), "in the form of a key").toEqual([]);
  await app.press(Key.ESCAPE);

  await command(app, "Drop entity");
  await app.seeText("Undo brings everything back.");
  await inBoth(app, "long-names-drop");
  expect(await cut(app), "in the question before a drop").toEqual([]);
  await app.press(Key.ESCAPE);
  await app.gone("dialog", /^Drop/);

  await openRecords(app, LONG);
  const grid = await gridOf(app, LONG);
  await app.click(await cell(app, grid, 1, "b"));
  await inBoth(app, "long-names-records");
  expect(await cut(app), "above the records").toEqual([]);
  await app.press(Key.DELETE);
  await app.find("dialog", /^Delete/);
  expect(await cut(app), "in the question before a delete").toEqual([]);
});

/** Controls whose own words do not fit, and dialogs wider than they are. Names may end in dots; what they are about may not. */
async function cut(app: App): Promise<string[]> {
  return app.driver.executeScript(
    `const fits = (e) => e.scrollWidth <= e.clientWidth + 1;
     const buttons = [...document.querySelectorAll("button")].filter((b) => b.checkVisibility() && b.textContent !== "" && !/Long|name/.test(b.textContent));
     const labels = buttons.flatMap((b) => [b, ...b.querySelectorAll(".mantine-Button-label")]);
     const dialogs = document.querySelectorAll('[role="dialog"]');
     return [...labels, ...dialogs].filter((e) => !fits(e)).map((e) => e.tagName + " " + e.textContent.slice(0, 40));`,
  );
}
