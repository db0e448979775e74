// The tables of another program's database on a server, brought into a workspace by the window.
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { type App, expect, Key, type Server, startServer, test } from "../harness/index.ts";
import { password, psql } from "./remote.ts";
import { cell, command, gridOf, gridRows, inBoth, openRecords, value, watchProgress } from "./steps.ts";

let server: Server | null;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.leave());

const SHOP = `
  CREATE SCHEMA shop; CREATE SCHEMA crew; CREATE SCHEMA attic;
  CREATE TYPE shop.state AS ENUM ('new', 'paid', 'sent');
  CREATE TABLE crew.person (id int PRIMARY KEY, name text NOT NULL);
  CREATE TABLE shop.purchase (id int PRIMARY KEY, number text UNIQUE, state shop.state NOT NULL DEFAULT 'new', seller int REFERENCES crew.person);
  COMMENT ON TABLE shop.purchase IS 'What somebody has bought.';
  COMMENT ON COLUMN shop.purchase.number IS 'As it stands on the invoice.';
  CREATE VIEW shop.open_purchase AS SELECT * FROM shop.purchase WHERE state = 'new';
  CREATE TABLE attic.lumber (id int PRIMARY KEY);
  INSERT INTO crew.person VALUES (1, 'Ann'), (2, 'Ben');
  INSERT INTO shop.purchase SELECT n, 'A-' || lpad(n::text, 6, '0'), (ARRAY['new', 'paid', 'sent'])[n % 3 + 1]::shop.state, n % 2 + 1 FROM generate_series(1, 30000) n`;

test("a server's tables become entities: reached, chosen among, cancelled, imported, reported", async ({ launch, skip }) => {
  if (!server) return skip("skipped: no Postgres 15 or newer is installed");
  const database = `shop_${randomBytes(6).toString("hex")}`;
  psql(server, `CREATE DATABASE ${database}`);
  psql(server, SHOP, database);
  const app = await launch();
  await app.click(["button", "Import from a Postgres database"]);
  await app.find("dialog", "Import from a Postgres database");
  await inBoth(app, "import-server-empty");

  // The whole address at once; what is wrong with it stands under its own row.
  const address = `postgres://${server.user}:wrong@${server.host}:${server.port}/${database}?schema=shoop&sslmode=verify-full&sslrootcert=${encodeURIComponent(server.ca_file)}`;
  await paste(app, "Host", address);
  await app.click(["button", "Import"]);
  await app.seeText("refused this user or password");
  await inBoth(app, "import-server-wrong-password");
  await password(app, server.password);
  await app.click(["button", "Test"]);
  await app.seeText("Tables in 3 schemas");

  // No workspace is open, so one is made, once it is known that there is something to go into it.
  const path = app.home.path("bought.db");
  await app.answerFileDialog(path);
  await app.click(["button", "Import"]);
  await app.seeText('no schema "shoop"');
  await inBoth(app, "import-server-wrong-schema");
  const schemas = await app.find("combobox", "Schemas");
  await app.click(schemas);
  await app.press(Key.BACK_SPACE);
  await app.type("shop");
  await app.press(Key.ENTER);
  await app.type("crew");
  await app.press(Key.ENTER);
  await inBoth(app, "import-server-schemas");

  // Cancelled on the way: nothing of it stays, and the form has kept what was filled in.
  await app.click(["button", "Import"]);
  await app.find("progressbar", `Importing ${database}`);
  await inBoth(app, "import-server-running");
  await app.click(["button", "Cancel"]);
  await app.seeText("The import was stopped. Nothing was imported.");
  await inBoth(app, "import-server-cancelled");
  expect(app.home.cli("-w", path, "entity", "list")).toEqual([]);

  const sightings = await watchProgress(app);
  await app.click(["button", "Import"]);
  await app.find("button", "Done", { timeout: 120_000 });
  await app.seeText("30,002");
  await app.seeText("open_purchase");
  await inBoth(app, "import-server-report");
  const steps = (await sightings()).filter((s) => s.name === `Importing ${database}`);
  expect(steps.some((s) => s.done !== null && s.done > 0), "it shows how far it is").toBe(true);
  await app.click(["button", "Done"]);

  // The schema not named is left out; enum and comments have become options and descriptions.
  await app.find("treeitem", "purchase");
  await app.find("treeitem", "person");
  expect(await app.all("treeitem", /lumber/)).toEqual([]);
  type Field = { name: string; type: string; description: string | null; config: { options?: { value: string }[] } };
  const schema = await app.invoke<{ entities: { name: string; description: string | null; fields: Field[] }[] }>("schema");
  const purchase = schema.entities.find((e) => e.name === "purchase");
  expect(purchase?.description).toBe("What somebody has bought.");
  const field = (name: string) => purchase?.fields.find((f) => f.name === name);
  expect(field("number")?.description).toBe("As it stands on the invoice.");
  expect(field("state")?.type).toBe("select");
  await app.click(["treeitem", "purchase"]);
  expect(await value(await app.find("textbox", "Description"))).toBe("What somebody has bought.");
  await app.click(["button", /^state select/]);
  await app.find("group", "Field state");
  await inBoth(app, "import-server-select");

  await openRecords(app, "purchase");
  const grid = await gridOf(app, "purchase");
  await app.waitFor(async () => (await gridRows(app, grid))[0]?.number === "A-000001", { what: "the first record" });
  await app.doubleClick(await cell(app, grid, 1, "state"));
  for (const option of ["new", "paid", "sent"]) await app.find("option", new RegExp(`^${option}`));
  await app.press(Key.ESCAPE);

  // Again into the workspace that is open: the names are taken, which is said in the form.
  await command(app, "Import from a Postgres database");
  await paste(app, "Host", address.replace("wrong", encodeURIComponent(server.password)).replace("shoop", "shop"));
  await app.click(["button", "Import"]);
  await app.seeText(/already .*purchase|purchase.* already|taken/);
  await inBoth(app, "import-server-taken");
});

/** Puts a text into a box at once, as from the clipboard. */
async function paste(app: App, box: string, text: string): Promise<void> {
  const element = await app.find("textbox", box);
  await app.driver.executeScript(
    `const [box, text] = arguments; box.focus(); box.select(); document.execCommand("insertText", false, text);`,
    element,
    text,
  );
}
