// What a person does in the window in more than one test, in their words.
import type { WebElement } from "selenium-webdriver";
import { type App, expect, Key, type Name } from "../harness/index.ts";

/** Makes a workspace file from the start screen, as if its place had been chosen in the dialog. */
export async function newWorkspace(app: App, path: string): Promise<void> {
  await app.answerFileDialog(path);
  await app.click(["button", "New workspace"]);
  await app.find("tab", "Diagram");
}

/** Opens the sample from the start screen and waits for its tree. */
export async function openSample(app: App): Promise<void> {
  await app.click(["button", "Open the sample workspace"]);
  // It is filled with some 20,000 records first.
  await app.find("tree", "Entities", { timeout: 90_000 });
}

/** Runs a command by its name from the palette. */
export async function command(app: App, label: string): Promise<void> {
  await app.press(Key.CONTROL, "k");
  const palette = await app.find("dialog", "Commands and entities");
  await app.type(label);
  // A command's name is followed by its group and key; the first hit is what Enter runs.
  await app.waitFor(
    async () => (await app.names("button", palette))[0]?.startsWith(label) === true,
    { what: `"${label}" at the top of the palette` },
  );
  await app.press(Key.ENTER);
  await app.gone("dialog", "Commands and entities");
}

/** Imports a file into the open workspace; one that is no database goes into the entity named. */
export async function importFile(app: App, path: string, entity?: string): Promise<void> {
  await app.answerFileDialog(path);
  await command(app, "Import a file");
  const dialog = await app.find("dialog", /^Import /);
  if (entity) {
    await app.fill(["textbox", /Into the entity/], entity);
    await app.click(await app.find("button", "Import", { within: dialog }));
  }
  await app.click(await app.find("button", "Done", { timeout: 120_000 }));
  await app.gone("dialog", /^Import /);
}

/** An entity with fields, all typed on the canvas. */
export async function sketchEntity(app: App, name: string, fields: [name: string, type: string][]): Promise<void> {
  await app.press("t");
  await app.find("textbox", "Entity name");
  await app.type(name);
  await app.press(Key.ENTER);
  await app.find("form", "New field");
  for (const [field, type] of fields) {
    await app.waitFor(async () => (await value(await app.find("textbox", "Field name"))) === "", { what: "an empty line" });
    await app.type(field);
    await app.press(Key.TAB);
    // Letters typed into the list go on from those of a moment ago, so it is left alone where it already says so.
    if ((await value(await app.find("combobox", "Field type"))) !== type) await app.type(type);
    await app.waitFor(async () => (await value(await app.find("combobox", "Field type"))) === type, { what: `the type ${type}` });
    await app.press(Key.ENTER);
  }
  await app.waitFor(async () => (await value(await app.find("textbox", "Field name"))) === "", { what: "the last field" });
  await app.press(Key.ESCAPE);
  await app.gone("form", "New field");
}

/** Picks from a list that drops down, by its letters: the list itself is drawn by the system, out of a driver's sight. */
export async function choose(app: App, label: Name, option: string): Promise<void> {
  const list = await app.find("combobox", label);
  const shown = () =>
    app.driver.executeScript<string>("return arguments[0].selectedOptions[0]?.textContent", list);
  await app.find("option", option, { within: list });
  await app.driver.executeScript("arguments[0].focus()", list);
  if ((await shown()) !== option) await app.type(option);
  await app.waitFor(async () => (await shown()) === option, { what: `"${option}" to be chosen` });
}

/** Goes to the records of an entity from wherever the window is. */
export async function openRecords(app: App, entity: string): Promise<void> {
  await app.click(["tab", "Records"]);
  await app.click(["treeitem", entity]);
  await app.find("toolbar", `Records of ${entity}`);
}

/** The grid of an entity that has records. */
export async function gridOf(app: App, entity: string): Promise<WebElement> {
  return app.find("grid", `Records of ${entity}`);
}

