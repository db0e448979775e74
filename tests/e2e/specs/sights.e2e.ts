// Pictures of what no other test looks at, in both themes: one finds there what to mend.
import { type App, expect, Key, test } from "../harness/index.ts";
import { command, focused, inBoth, newWorkspace, opened, openRecords, openSample } from "./steps.ts";

test("an empty workspace says what to do, and the start lists where one has been", async ({ launch }) => {
  const app = await launch();
  await app.find("button", "New workspace");
  await started(app, "start-first");
  await newWorkspace(app, app.home.path("empty.db"));
  await app.seeText("Draw your first entity");
  await inBoth(app, "empty-diagram");
  await app.click(["tab", "Records"]);
  await app.seeText("Choose an entity");
  await inBoth(app, "empty-records");
  await app.click(["tab", "History"]);
  await inBoth(app, "empty-history");
  for (const name of ["Supplier contracts 2026", "pottery"]) {
    await app.restart();
    await newWorkspace(app, app.home.path(`${name}.db`));
  }
  await app.restart();
  const recent = await app.find("region", "Recent workspaces");
  expect((await app.names("listitem", recent)).map((name) => name.split("/")[0])).toEqual(["pottery", "Supplier contracts 2026", "empty"]);
  await started(app, "start-recents");
});

test("the sample: whole, near and far, its parts selected, asked about and searched", async ({ launch }) => {
  const app = await launch();
  await openSample(app);
  await app.waitFor(async () => (await app.all("group", /^Entity /)).length === 13, { what: "13 cards" });
  await inBoth(app, "sample");

  await opened(app, "shortcuts", async () => {
    await app.press("?");
    await app.find("dialog", "Keyboard shortcuts");
  });
  const palette = async () => {
    await app.press(Key.CONTROL, "k");
    return app.find("dialog", "Commands and entities");
  };
  await opened(app, "palette", palette);
  await opened(app, "palette-search", async () => {
    const dialog = await palette();
    await app.type("ord");
    await app.waitFor(async () => (await app.names("button", dialog)).length < 10, { what: "what was searched for" });
  });

  await parts(app);
  await asked(app);
  await distances(app);

  await app.click(["tab", "History"]);
  await app.seeText("Create the sample");
  await inBoth(app, "history");
  await openRecords(app, "Product");
  await app.find("grid", "Records of Product");
  await inBoth(app, "sample-records");
});

/** The inspector of an entity, of one of its fields and of a relationship. */
async function parts(app: App): Promise<void> {
  await app.click(["treeitem", "Product"]);
  await app.find("heading", "Product");
  await inBoth(app, "inspector-entity");
  await app.click(["button", /^price currency/]);
  await app.find("group", "Field price");
  await inBoth(app, "inspector-field");
  await app.click(["button", /^batches ← Roast batch/]);
  await inBoth(app, "inspector-relationship");
}

/** What is asked before entities are dropped, and to make a relationship. */
async function asked(app: App): Promise<void> {
  await app.click(["treeitem", "Product"]);
  await opened(app, "drop-one", async () => {
    await command(app, "Drop entity");
    await app.seeText("Undo brings everything back.");
    // Enter does it, Esc does not.
    await app.waitFor(async () => (await focused(app)) === "button Drop Product", { what: "the focus on the button" });
  });
  await app.click(["treeitem", "Product"]);
  for (const entity of ["Tag", "Shipment", "Supplier"]) await addToSelection(app, entity);
  await app.press(Key.DELETE);
  await app.find("dialog", "Drop 4 entities?");
  await app.seeText("Undo brings everything back.");
  await inBoth(app, "drop-several");
  await app.press(Key.ESCAPE);
  await app.gone("dialog", /^Drop/);
  await opened(app, "join", async () => {
    await app.drag(["button", /Draw a relationship from Customer$/], ["group", /^Entity Tag, /]);
    await app.find("dialog", "New relationship from Customer to Tag");
  });
}

/** Ctrl and a click on a card. */
async function addToSelection(app: App, entity: string): Promise<void> {
  const card = await app.find("group", new RegExp(`^Entity ${entity}, `));
  await app.driver.actions().keyDown(Key.CONTROL).move({ origin: card }).click().keyUp(Key.CONTROL).perform();
}

/** The diagram close by and from afar. */
async function distances(app: App): Promise<void> {
  await app.click(["treeitem", "Order"]);
  await command(app, "Zoom to 100%");
  await inBoth(app, "sample-near");
  await command(app, "Fit the diagram");
  for (let i = 0; i < 3; i++) await command(app, "Zoom out");
  await inBoth(app, "sample-far");
}

/** Where no workspace is open there is no palette: both themes by the style sheet alone. */
async function started(app: App, name: string): Promise<void> {
  const set = (theme: string) =>
    app.driver.executeScript("document.documentElement.setAttribute('data-mantine-color-scheme', arguments[0])", theme);
  for (const theme of ["dark", "light"]) {
    await set(theme);
    await app.screenshot(`${name}-${theme}`);
  }
}
