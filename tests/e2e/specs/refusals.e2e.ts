import { spawnSync } from "node:child_process";
import { expect, Key, test } from "../harness/index.ts";
import { cell, gridOf, inBoth, openRecords } from "./steps.ts";

test("what is refused is said where it belongs, and nothing is lost", async ({ launch }) => {
  const app = await launch();
  const path = app.home.path("shop.db");
  const cli = (...args: string[]) => app.home.cli<{ id: string }>("-w", path, ...args);
  cli("init");
  cli("entity", "create", "Customer", "--field", "email:email:required,unique", "--field", "age:integer");
  cli("entity", "create", "Order", "--field", "number:string:required");
  cli("relationship", "add", "Order", "customer", "Customer", "--type", "many_to_one", "--on-delete", "cascade");
  const ann = cli("record", "insert", "Customer", JSON.stringify({ email: "ann@mail.example", age: 31 }));
  cli("record", "insert", "Customer", JSON.stringify({ email: "bob@mail.example", age: 44 }));
  for (const number of ["A-1", "A-2", "A-3"]) cli("record", "insert", "Order", JSON.stringify({ number, customer: ann.id }));
  await app.openWorkspace(path);

  // A value that is taken: the cell says so, and what was typed stays.
  await openRecords(app, "Customer");
  await app.seeText("bob@mail.example");
  const grid = await gridOf(app, "Customer");
  await app.click(await cell(app, grid, 2, "email"));
  await app.press(Key.ENTER);
  await app.press(Key.CONTROL, "a");
  await app.type("ann@mail.example");
  await app.press(Key.ENTER);
  await app.seeText("already");
  await app.screenshot("refused-edit-light");
  await app.press(Key.ESCAPE);

  // Deleting says what goes with it.
  await app.click(await cell(app, grid, 1, "email"));
  await app.press(Key.DELETE);
  const ask = await app.find("dialog", /^Delete /);
  await app.waitFor(async () => (await ask.getText()).includes("3 Order records"), { what: "what goes with it" });
  await inBoth(app, "refused-delete");
  await app.press(Key.ESCAPE);
  await app.gone("dialog", /^Delete /);

  // A value another program wrote that fits no integer: the plan lists it, and nothing has moved.
  const broken = spawnSync("sqlite3", [path, "UPDATE kdb_records SET data = json_set(data, '$.age', 'about forty') WHERE data LIKE '%bob%'"]);
  expect(broken.status, String(broken.stderr)).toBe(0);
  await app.click(["button", "Materialize"]);
  await app.seeText("about forty");
  await inBoth(app, "refused-plan");
  expect(app.home.cli<{ storage_mode: string }[]>("-w", path, "entity", "list").map((e) => e.storage_mode)).toEqual(["shared", "shared"]);
});