/** What is shown of a grid: one object a row, by column title. A record under way is the row "New record". */
export async function gridRows(app: App, grid: WebElement): Promise<Record<string, string>[]> {
  return app.driver.executeScript(
    `const [grid] = arguments;
     const titles = new Map([...grid.querySelectorAll('[role="columnheader"]')].map((h) =>
       [h.getAttribute("aria-colindex"), h.innerText.replace(/[\\s*]+$/, "").trim()]));
     return [...grid.querySelectorAll('[role="row"]')].filter((row) => row.querySelector('[role="gridcell"]')).map((row) =>
       Object.fromEntries([...row.querySelectorAll('[role="gridcell"]')].map((cell) =>
         [titles.get(cell.getAttribute("aria-colindex")), cell.innerText.trim()])));`,
    grid,
  );
}

/** One cell, by the title of its column and the number of its row from 1, or of the record under way. */
export async function cell(app: App, grid: WebElement, row: number | "new", column: string): Promise<WebElement> {
  let found: WebElement | null = null;
  await app.waitFor(
    async () => {
      found = await app.driver.executeScript<WebElement | null>(
        `const [grid, row, column] = arguments;
         const header = [...grid.querySelectorAll('[role="columnheader"]')].find((h) => h.innerText.replace(/[\\s*]+$/, "").trim() === column);
         const at = row === "new" ? '[role="row"][aria-label="New record"]' : '[role="row"][aria-rowindex="' + (row + 1) + '"]';
         return header && grid.querySelector(at + ' [role="gridcell"][aria-colindex="' + header.getAttribute("aria-colindex") + '"]');`,
        grid,
        row,
        column,
      );
      return found !== null;
    },
    { what: `the cell ${column} of row ${row}` },
  );
  return found as unknown as WebElement;
}

/** Adds one record by the keyboard: values in the order of the columns, null to leave one out. */
export async function addRecord(app: App, entity: string, values: (string | null)[]): Promise<void> {
  await app.click(await app.find("button", "New record", { within: await app.find("toolbar", `Records of ${entity}`) }));
  await app.find("row", "New record");
  for (const value of values) {
    await onNewRow(app);
    if (value === null) await app.press(Key.ARROW_RIGHT);
    else {
      await app.type(value);
      await app.press(Key.ENTER);
    }
  }
  await onNewRow(app);
  await app.press(Key.CONTROL, Key.ENTER);
  await app.gone("row", "New record");
}

/** Waits until the keyboard is on a cell of the record under way, so that no key goes astray. */
async function onNewRow(app: App): Promise<void> {
  await app.waitFor(
    () =>
      app.driver.executeScript<boolean>(
        `const a = document.activeElement;
         return a?.getAttribute("role") === "gridcell" && a.closest('[aria-label="New record"]') !== null;`,
      ),
    { what: "the focus in the new record" },
  );
}

/** Waits until something has stopped moving, as a hand does before it takes hold of it. */
export async function atRest(app: App, role: string, name: Name): Promise<void> {
  let last = "";
  let still = 0;
  await app.waitFor(
    async () => {
      const now = JSON.stringify(await (await app.find(role, name)).getRect());
      still = now === last ? still + 1 : 0;
      last = now;
      return still >= 4;
    },
    { what: `${role} "${name}" to be at rest` },
  );
}

/** Opens a cell's picker of records and chooses the one of that name. */
export async function pickRecord(app: App, grid: WebElement, row: number, column: string, name: string): Promise<void> {
  await app.doubleClick(await cell(app, grid, row, column));
  await app.find("combobox", new RegExp(`^${column}: search`));
  await app.type(name);
  await app.click(["option", new RegExp(`^${name}`)]);
}

/** What stands in a field. */
export async function value(element: WebElement): Promise<string | null> {
  return element.getAttribute("value");
}

