// Several entities chosen together, and an application: one plan and one job.
import { Key, Origin } from "selenium-webdriver";
import { type App, expect, test } from "../harness/index.ts";
import { inBoth } from "./steps.ts";

interface Job {
  kind: string;
  entities: string[];
  status: string;
}

/** A workspace of two applications. */
async function prepare(app: App): Promise<<T>(...args: string[]) => T> {
  const path = app.home.path("shop.db");
  const cli = <T>(...args: string[]) => app.home.cli<T>("-w", path, ...args);
  cli("init");
  const entities = { Customer: "Sales", Line: "Sales", Order: "Sales", Shelf: "Stock" };
  for (const [name, application] of Object.entries(entities)) {
    cli("entity", "create", name, "--application", application, "--field", "name:string");
    cli("record", "insert", name, JSON.stringify({ name: `A ${name}` }));
  }
  cli("materialize", "Customer");
  await app.openWorkspace(path);
  await app.find("treeitem", "Order");
  await app.find("group", /^Entity Order,/);
  return cli;
}

const card = (name: string): [string, RegExp] => ["group", new RegExp(`^Entity ${name},`)];

async function clickWith(app: App, key: string, target: [string, string | RegExp]): Promise<void> {
  const origin = await app.find(...target);
  await app.driver.actions().keyDown(key).move({ origin }).click().keyUp(key).perform();
}

async function chosen(app: App): Promise<string[]> {
  return app.driver.executeScript(
    `return [...document.querySelectorAll('[role="treeitem"][aria-selected="true"]')].map((e) => e.getAttribute("aria-label"))`,
  );
}

/** The same in the tree and on the diagram. */
async function expectChosen(app: App, names: string[], what: string): Promise<void> {
  const cards = () =>
    app.driver.executeScript<string[]>(
      `return [...document.querySelectorAll(".react-flow__node.selected")].map((e) => e.getAttribute("aria-label"))`,
    );
  await app.waitFor(async () => JSON.stringify(await chosen(app)) === JSON.stringify(names), {
    what: `${names.join(" and ")} in the tree: ${what}`,
  });
  await app.waitFor(async () => {
    const shown = (await cards()).map((label) => /^Entity (\w+),/.exec(label)?.[1]).sort();
    return JSON.stringify(shown) === JSON.stringify(names);
  }, { what: `${names.join(" and ")} on the diagram: ${what}` });
}

test("several entities are chosen in the tree or on the diagram, and move as one job", async ({ launch }) => {
  const app = await launch();
  const cli = await prepare(app);

  await app.click(["treeitem", "Order"]);
  await clickWith(app, Key.CONTROL, ["treeitem", "Shelf"]);
  await expectChosen(app, ["Order", "Shelf"], "Ctrl and a click on rows");
  await app.find("heading", "Order");
  await app.press(Key.ESCAPE);
  await expectChosen(app, ["Order"], "Escape in the tree");
  await app.press(Key.SHIFT, Key.ARROW_UP);
  await expectChosen(app, ["Line", "Order"], "Shift and an arrow");

  await app.click(card("Customer"));
  await expectChosen(app, ["Customer"], "a click on a card");
  await clickWith(app, Key.SHIFT, card("Shelf"));
  await expectChosen(app, ["Customer", "Shelf"], "Shift and a click on a card");
  await clickWith(app, Key.CONTROL, card("Line"));
  await expectChosen(app, ["Customer", "Line", "Shelf"], "Ctrl and a click on a card");
  await app.find("button", "Materialize 2 entities");
  await app.find("button", "Bring back 1 entity");
  await inBoth(app, "marked");
  await app.click(card("Shelf"));
  await expectChosen(app, ["Shelf"], "a click on one of them");

  await rubberBand(app);
  await expectChosen(app, ["Customer", "Line", "Order", "Shelf"], "a band around all of them");
  await app.click(["button", "Materialize 3 entities"]);
  const plan = await app.find("region", /^Plan to materialize /);
  await app.click(await app.find("button", "Materialize", { within: plan }));
  await app.waitFor(async () => cli<Job[]>("job", "list").filter((j) => j.status === "done").length === 2, { what: "the job" });
  const [job] = cli<Job[]>("job", "list");
  expect(job?.entities.toSorted()).toEqual(["Line", "Order", "Shelf"]);
});

/** A band with Shift around every card. */
async function rubberBand(app: App): Promise<void> {
  const box = await app.driver.executeScript<{ left: number; top: number; right: number; bottom: number }>(
    `const all = [...document.querySelectorAll(".react-flow__node")].map((e) => e.getBoundingClientRect());
     return { left: Math.round(Math.min(...all.map((b) => b.left))) - 12, top: Math.round(Math.min(...all.map((b) => b.top))) - 12,
       right: Math.round(Math.max(...all.map((b) => b.right))) + 12, bottom: Math.round(Math.max(...all.map((b) => b.bottom))) + 12 };`,
  );
  const at = (x: number, y: number) => ({ x: Math.round(x), y: Math.round(y), origin: Origin.VIEWPORT, duration: 16 });
  let actions = app.driver.actions().keyDown(Key.SHIFT).move(at(box.left, box.top)).press();
  for (let step = 1; step <= 8; step++) {
    const share = step / 8;
    actions = actions.move(at(box.left + (box.right - box.left) * share, box.top + (box.bottom - box.top) * share));
  }
  await actions.release().keyUp(Key.SHIFT).perform();
}

test("an application moves as one job from the menu of its heading, and back", async ({ launch }) => {
  const app = await launch();
  const cli = await prepare(app);
  await app.contextClick(["treeitem", "Sales, 3"]);
  expect(await app.names("menuitem")).toEqual([
    "Materialize the application",
    "Bring the application back",
    "Plan bringing the application back",
  ]);
  await app.click(["menuitem", "Materialize the application"]);
  const plan = await app.find("region", /^Plan to materialize /);
  await app.click(await app.find("button", "Materialize", { within: plan }));
  await app.waitFor(async () => cli<Job[]>("job", "list").filter((j) => j.status === "done").length === 2, { what: "the job" });
  expect(cli<Job[]>("job", "list")[0]?.entities.toSorted()).toEqual(["Line", "Order"]);

  await app.contextClick(["treeitem", "Sales, 3"]);
  await app.click(["menuitem", "Bring the application back"]);
  await app.waitFor(async () => cli<Job[]>("job", "list").filter((j) => j.status === "done").length === 3, { what: "the way back" });
  const [job] = cli<Job[]>("job", "list");
  expect({ ...job, entities: job?.entities.toSorted() }).toMatchObject({ kind: "dematerialize", entities: ["Customer", "Line", "Order"] });
});
