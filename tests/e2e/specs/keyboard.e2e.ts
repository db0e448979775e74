import { type App, expect, Key, test } from "../harness/index.ts";
import { focused, openSample } from "./steps.ts";

test("everything is reached by the keyboard, and nothing holds on to it", async ({ launch }) => {
  const app = await launch();
  await openSample(app);
  const entities = async () => (await app.names("treeitem")).filter((name) => !/, [\d,]+$/.test(name));
  await app.waitFor(async () => (await entities()).length >= 13, { what: "the tree" });

  await palette(app, (await entities()).slice(0, 4));
  await help(app);
  await tree(app);
  await grid(app);
  await tabs(app);
});

/** Ctrl+K lists every command, and finds every entity by its name. */
async function palette(app: App, entities: string[]): Promise<void> {
  const open = async () => {
    await app.press(Key.CONTROL, "k");
    return app.find("dialog", "Commands and entities");
  };
  let dialog = await open();
  const commands = await app.names("button", dialog);
  for (const command of ["Go to Records", "Go to History", "New entity", "New workspace", "Import a file", "Keyboard shortcuts", "Tidy the diagram", "Materialize every shared entity"]) {
    expect(commands.some((c) => c.startsWith(command)), `the palette offers "${command}"`).toBe(true);
  }
  await app.press(Key.ESCAPE);
  await app.gone("dialog", "Commands and entities");

  for (const entity of entities) {
    dialog = await open();
    await app.type(entity);
    await app.waitFor(async () => (await app.names("button", dialog))[0]?.includes(entity) === true, {
      what: `${entity} at the top of the palette`,
    });
    await app.press(Key.ENTER);
    await app.gone("dialog", "Commands and entities");
    await app.find("heading", entity);
    await app.waitFor(async () => (await selected(app)) === entity, { what: `${entity} to be selected in the tree` });
  }
}

/** `?` shows the keys, Esc puts them away and gives the focus back. */
async function help(app: App): Promise<void> {
  await app.driver.executeScript(`document.querySelector('[role="tree"]').focus()`);
  await app.press("?");
  const sheet = await app.find("dialog", "Keyboard shortcuts");
  const text = await sheet.getText();
  for (const line of ["Search or command", "New entity", "Undo", "Fit the diagram", "Materialize"]) expect(text).toContain(line);
  await app.press(Key.ESCAPE);
  await app.gone("dialog", "Keyboard shortcuts");
  await app.waitFor(async () => (await focused(app)).startsWith("tree"), { what: "the focus back in the tree" });
}

/** Arrows walk the tree, Home and End reach its ends, Enter opens the records. */
async function tree(app: App): Promise<void> {
  await app.press(Key.HOME);
  await app.press(Key.ARROW_DOWN);
  const first = await selected(app);
  await app.press(Key.ARROW_DOWN);
  const second = await selected(app);
  expect(second).not.toBe(first);
  await app.press(Key.ARROW_UP);
  await app.waitFor(async () => (await selected(app)) === first, { what: "the first again" });
  await app.press(Key.ENTER);
  await app.find("grid", `Records of ${first}`);
}

/** Arrows walk the grid, typing edits, Esc leaves the value alone, Tab leaves the grid at its end. */
async function grid(app: App): Promise<void> {
  await app.waitFor(async () => (await app.all("gridcell")).length > 10, { what: "cells" });
  await tabUntil(app, /^gridcell/);
  const at = () =>
    app.driver.executeScript<[number, number]>(
      `const a = document.activeElement; return [Number(a.closest('[role="row"]').getAttribute("aria-rowindex")), Number(a.getAttribute("aria-colindex"))]`,
    );
  const [row, column] = await at();
  await app.press(Key.ARROW_DOWN);
  await app.press(Key.ARROW_DOWN);
  await app.press(Key.ARROW_RIGHT);
  expect(await at()).toEqual([row + 2, column + 1]);
  await app.press(Key.ARROW_LEFT);
  await app.press(Key.ARROW_UP);
  expect(await at()).toEqual([row + 1, column]);
  const before = await app.driver.executeScript<string>("return document.activeElement.innerText");
  await app.press(Key.F2);
  await app.waitFor(async () => /^(input|textarea|combobox)/.test(await focused(app)), { what: "an editor" });
  await app.type("x");
  await app.press(Key.ESCAPE);
  await app.waitFor(async () => (await focused(app)).startsWith("gridcell"), { what: "the focus back on the cell" });
  expect(await app.driver.executeScript<string>("return document.activeElement.innerText")).toBe(before);
  expect(await at()).toEqual([row + 1, column]);
  await app.press(Key.CONTROL, Key.END);
  await app.press(Key.END);
  await app.press(Key.TAB);
  await app.waitFor(async () => !(await focused(app)).startsWith("gridcell"), { what: "Tab to lead out of the grid" });
}

/** Tab goes round the whole window on each tab: it comes back to where it started, and passes every part on the way. */
async function tabs(app: App): Promise<void> {
  for (const [key, tab] of [["1", "Diagram"], ["3", "History"]] as const) {
    await app.press(Key.CONTROL, key);
    await app.waitFor(async () => (await (await app.find("tab", tab)).getAttribute("aria-selected")) === "true", { what: `the tab ${tab}` });
    const passed = new Set<string>();
    for (let i = 0; i < 90; i++) {
      await app.press(Key.TAB);
      const now = await focused(app);
      const stayed = await app.driver.executeScript<boolean>(
        "const before = window.tabStop; return (window.tabStop = document.activeElement) === before;",
      );
      expect(stayed, `Tab leads on from ${now} on ${tab}`).toBe(false);
      passed.add(now.split(" ")[0] ?? "");
      if (passed.has("tree") && passed.has("tab") && i > 40 && now.startsWith("tab ")) break;
    }
    expect([...passed]).toEqual(expect.arrayContaining(["tree", "tab", "button"]));
  }
}

async function selected(app: App): Promise<string | null> {
  return app.driver.executeScript<string | null>(
    `const s = document.querySelector('[role="treeitem"][aria-selected="true"]'); return s && s.getAttribute("aria-label");`,
  );
}

async function tabUntil(app: App, wanted: RegExp): Promise<void> {
  for (let i = 0; i < 60; i++) {
    if (wanted.test(await focused(app))) return;
    await app.press(Key.TAB);
  }
  throw new Error(`Tab never reached ${wanted}`);
}