/** The role and name of what has the focus, for saying where the keyboard is. */
export async function focused(app: App): Promise<string> {
  return app.driver.executeScript<string>(
    `const a = document.activeElement;
     if (!a || a === document.body) return "nothing";
     const role = a.getAttribute("role") || a.tagName.toLowerCase();
     return role + " " + (a.getAttribute("aria-label") || a.innerText || a.getAttribute("placeholder") || "").trim().slice(0, 60);`,
  );
}

/** Switches the theme by the palette and waits until the page has it. */
export async function useTheme(app: App, theme: "dark" | "light"): Promise<void> {
  const now = () =>
    app.driver.executeScript<string>("return document.documentElement.getAttribute('data-mantine-color-scheme')");
  if ((await now()) === theme) return;
  await command(app, `Use the ${theme} theme`);
  await app.waitFor(async () => (await now()) === theme, { what: `the ${theme} theme` });
}

/** Pictures in both themes of what `open` opens above the diagram and Esc closes. */
export async function opened(app: App, name: string, open: () => Promise<unknown>): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await useTheme(app, theme);
    await open();
    await app.screenshot(`${name}-${theme}`);
    await app.press(Key.ESCAPE);
    await app.waitFor(async () => (await app.all("dialog")).length === 0, { what: "the dialog to go" });
  }
}

/** Pictures of the same sight in both themes; ends in the one it began with. */
export async function inBoth(app: App, name: string): Promise<void> {
  const root = (script: string, theme?: string) =>
    app.driver.executeScript<string>(`const root = document.documentElement, key = "data-mantine-color-scheme"; ${script}`, theme);
  const first = (await root("return root.getAttribute(key)")) as "dark" | "light";
  // No palette opens above a dialog or in the middle of typing, and there the style sheet alone makes the difference.
  const typing = await app.driver.executeScript<boolean>('return document.activeElement?.matches("input, textarea") ?? false');
  const above = typing || (await app.all("dialog")).length > 0;
  const turn = async (theme: "dark" | "light") => {
    if (above) await root("root.setAttribute(key, arguments[0])", theme);
    else await useTheme(app, theme);
  };
  for (const theme of first === "dark" ? (["dark", "light"] as const) : (["light", "dark"] as const)) {
    await turn(theme);
    await app.screenshot(`${name}-${theme}`);
  }
  await turn(first);
}

/** What has been shown under a role since `watch` began, however short: names, with the value where there is one. */
export interface Sighting {
  name: string;
  done: number | null;
  total: number | null;
  phase: string | null;
}

/** Writes down every progress bar from now on, since a short job comes and goes between two looks. */
export async function watchProgress(app: App): Promise<() => Promise<Sighting[]>> {
  await app.driver.executeScript(
    `const seen = (window.sightings = []);
     let last = "";
     const number = (bar, key) => (bar.hasAttribute(key) ? Number(bar.getAttribute(key)) : null);
     const look = () => {
       for (const bar of document.querySelectorAll('[role="progressbar"]')) {
         const step = document.querySelector('[aria-label="Phases"] [aria-current="step"]');
         const one = {
           name: bar.getAttribute("aria-label"),
           done: number(bar, "aria-valuenow"),
           total: number(bar, "aria-valuemax"),
           phase: step && step.children[1].textContent,
         };
         const text = JSON.stringify(one);
         if (text !== last) seen.push(one);
         last = text;
       }
     };
     new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
     look();`,
  );
  return () => app.driver.executeScript<Sighting[]>("return window.sightings");
}

/** All records of an entity by the command line: what lies in the file, past the window. */
export function exported(app: App, workspace: string, entity: string): { data: Record<string, unknown> }[] {
  const lines = app.home.cli<{ data: Record<string, unknown> }[] | { data: Record<string, unknown> }>(
    "-w",
    workspace,
    "record",
    "export",
    entity,
  );
  const list = Array.isArray(lines) ? lines : [lines];
  expect(list.length, `${entity} has records in the file`).toBeGreaterThan(0);
  return list;
}
